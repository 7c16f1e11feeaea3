/**
 * Makes a failing program small. In: a program and what tells whether one fails. Out: a program that still fails, of
 * which nothing can be left out. First the loss becomes one value of the program, the earlier the better; then terms of
 * the loss go, then statements with all that reads them, then statements become one of their operands.
 */
import type { RandomProgram } from './program.ts';
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
  const ends = statements.map((statement) => endingAt(program, statement));
  const lessOne =
    terms.length < 3
      ? []
      : terms.map((term) => pruned({ ...program, terms: terms.filter((other) => other !== term) }));
  const fewer = statements.map((statement) => withoutStatement(program, statement));
  const simpler = statements.flatMap((statement) => withOperand(program, statement));
  return [...ends, ...lessOne, ...fewer, ...simpler].filter(
    (candidate) => candidate.terms.length > 0 && weightOf(candidate) < weightOf(program),
  );
}

const weightOf = ({ statements, terms }: RandomProgram): number => statements.length + terms.length;

/** With one value as the whole loss. */
function endingAt(program: RandomProgram, value: Statement): RandomProgram {
  const known = program.terms.find((term) => term.value === value)?.weight;
  const weight: Value = known ?? { name: `t_${value.name}`, shape: value.shape, dtype: 'f32', bound: 1 };
  const weights = known ? program.weights : [...program.weights, weight];
  return pruned({ ...program, weights, terms: [{ value, weight }] });
}

/** Without statements that no term needs. */
function pruned(program: RandomProgram): RandomProgram {
  const needed = new Set(program.terms.map(({ value }) => value.name));
  for (const { name, uses } of [...program.statements].reverse()) {
    if (needed.has(name)) uses.forEach((used) => needed.add(used));
  }
  return { ...program, statements: program.statements.filter(({ name }) => needed.has(name)) };
}

/** Without a statement and all that reads it. */
function withoutStatement(program: RandomProgram, left: Statement): RandomProgram {
  const gone = new Set([left.name]);
  for (const { name, uses } of program.statements) if (uses.some((used) => gone.has(used))) gone.add(name);
  return pruned({
    ...program,
    statements: program.statements.filter(({ name }) => !gone.has(name)),
    terms: program.terms.filter(({ value }) => !gone.has(value.name)),
  });
}

/** With an operand of the same type in a statement's place, or a leaf. */
function withOperand(program: RandomProgram, statement: Statement): RandomProgram[] {
  const known: readonly Value[] = [...program.weights, ...program.columns, ...program.statements];
  const alike = known.filter(
    ({ name, dtype, shape }) =>
      name !== statement.name &&
      dtype === statement.dtype &&
      sameShape(shape, statement.shape) &&
      isBefore(name, statement, program),
  );
  return alike.map((value) =>
    pruned({
      ...program,
      statements: program.statements
        .filter((other) => other !== statement)
        .map((other) => renamed(other, statement.name, value.name)),
      terms: program.terms.flatMap((term) => (term.value.name === statement.name ? [] : [term])),
    }),
  );
}

function isBefore(name: string, statement: Statement, { statements }: RandomProgram): boolean {
  const at = statements.findIndex((other) => other.name === name);
  return at < statements.indexOf(statement);
}

function renamed(statement: Statement, from: string, to: string): Statement {
  return {
    ...statement,
    text: statement.text.replace(new RegExp(`\\b${from}\\b`, 'g'), to),
    uses: statement.uses.map((name) => (name === from ? to : name)),
  };
}
