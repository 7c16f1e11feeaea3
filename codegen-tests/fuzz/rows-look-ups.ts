/** Rows of what looks up and sums along: take, gather, scatter_add, one_hot, embedding, cumsum, top_k. */
import { axisText } from './texts.ts';
import type { Made, Pool, Row, Value } from './values.ts';
import { replaced, sameShape } from './values.ts';

/** A vector of whole numbers that is the same for all records; made of a weight where there is none. */
const indices = (pool: Pool, size: number): { text: string; uses: Value[]; length: number } => {
  const known = pool.pick(
    ({ dtype, shape, batched }) => dtype === 'u32' && shape.length === 1 && !batched,
  );
  if (known) return { text: `${known.name} % ${size}`, uses: [known], length: known.shape[0] ?? 1 };
  const length = pool.draw.pick([1, 3, 5, 7]);
  const weight = pool.weight([length]);
  return { text: `u32(9 * abs(detach(${weight.name}))) % ${size}`, uses: [weight], length };
}; // prettier-ignore

const TAKING: readonly Row[] = [
  {
    of: ['take'],
    make(pool) {
      const x = pool.float(1);
      const axis = pool.axis(x);
      const index = indices(pool, x.shape[axis] ?? 1);
      const shape = replaced(x.shape, axis, index.length);
      if (!pool.fits(shape, x.batched)) return undefined;
      const text = `take(${x.name}, ${index.text}, axis = ${axisText(pool, x, axis)})`;
      return { text, uses: [x, ...index.uses], shape, bound: x.bound };
    },
  },
  {
    of: ['take'],
    make(pool) {
      const index = pool.integer(0, ({ dtype }) => dtype === 'u32');
      const x = pool.float(1, ({ batched }) => !batched);
      const shape = [...index.shape, ...x.shape.slice(1)];
      if (!pool.fits(shape, index.batched) || x.batched || index.dtype !== 'u32') return undefined;
      return { text: `take(${x.name}, ${index.name} % ${x.shape[0]})`, uses: [x, index], shape, bound: x.bound };
    },
  },
  {
    of: ['embedding'],
    make(pool) {
      const index = pool.integer(0, ({ dtype }) => dtype === 'u32');
      const [rows, width] = [pool.draw.pick([1, 5, 7]), pool.draw.pick([1, 3, 8])];
      const shape = [...index.shape, width];
      if (!pool.fits(shape, index.batched) || index.dtype !== 'u32') return undefined;
      const model = `m${pool.statements.length}`;
      return {
        text: `${model}(${index.name} % ${rows})`,
        uses: [index],
        model: `model ${model}: x[...] u32 -> [...] { return x -> it: embedding(${rows}, ${width}) }`,
        shape, bound: 3,
      };
    },
  },
  {
    of: ['gather'],
    make(pool) {
      const x = pool.float(1);
      const axis = pool.axis(x);
      const at = axisText(pool, x, axis);
      if (x.batched) {
        const text = `gather(${x.name}, u32(3 * abs(detach(${x.name}))) % ${x.shape[axis]}, ${at})`;
        return { text, uses: [x], shape: x.shape, bound: x.bound };
      }
      const shape = replaced(x.shape, axis, pool.draw.pick([1, 2, 3]));
      const index = pool.weight(shape);
      const text = `gather(${x.name}, u32(4 * abs(detach(${index.name}))) % ${x.shape[axis]}, ${at})`;
      return { text, uses: [x, index], shape, bound: x.bound };
    },
  },
  {
    of: ['one_hot'],
    make(pool) {
      const x = pool.integer(0, ({ dtype }) => dtype === 'u32');
      const shape = [...x.shape, 5];
      if (x.dtype !== 'u32' || !pool.fits(shape, x.batched)) return undefined;
      return { text: `one_hot(${x.name} % 5, 5)`, uses: [x], shape, bound: 1 };
    },
  },
]; // prettier-ignore

const SCATTERING: readonly Row[] = [
  {
    of: ['scatter_add'],
    make(pool) {
      const x = pool.float(1);
      const axis = pool.axis(x);
      const at = axisText(pool, x, axis);
      const index = indices(pool, x.shape[axis] ?? 1);
      const shape = replaced(x.shape, axis, index.length);
      const known = pool.pick(
        (value) => value.dtype === 'f32' && value.batched === x.batched && sameShape(value.shape, shape),
      );
      const source = known ?? (x.batched ? undefined : pool.weight(shape));
      const added = source?.name ?? `sin(take(${x.name}, ${index.text}, axis = ${at}))`;
      return {
        text: `scatter_add(${x.name}, ${index.text}, ${added}, axis = ${at})`,
        uses: [x, ...index.uses, ...(source ? [source] : [])],
        shape: x.shape, bound: x.bound + 3,
      };
    },
  },
  {
    // What records have in common is summed up over the batch.
    of: ['scatter_add'],
    ofBatches: true,
    make(pool): Made | undefined {
      const index = pool.pick(({ dtype, batched, shape }) => dtype === 'u32' && batched && shape.length === 0);
      if (!index) return undefined;
      const x = pool.pick(({ dtype, batched }) => dtype === 'f32' && batched);
      if (!x) return undefined;
      const shape = [5, ...x.shape];
      if (!pool.fits(shape)) return undefined;
      return {
        text: `scatter_add(zeros(${shape.join(', ')}), ${index.name} % 5, ${x.name})`,
        uses: [index, x], shape, batched: false, bound: x.bound * 2,
      };
    },
  },
]; // prettier-ignore

const ALONG: readonly Row[] = [
  {
    of: ['cumsum'],
    make(pool) {
      const x = pool.float(1);
      const axis = pool.axis(x);
      const bound = x.bound * Math.sqrt(x.shape[axis] ?? 1);
      return {
        text: `cumsum(${x.name}, axis = ${axisText(pool, x, axis)})`,
        uses: [x], shape: x.shape, bound,
      };
    },
  },
  {
    of: ['top_k'],
    make(pool) {
      const x = pool.float(1);
      const axis = pool.axis(x);
      const k = 1 + pool.draw.below(Math.min(4, x.shape[axis] ?? 1));
      const shape = replaced(x.shape, axis, k);
      return {
        text: `top_k(${x.name}, ${k}, axis = ${axisText(pool, x, axis)})`,
        uses: [x], shape, bound: x.bound, more: [{ shape, dtype: 'u32', bound: x.shape[axis] ?? 1 }],
      };
    },
  },
]; // prettier-ignore

export const LOOK_UP_ROWS: readonly Row[] = [...TAKING, ...SCATTERING, ...ALONG];
