/**
 * Random programs as text, and what they run on. In: a seed. Out: leaves, statements, the terms of the loss; their
 * `.net` text; values for weights and columns. Holds: the same seed gives the same program, to the byte.
 */
import { hostTensor, type HostTensor } from '../../compiler/graph/host-tensor.ts';
import { environment, type Environment } from '../../compiler/graph/interpret.ts';
import type { Program } from '../../compiler/semantics/program.ts';
import { draws } from '../support/draws.ts';
import { random } from '../semantics/calculating.ts';
import { ROWS } from './rows.ts';
import { Pool, sizeOf, type Row, type Statement, type Value } from './values.ts';

export interface RandomProgram {
  readonly seed: number;
  readonly batch: number;
  readonly weights: readonly Value[];
  readonly columns: readonly Value[];
  readonly statements: readonly Statement[];
  /** What the loss adds up: a value and the leaf of its shape that weighs its elements. */
  readonly terms: readonly { readonly value: Value; readonly weight: Value }[];
}

/** A program of a few statements; with `first` its first statement is by that row where it fits. */
export function randomProgram(seed: number, first?: Row): RandomProgram {
  const draw = draws(seed);
  const pool = new Pool(draw, draw.pick([1, 3, 5]));
  pool.column(pool.shape(draw.below(2) + 1), 'f32');
  pool.weight(pool.shape(1 + draw.below(3)));
  if (draw.chance(0.4)) pool.column([draw.pick([1, 3, 5])], 'u32');
  const count = 2 + draw.below(3);
  for (let tries = 0; pool.statements.length < count && tries < 40; tries++) {
    const row = tries < 10 && first && pool.statements.length === 0 ? first : draw.pick(ROWS);
    const made = row.make(pool);
    if (made) pool.add(made);
  }
  const used = new Set(pool.statements.flatMap(({ uses }) => uses));
  const sinks = pool.statements.filter(({ name }) => !used.has(name));
  return {
    seed,
    batch: pool.batch,
    terms: sinks.map((value) => ({ value, weight: pool.weight(value.shape) })),
    weights: pool.weights,
    columns: pool.columns,
    statements: pool.statements,
  };
}

/** The program as a file; leaves that nothing reads are left out. */
export function textOf(program: RandomProgram): string {
  const { batch, statements, terms } = program;
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
  const models = statements.flatMap(({ model }) => (model === undefined ? [] : [model]));
  const lines = [
    'data d {',
    ...(declared.length === 0 ? ['  record[B]'] : declared),
    `  batch = ${batch}`,
    '}',
    ...models,
    'model p: z[B] -> [B] {',
    ...weights.map(({ name, shape }) => `  param ${name}[${shape.join(', ')}] = normal(1.0)`),
    '  return z',
    '}',
    'train on d {',
    '  steps = 1',
    '  step {',
    '    met = p(zeros(B))',
    ...weights.map(({ name }) => `    ${name} = p.${name}`),
    ...columns.map(({ name }) => `    ${name} = raw_${name}[0]`),
    ...statements.map(({ name, text }) => `    ${name} = ${text}`),
    `    loss = ${terms.map(termText).join(' + ') || '0.0 * sum(met)'}`,
    '    minimize loss with sgd(lr = 0.1)',
    '  }',
    '}',
  ];
  return `${lines.join('\n')}\n`;
}

function termText({ value, weight }: RandomProgram['terms'][number]): string {
  const floats = value.dtype === 'f32' ? value.name : `f32(${value.name})`;
  return value.shape.length === 0 ? `${floats} * ${weight.name}` : `mean(${floats} * ${weight.name})`;
}

/** Values for the leaves, the same for the same names and shapes: weights in [-1, 1), small whole numbers. */
export function environmentFor({ batch, columns, seed }: RandomProgram, program: Program): Environment {
  const parameters = new Map(
    program.parameters.map(({ name, shape }) => [name, random(shape, hash(`${seed} ${name}`))]),
  );
  const inputs = new Map(
    columns.map((column): [string, HostTensor] => {
      const name = `raw_${column.name}`;
      const data = random([batch, ...column.shape], hash(`${seed} ${name}`));
      if (column.dtype === 'f32') return [name, data];
      const whole = [...data.data].map((value) => Math.floor((value + 1) * 4));
      return [name, hostTensor(data.shape, whole, 'u32')];
    }),
  );
  return environment({ batch, seed: 1, draw: 1, parameters, inputs });
}

function hash(text: string): number {
  let value = 7;
  for (const character of text) value = (Math.imul(value, 31) + character.charCodeAt(0)) >>> 0;
  return value % 100_003;
}

/** The most terms that one sum of the program has, about: what tolerances go by. */
export function termsIn({ weights, columns, statements }: RandomProgram): number {
  return Math.max(1, ...[...weights, ...columns, ...statements].map(({ shape }) => sizeOf(shape)));
}
