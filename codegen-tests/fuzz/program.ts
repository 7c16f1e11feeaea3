/**
 * Random programs as text. In: a seed. Out: leaves, statements, the terms of the loss; their `.net` text. Half of them
 * are one gradient of an expression; the others train for three steps on whole batches and are evaluated on others.
 * Holds: the same seed gives the same program, to the byte.
 */
import { draws } from '../support/draws.ts';
import { randomOptimizer } from './optimizers.ts';
import { ROWS } from './rows.ts';
import { Pool, type Row, type Statement, type Value } from './values.ts';

export interface RandomProgram {
  readonly seed: number;
  readonly batch: number;
  readonly weights: readonly Value[];
  readonly columns: readonly Value[];
  readonly statements: readonly Statement[];
  /** What the loss adds up: a value and the leaf of its shape that weighs its elements. */
  readonly terms: readonly { readonly value: Value; readonly weight: Value }[];
  readonly steps: number;
  /** What stands behind `with`. */
  readonly optimizer: string;
}

/** How the names of weights begin that weigh a term of the loss. */
export const TERM_WEIGHT = 't_';

/** A program of a few statements; with `first` its first statement is by that row where it fits. */
export function randomProgram(seed: number, first?: Row): RandomProgram {
  const draw = draws(seed);
  const batched = draw.chance(0.5);
  const large = draw.chance(0.05);
  const sizes = batched ? [1, 3, 5, 7, 8, 2] : [1, 3];
  const batch = batched && draw.chance(0.05) ? 31 : draw.pick(sizes);
  const pool = new Pool(draw, { batch, batched, large });
  pool.column(pool.shape(draw.below(3) + (batched ? 0 : 1), batched), 'f32');
  pool.weight(pool.shape(1 + draw.below(3)));
  if (draw.chance(0.4)) pool.column(batched ? [] : [draw.pick([1, 3, 5])], 'u32');
  const count = large ? 2 : 2 + draw.below(3);
  for (let tries = 0; pool.statements.length < count && tries < 40; tries++) {
    const row = tries < 10 && first && pool.statements.length === 0 ? first : draw.pick(ROWS);
    const made = row.make(pool);
    if (made) pool.add(made);
  }
  const used = new Set(pool.statements.flatMap(({ uses }) => uses));
  const sinks = pool.statements.flatMap(({ values }) => values).filter(({ name }) => !used.has(name));
  return {
    seed,
    batch,
    terms: sinks.map((value) => ({ value, weight: pool.weight(value.shape, TERM_WEIGHT + value.name) })),
    weights: pool.weights,
    columns: pool.columns,
    statements: pool.statements,
    steps: batched ? 3 : 1,
    optimizer: batched ? randomOptimizer(draw) : 'sgd(lr = 0.1)',
  };
}

/** The program as a file; leaves that nothing reads are left out. */
export function textOf(program: RandomProgram): string {
  const { batch, statements, terms, steps, optimizer } = program;
  const read = new Set([
    ...statements.flatMap(({ uses }) => uses),
    ...terms.flatMap(({ value, weight }) => [value.name, weight.name]),
  ]);
  const columns = program.columns.filter(({ name }) => read.has(name));
  const weights = program.weights.filter(({ name }) => read.has(name));
  const declared = columns.map(
    ({ name, shape, dtype }) =>
      `  raw_${name}[${['B', ...shape].join(', ')}]${dtype === 'f32' ? '' : ` ${dtype}`}`,
  );
  const lines = [
    'data d {',
    ...(declared.length === 0 ? ['  record[B]'] : declared),
    `  batch = ${batch}`,
    '}',
    ...statements.flatMap(({ model }) => (model === undefined ? [] : [model])),
    'model p: z[B] -> [B] {',
    ...weights.map(({ name, shape }) => `  param ${name}[${shape.join(', ')}] = normal(1.0)`),
    '  return z',
    '}',
    'train on d {',
    `  steps = ${steps}, seed = ${program.seed % 1000}`,
    '  step {',
    '    met = p(zeros(B))',
    ...weights.map(({ name }) => `    ${name} = p.${name}`),
    ...columns.map(({ name, batched }) => `    ${name} = raw_${name}${batched ? '' : '[0]'}`),
    ...statements.map(({ values, text }) => `    ${targetOf(values)} = ${text}`),
    `    loss = ${terms.map(termText).join(' + ') || '0.0 * sum(met)'}`,
    `    minimize loss with ${optimizer}`,
    '  }',
    '}',
  ];
  return `${lines.join('\n')}\n`;
}

const targetOf = (values: readonly Value[]): string => {
  const names = values.map(({ name }) => name).join(', ');
  return values.length === 1 ? names : `(${names})`;
};

function termText({ value, weight }: RandomProgram['terms'][number]): string {
  const floats = value.dtype === 'f32' ? value.name : `f32(${value.name})`;
  const product = `${floats} * ${weight.name}`;
  return value.shape.length === 0 && !value.batched ? product : `mean(${product})`;
}
