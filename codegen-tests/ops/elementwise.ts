/**
 * Makes samples of element-wise primitives: hand-picked points, random points inside the domain at odd
 * sizes and ranks 0 to 4, integers and truth values.
 */
import { hostTensor, type HostTensor } from '../../compiler/graph/host-tensor.ts';
import type { BinaryOp, DType, UnaryOp } from '../../compiler/graph/ir.ts';
import { positive, sample, SHAPES, tensorOf, vector, type OpSample } from './sample.ts';

/** A point of the domain for a uniform number in [0, 1). */
export type Domain = (u: number) => number;

export const between =
  (low: number, high: number): Domain =>
  (u) =>
    low + (high - low) * u;

/** Whole parts from -3 to 2; nothing lies within 0.1 of a whole number plus `offset`. */
export const away =
  (offset: number): Domain =>
  (u) =>
    Math.floor(u * 6) - 3 + offset + 0.1 + 0.8 * ((u * 6) % 1);

export const anywhere = between(-2, 2);

type Column = readonly number[];

/** `points`: arguments and results by hand. */
export function unary(
  op: UnaryOp,
  points: readonly [x: Column, result: Column],
  domain: Domain,
  more: readonly OpSample[] = [],
): OpSample[] {
  const [xs, expected] = points;
  return [
    sample(`${op} by hand`, { x: vector(xs) }, (b, x) => b.add(op, [x], {}), { expected, variables: [] }),
    ...SHAPES.map((shape, i) =>
      sample(`${op} of [${shape.join(', ')}]`, { x: tensorOf(shape, 100 + i, domain) }, (b, x) =>
        b.add(op, [x], {}),
      ),
    ),
    ...more,
  ];
}

/** `points`: both arguments and results by hand. `y`: the second operand by the first and a uniform number. */
export function binary(
  op: BinaryOp,
  points: readonly [x: Column, y: Column, result: Column],
  x: Domain,
  y: (x: number, u: number) => number,
  more: readonly OpSample[] = [],
): OpSample[] {
  const [xs, ys, expected] = points;
  const build: Parameters<typeof sample>[2] = (b, ...operands) => b.add(op, operands, {});
  return [
    sample(`${op} by hand`, { x: vector(xs), y: vector(ys) }, build, { expected, variables: [] }),
    ...SHAPES.map((shape, i) => {
      const first = tensorOf(shape, 200 + i, x);
      const chance = tensorOf(shape, 300 + i, (u) => u);
      const second = first.data.map((value, k) => Math.fround(y(value, chance.data[k] as number)));
      return sample(`${op} of [${shape.join(', ')}]`, { x: first, y: hostTensor(shape, second) }, build);
    }),
    ...more,
  ];
}

export function integers(
  op: UnaryOp | BinaryOp,
  dtype: DType,
  operands: readonly Column[],
  expected: Column,
): OpSample {
  const tensors = Object.fromEntries(operands.map((data, i) => ['xy'[i] as string, vector(data, dtype)]));
  return sample(`${op} of ${dtype}`, tensors, (b, ...inputs) => b.add(op, inputs, {}), { expected });
}

/** The four pairs of truth values: both, first alone, second alone, none; for `not`: true, false. */
export function truths(op: 'and' | 'or' | 'not' | 'eq' | 'ne', expected: Column): OpSample {
  const tensors: Record<string, HostTensor> =
    op === 'not' ? { x: vector([1, -1]) } : { x: vector([1, 1, -1, -1]), y: vector([1, -1, 1, -1]) };
  const build: Parameters<typeof sample>[2] = (b, ...inputs) => {
    const operands = inputs.map((id) => positive(b, id));
    return b.add(op, operands, {});
  };
  return sample(`${op} of bool`, tensors, build, { expected, variables: [] });
}
