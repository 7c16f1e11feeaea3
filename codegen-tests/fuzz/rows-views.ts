/** Rows of movement: views, indexing, joining, cutting, padding. */
import { axisText, countsOf, dimsOf, indexed, tuple } from './texts.ts';
import type { Made, Pool, Row, Value } from './values.ts';
import { replaced, sizeOf, without } from './values.ts';

const any = (pool: Pool, rank: number): Value =>
  (pool.draw.chance(0.15)
    ? pool.pick(({ dtype, shape }) => dtype !== 'f32' && shape.length >= rank)
    : undefined) ?? pool.float(rank);

/** A row about one value and one of its axes. */
function axisRow(
  of: readonly string[],
  make: (x: Value, axis: number, pool: Pool) => Pick<Made, 'text' | 'shape' | 'more'> | undefined,
): Row {
  return {
    of,
    make(pool) {
      const x = any(pool, 1);
      const made = make(x, pool.axis(x), pool);
      if (!made || !pool.fits(made.shape, x.batched)) return undefined;
      const more = (made.more ?? []).map((value) => ({ ...value, dtype: x.dtype, bound: x.bound }));
      return { ...made, more, uses: [x], dtype: x.dtype, bound: x.bound };
    },
  };
}

const SHAPES: readonly Row[] = [
  axisRow(['reshape'], (x) => ({
    text: `reshape(${x.name}, ${dimsOf(x, [-1])})`,
    shape: [sizeOf(x.shape)],
  })),
  axisRow(['reshape'], (x, axis) => {
    const size = x.shape[axis] ?? 1;
    const shape = [size, sizeOf(x.shape) / size];
    return { text: `reshape(${x.name}, ${dimsOf(x, shape)})`, shape };
  }),
  axisRow(['transpose'], (x, _axis, pool) => {
    const order = x.shape.map((_, axis) => ({ axis, key: pool.draw.next() })).sort((a, b) => a.key - b.key);
    const axes = order.map(({ axis }) => axis);
    const shown = [...(x.batched ? [0] : []), ...axes.map((axis) => axis + Number(x.batched))];
    return {
      text: `transpose(${x.name}, ${shown.join(', ')})`,
      shape: axes.map((axis) => x.shape[axis] ?? 1),
    };
  }),
  axisRow(['unsqueeze'], (x, axis) => ({
    text: `unsqueeze(${x.name}, ${axis + Number(x.batched)})`,
    shape: [...x.shape.slice(0, axis), 1, ...x.shape.slice(axis)],
  })),
  axisRow(['squeeze'], (x, axis, pool) =>
    x.shape[axis] === 1
      ? { text: `squeeze(${x.name}, ${axisText(pool, x, axis)})`, shape: without(x.shape, axis) }
      : undefined,
  ),
  axisRow(['expand'], (x, axis, pool) => {
    if (x.shape[axis] !== 1) return undefined;
    const shape = replaced(x.shape, axis, pool.draw.pick([3, 5]));
    return { text: `expand(${x.name}, ${dimsOf(x, shape)})`, shape };
  }),
  axisRow(['tile'], (x, axis) => {
    const counts = x.shape.map((_, index) => (index === axis ? 3 : 1));
    return {
      text: `tile(${x.name}, ${[...(x.batched ? [1] : []), ...counts].join(', ')})`,
      shape: replaced(x.shape, axis, 3 * (x.shape[axis] ?? 1)),
    };
  }),
  axisRow(['flatten'], (x) => {
    if (x.shape.length < (x.batched ? 1 : 2)) return undefined;
    const shape = x.batched ? [sizeOf(x.shape)] : [x.shape[0] ?? 1, sizeOf(x.shape.slice(1))];
    return { text: `flatten(${x.name})`, shape };
  }),
];

const PARTS: readonly Row[] = [
  axisRow(['reverse'], (x, axis, pool) => ({
    text: `reverse(${x.name}, ${axisText(pool, x, axis)})`,
    shape: x.shape,
  })),
  axisRow([':'], (x, axis, pool) => {
    const size = x.shape[axis] ?? 1;
    const start = pool.draw.below(size);
    const step = pool.draw.pick([1, 1, 2, 3]);
    const text = indexed(pool, x, axis, `${start}:${step === 1 ? '' : `:${step}`}`);
    return { text, shape: replaced(x.shape, axis, Math.ceil((size - start) / step)) };
  }),
  axisRow([':'], (x, axis, pool) => {
    const size = x.shape[axis] ?? 1;
    const at = pool.draw.below(size);
    const text = indexed(pool, x, axis, pool.draw.chance(0.5) ? `${at}` : `${at - size}`);
    return { text, shape: without(x.shape, axis) };
  }),
  axisRow(['split'], (x, axis, pool) => {
    const size = x.shape[axis] ?? 1;
    if (size < 2) return undefined;
    const at = axisText(pool, x, axis);
    const parts = [2, 3, 4].filter((count) => size % count === 0);
    if (parts.length > 0 && pool.draw.chance(0.5)) {
      const count = pool.draw.pick(parts);
      const shape = replaced(x.shape, axis, size / count);
      const more = Array.from({ length: count - 1 }, () => ({ shape }));
      return { text: `split(${x.name}, ${count}, axis = ${at})`, shape, more };
    }
    const first = 1 + pool.draw.below(size - 1);
    return {
      text: `split(${x.name}, sizes = (${first}, ${size - first}), axis = ${at})`,
      shape: replaced(x.shape, axis, first),
      more: [{ shape: replaced(x.shape, axis, size - first) }],
    };
  }),
  axisRow(['tril', 'triu'], (x, _axis, pool) =>
    x.shape.length >= 2 && x.dtype === 'f32'
      ? { text: `${pool.draw.pick(['tril', 'triu'])}(${x.name})`, shape: x.shape }
      : undefined,
  ),
];

const JOINING: readonly Row[] = [
  axisRow(['concat'], (x, axis, pool) => ({
    text: `concat(${x.name}, ${indexed(pool, x, axis, ':1')}, axis = ${axisText(pool, x, axis)})`,
    shape: replaced(x.shape, axis, (x.shape[axis] ?? 1) + 1),
  })),
  {
    of: ['concat', 'stack'],
    make(pool) {
      const x = pool.float(1);
      const axis = pool.axis(x);
      const others = pool.values.filter(
        ({ dtype, batched, shape }) =>
          dtype === 'f32' && batched === x.batched && shape.length === x.shape.length && without(shape, axis).join() === without(x.shape, axis).join(),
      );
      const parts = [x, ...[1, 2].map(() => (others.length > 0 ? pool.draw.pick(others) : x))];
      const total = parts.reduce((sum, { shape }) => sum + (shape[axis] ?? 1), 0);
      const shape = replaced(x.shape, axis, total);
      if (!pool.fits(shape, x.batched)) return undefined;
      const text = `concat(${parts.map(({ name }) => name).join(', ')}, axis = ${axisText(pool, x, axis)})`;
      return { text, uses: parts, shape, bound: Math.max(...parts.map(({ bound }) => bound)) };
    },
  },
  axisRow(['stack'], (x, axis, pool) => ({
    text: `stack(${x.name}, reverse(${x.name}, ${axisText(pool, x, axis)}), axis = ${axis + Number(x.batched)})`,
    shape: [...x.shape.slice(0, axis), 2, ...x.shape.slice(axis)],
  })),
]; // prettier-ignore

/** `before` and `after` of one axis. */
const margins = (x: Value, axis: number, before: number, after: number): string => {
  const at = (count: number): string =>
    countsOf(x, x.shape.map((_, index) => (index === axis ? count : 0))); // prettier-ignore
  return `before = ${at(before)}, after = ${at(after)}`;
};

const PADDING: readonly Row[] = [
  axisRow(['pad'], (x, axis, pool) => {
    const [before, after] = [pool.draw.below(3), pool.draw.below(3)];
    if (x.dtype !== 'f32') return undefined;
    return {
      text: `pad(${x.name}, ${margins(x, axis, before, after)}, value = 0.5)`,
      shape: replaced(x.shape, axis, (x.shape[axis] ?? 1) + before + after),
    };
  }),
  {
    of: ['pad'],
    make(pool) {
      const x = pool.float(1);
      const axis = pool.axis(x);
      const size = x.shape[axis] ?? 1;
      const most = Math.min(size, 3);
      const [before, after] = [pool.draw.below(most), pool.draw.below(most)];
      const mode = pool.draw.pick(['edge', 'reflect']);
      return {
        text: `pad(${x.name}, ${margins(x, axis, before, after)}, mode = ${mode})`,
        uses: [x],
        shape: replaced(x.shape, axis, size + before + after),
        bound: x.bound,
      };
    },
  },
  {
    of: ['upsample'],
    make(pool) {
      const lead = pool.batched ? 1 : 2;
      const x = pool.float(lead + 1, (value) => value.batched === pool.batched);
      const spatial = x.shape.slice(x.batched ? 1 : 2);
      if (spatial.length === 0 || spatial.length > 2) return undefined;
      const scales = spatial.map(() => pool.draw.pick([1, 2, 3]));
      const shape = [...x.shape.slice(0, x.batched ? 1 : 2), ...spatial.map((n, i) => n * (scales[i] ?? 1))];
      if (!pool.fits(shape, x.batched)) return undefined;
      const mode = pool.draw.pick(['nearest', 'bilinear']);
      return {
        text: `upsample(${x.name}, ${tuple(scales)}, mode = ${mode})`,
        uses: [x],
        shape,
        bound: x.bound,
      };
    },
  },
];

const CONSTANTS: Row = {
  of: ['iota', 'full', 'ones', 'zeros'],
  make(pool) {
    const x = pool.float(1);
    const size = x.shape.at(-1) ?? 1;
    const dims = dimsOf(x, x.shape);
    const text = pool.draw.pick([
      `${x.name} + 0.1 * f32(iota(${size}))`, `${x.name} - full(0.5, ${dims})`, `ones(${dims}) / 2 + ${x.name} * zeros(${size})`,
    ]); // prettier-ignore
    return { text, uses: [x], shape: x.shape, bound: x.bound + (size > 25 ? 13 : 3) };
  },
};

export const VIEW_ROWS: readonly Row[] = [...SHAPES, ...PARTS, ...JOINING, ...PADDING, CONSTANTS];
