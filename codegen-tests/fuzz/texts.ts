/** How shapes, axes and ranges of values are written, whether the values are batched or not. */
import type { Pool, Value } from './values.ts';

/** An axis of a record's shape: counted from the end or, by chance or with the batch, from the start. */
export function axisText(pool: Pool, { shape, batched }: Value, axis: number): string {
  return String(pool.draw.chance(0.5) ? axis - shape.length : axis + (batched ? 1 : 0));
}

/** Several axes, counted in one way. */
export function axesText(pool: Pool, { shape, batched }: Value, axes: readonly number[]): string {
  const shift = pool.draw.chance(0.5) ? -shape.length : Number(batched);
  return tuple(axes.map((axis) => axis + shift));
}

/** The dimensions of a tensor that is batched as `value` is. */
export const dimsOf = ({ batched }: Pick<Value, 'batched'>, shape: readonly (number | string)[]): string =>
  [...(batched ? ['B'] : []), ...shape].join(', ');

/** `name[…]` with a range or a place at an axis. */
export function indexed(pool: Pool, { name, shape, batched }: Value, axis: number, range: string): string {
  const colons = (count: number): string[] => Array.from({ length: count }, () => ':');
  const ranges = pool.draw.chance(0.3)
    ? ['...', range, ...colons(shape.length - 1 - axis)]
    : [...colons(axis + (batched ? 1 : 0)), range];
  return `${name}[${ranges.join(', ')}]`;
}

/** One number an axis, the batch's in front: 0 unless `ofBatch` says otherwise. */
export const countsOf = ({ batched }: Value, counts: readonly number[], ofBatch = 0): string =>
  tuple([...(batched ? [ofBatch] : []), ...counts]);

export const tuple = (numbers: readonly (number | string)[]): string =>
  numbers.length === 1 ? String(numbers[0]) : `(${numbers.join(', ')})`;

/** All axes, the batch among them. */
export const fullShape = (pool: Pool, { shape, batched }: Value): number[] =>
  batched ? [pool.batch, ...shape] : [...shape];

/** The record's shape of what has these axes in all, for a value that is batched as `value` is. */
export const recordShape = ({ batched }: Value, full: readonly number[]): number[] =>
  full.slice(batched ? 1 : 0);
