/**
 * Makes a failing program small. In: a program and what tells whether one fails. Out: a program that still fails, of
 * which nothing can be left out. First the loss becomes one value of the program, the earlier the better; then terms of
 * the loss go, then statements with all that reads them, then statements become one of their operands, then training
 * becomes simpler.
 */
import { TERM_WEIGHT, type RandomProgram } from './program.ts';
import { sameShape, type Statement, type Value } from './values.ts';

export async function shrink(
  program: RandomProgram,
  fails: (program: RandomProgram) => Promise<boolean>,
): Promise<RandomProgram> {
  let smallest = program;
  for (let candidates = smaller(smallest); ;) {
    const next = await firstThat(candidates, fails);
    if (!next) return smallest;
    smallest = next;
    candidates = smaller(smallest);
  }
}

async function firstThat(
  candidates: readonly RandomProgram[],
  fails: (program: RandomProgram) => Promise<boolean>,
): Promise<RandomProgram | undefined> {
  for (const candidate of candidates) if (await fails(candidate)) return candidate;
  return undefined;
}

/** Programs with one thing less, the larger steps first. */
function smaller(program: RandomProgram): RandomProgram[] {
  const { terms, statements } = program;
  const ends = statements.flatMap(({ values }) => values.map((value) => endingAt(program, value)));
  const lessOne =
    terms.length < 3
      ? []
      : terms.map((term) => pruned({ ...program, terms: terms.filter((other) => other !== term) }));
  const fewer = statements.map((statement) => withoutStatement(program, statement));
  const simpler = statements.flatMap((statement) => withOperand(program, statement));
  const trained = [
    { ...program, steps: 1 },
    { ...program, optimizer: 'sgd(lr = 0.1)' },
    { ...program, optimizer: program.optimizer.replace(/^.* -> /, '') },
  ];
  return [...ends, ...lessOne, ...fewer, ...simpler, ...trained].filter(
    (candidate) => candidate.terms.length > 0 && weightOf(candidate) < weightOf(program),
  );
}

const weightOf = ({ statements, terms, steps, optimizer }: RandomProgram): number =>
  statements.length + terms.length + 0.1 * steps + 0.001 * optimizer.length;

/** With one value as the whole loss. */
function endingAt(program: RandomProgram, value: Value): RandomProgram {
  const known = program.terms.find((term) => term.value === value)?.weight;
  const weight: Value = known ?? {
    name: TERM_WEIGHT + value.name, shape: value.shape, dtype: 'f32', bound: 1, batched: false,
  }; // prettier-ignore
  const weights = known ? program.weights : [...program.weights, weight];
  return pruned({ ...program, weights, terms: [{ value, weight }] });
}

const makes = (statement: Statement, names: ReadonlySet<string>): boolean =>
  statement.values.some(({ name }) => names.has(name));

/** Without statements that no term needs. */
function pruned(program: RandomProgram): RandomProgram {
  const needed = new Set(program.terms.map(({ value }) => value.name));
  for (const statement of [...program.statements].reverse()) {
    if (makes(statement, needed)) statement.uses.forEach((used) => needed.add(used));
  }
  return { ...program, statements: program.statements.filter((statement) => makes(statement, needed)) };
}

/** Without a statement and all that reads it. */
function withoutStatement(program: RandomProgram, left: Statement): RandomProgram {
  const gone = new Set(left.values.map(({ name }) => name));
  for (const { values, uses } of program.statements)
    if (uses.some((used) => gone.has(used))) values.forEach(({ name }) => gone.add(name));
  return pruned({
    ...program,
    statements: program.statements.filter((statement) => !makes(statement, gone)),
    terms: program.terms.filter(({ value }) => !gone.has(value.name)),
  });
}

/** With an operand of the same type in the place of a statement's only value, or a leaf. */
function withOperand(program: RandomProgram, statement: Statement): RandomProgram[] {
  const [value, ...more] = statement.values;
  if (!value || more.length > 0) return [];
  const earlier = program.statements.slice(0, program.statements.indexOf(statement));
  const known = [...program.weights, ...program.columns, ...earlier.flatMap(({ values }) => values)];
  const alike = known.filter(
    ({ dtype, shape, batched }) =>
      dtype === value.dtype && batched === value.batched && sameShape(shape, value.shape),
  );
  return alike.map((other) =>
    pruned({
      ...program,
      statements: program.statements
        .filter((kept) => kept !== statement)
        .map((kept) => renamed(kept, value.name, other.name)),
      terms: program.terms.flatMap((term) => (term.value === value ? [] : [term])),
    }),
  );
}

function renamed(statement: Statement, from: string, to: string): Statement {
  return {
    ...statement,
    text: statement.text.replace(new RegExp(`\\b${from}\\b`, 'g'), to),
    uses: statement.uses.map((name) => (name === from ? to : name)),
  };
}
