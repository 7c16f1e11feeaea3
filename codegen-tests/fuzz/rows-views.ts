/** Rows of movement: views, indexing, joining, and what looks things up. */
import type { Pool, Row, Value } from './values.ts';
import { MOST_ELEMENTS, sizeOf } from './values.ts';

const any = (pool: Pool, rank: number): Value =>
  (pool.draw.chance(0.15)
    ? pool.pick(({ dtype, shape }) => dtype !== 'f32' && shape.length >= rank)
    : undefined) ?? pool.float(rank);

/** A row about one value and one of its axes. */
function axisRow(
  of: readonly string[],
  make: (x: Value, axis: number, pool: Pool) => { text: string; shape: readonly number[] } | undefined,
): Row {
  return {
    of,
    make(pool) {
      const x = any(pool, 1);
      const made = make(x, pool.axis(x), pool);
      if (!made || sizeOf(made.shape) > MOST_ELEMENTS || made.shape.length > 5) return undefined;
      return { ...made, uses: [x.name], dtype: x.dtype, bound: x.bound };
    },
  };
}

const replaced = (shape: readonly number[], axis: number, size: number): number[] =>
  shape.map((old, index) => (index === axis ? size : old));

const without = (shape: readonly number[], axis: number): number[] =>
  shape.filter((_, index) => index !== axis);

/** `[:, …, range]` with the range at an axis. */
const indexed = (name: string, axis: number, range: string): string =>
  `${name}[${[...Array.from({ length: axis }, () => ':'), range].join(', ')}]`;

export const VIEW_ROWS: readonly Row[] = [
  axisRow(['reshape'], (x) => ({ text: `reshape(${x.name}, -1)`, shape: [sizeOf(x.shape)] })),
  axisRow(['reshape'], (x, axis) => {
    const size = x.shape[axis] ?? 1;
    const shape = [size, sizeOf(x.shape) / size];
    return { text: `reshape(${x.name}, ${shape.join(', ')})`, shape };
  }),
  axisRow(['transpose'], (x, _axis, pool) => {
    const order = x.shape.map((_, axis) => ({ axis, key: pool.draw.next() })).sort((a, b) => a.key - b.key);
    const axes = order.map(({ axis }) => axis);
    return {
      text: `transpose(${x.name}, ${axes.join(', ')})`,
      shape: axes.map((axis) => x.shape[axis] ?? 1),
    };
  }),
  axisRow(['unsqueeze'], (x, axis) => ({
    text: `unsqueeze(${x.name}, ${axis})`,
    shape: [...x.shape.slice(0, axis), 1, ...x.shape.slice(axis)],
  })),
  axisRow(['squeeze'], (x, axis) =>
    x.shape[axis] === 1 ? { text: `squeeze(${x.name}, ${axis})`, shape: without(x.shape, axis) } : undefined,
  ),
  axisRow(['expand'], (x, axis, pool) => {
    if (x.shape[axis] !== 1) return undefined;
    const shape = replaced(x.shape, axis, pool.draw.pick([3, 5]));
    return { text: `expand(${x.name}, ${shape.join(', ')})`, shape };
  }),
  axisRow(['reverse'], (x, axis) => ({ text: `reverse(${x.name}, ${axis})`, shape: x.shape })),
  axisRow([':'], (x, axis, pool) => {
    const size = x.shape[axis] ?? 1;
    const start = pool.draw.below(size);
    const step = pool.draw.pick([1, 1, 2, 3]);
    const text = indexed(x.name, axis, `${start}:${step === 1 ? '' : `:${step}`}`);
    return { text, shape: replaced(x.shape, axis, Math.ceil((size - start) / step)) };
  }),
  axisRow([':'], (x, axis, pool) => {
    const at = pool.draw.below(x.shape[axis] ?? 1);
    return {
      text: indexed(x.name, axis, pool.draw.chance(0.5) ? `${at}` : `${at - (x.shape[axis] ?? 1)}`),
      shape: without(x.shape, axis),
    };
  }),
  axisRow(['pad'], (x, axis, pool) => {
    const [before, after] = [pool.draw.below(3), pool.draw.below(3)];
    const size = x.shape[axis] ?? 1;
    if (x.dtype !== 'f32') return undefined;
    const at = (count: number): string => tuple(x.shape.map((_, index) => (index === axis ? count : 0)));
    return {
      text: `pad(${x.name}, before = ${at(before)}, after = ${at(after)}, value = 0.5)`,
      shape: replaced(x.shape, axis, size + before + after),
    };
  }),
  axisRow(['tile'], (x, axis) => ({
    text: `tile(${x.name}, ${x.shape.map((_, index) => (index === axis ? 3 : 1)).join(', ')})`,
    shape: replaced(x.shape, axis, 3 * (x.shape[axis] ?? 1)),
  })),
  axisRow(['concat'], (x, axis) => ({
    text: `concat(${x.name}, ${indexed(x.name, axis, ':1')}, axis = ${axis})`,
    shape: replaced(x.shape, axis, (x.shape[axis] ?? 1) + 1),
  })),
  axisRow(['stack'], (x, axis) => ({
    text: `stack(${x.name}, reverse(${x.name}, ${axis}), axis = ${axis})`,
    shape: [...x.shape.slice(0, axis), 2, ...x.shape.slice(axis)],
  })),
  axisRow(['tril', 'triu'], (x, _axis, pool) =>
    x.shape.length >= 2 && x.dtype === 'f32'
      ? { text: `${pool.draw.pick(['tril', 'triu'])}(${x.name})`, shape: x.shape }
      : undefined,
  ),
  axisRow(['flatten'], (x) =>
    x.shape.length >= 2
      ? { text: `flatten(${x.name})`, shape: [x.shape[0] ?? 1, sizeOf(x.shape.slice(1))] }
      : undefined,
  ),
  {
    of: ['take'],
    make(pool) {
      const x = pool.float(1);
      const axis = pool.axis(x);
      const index =
        pool.pick(({ dtype, shape }) => dtype === 'u32' && shape.length <= 2) ??
        pool.column([pool.draw.pick([1, 3, 5])], 'u32');
      const shape = [...x.shape.slice(0, axis), ...index.shape, ...x.shape.slice(axis + 1)];
      if (sizeOf(shape) > MOST_ELEMENTS || shape.length > 5) return undefined;
      const text = `take(${x.name}, ${index.name} % ${x.shape[axis]}, axis = ${axis})`;
      return { text, uses: [x.name, index.name], shape, dtype: 'f32', bound: x.bound };
    },
  },
  {
    of: ['scatter_add'],
    make(pool) {
      const x = pool.float(1);
      const index =
        pool.pick(({ dtype, shape }) => dtype === 'u32' && shape.length === 1) ??
        pool.column([pool.draw.pick([1, 3, 5])], 'u32');
      const source = pool.weight([...index.shape, ...x.shape.slice(1)]);
      const text = `scatter_add(${x.name}, ${index.name} % ${x.shape[0]}, ${source.name})`;
      return {
        text,
        uses: [x.name, index.name, source.name],
        shape: x.shape,
        dtype: 'f32',
        bound: x.bound + 3,
      };
    },
  },
  {
    of: ['one_hot'],
    make(pool) {
      const x =
        pool.pick(({ dtype, shape }) => dtype === 'u32' && shape.length <= 3) ??
        pool.column([pool.draw.pick([1, 3, 5])], 'u32');
      return {
        text: `one_hot(${x.name} % 5, 5)`,
        uses: [x.name],
        shape: [...x.shape, 5],
        dtype: 'f32',
        bound: 1,
      };
    },
  },
  {
    of: ['iota', 'full', 'ones', 'zeros'],
    make(pool) {
      const x = pool.float(1);
      const size = x.shape.at(-1) ?? 1;
      const dims = x.shape.join(', ');
      const text = pool.draw.pick([
        `${x.name} + 0.1 * f32(iota(${size}))`, `${x.name} - full(0.5, ${dims})`, `ones(${dims}) / 2 + ${x.name} * zeros(${size})`,
      ]); // prettier-ignore
      return { text, uses: [x.name], shape: x.shape, dtype: 'f32', bound: x.bound + (size > 100 ? 13 : 1) };
    },
  },
];

const tuple = (numbers: readonly number[]): string =>
  numbers.length === 1 ? `${numbers[0]}` : `(${numbers.join(', ')})`;
