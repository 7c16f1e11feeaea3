/** Rows of gather, cumsum, einsum, upsample and padding by what is there. */
import type { Row } from './values.ts';
import { MOST_ELEMENTS, sizeOf } from './values.ts';

const replaced = (shape: readonly number[], axis: number, size: number): number[] =>
  shape.map((old, index) => (index === axis ? size : old));

export const LOOK_UP_ROWS: readonly Row[] = [
  {
    of: ['gather'],
    make(pool) {
      const x = pool.float(1);
      const axis = pool.axis(x);
      const shape = replaced(x.shape, axis, pool.draw.pick([1, 2, 3]));
      const index = pool.weight(shape);
      const text = `gather(${x.name}, u32(4 * abs(detach(${index.name}))) % ${x.shape[axis]}, ${axis})`;
      return { text, uses: [x.name, index.name], shape, dtype: 'f32', bound: x.bound };
    },
  },
  {
    of: ['cumsum'],
    make(pool) {
      const x = pool.float(1);
      const axis = pool.axis(x);
      const bound = x.bound * Math.sqrt(x.shape[axis] ?? 1);
      return {
        text: `cumsum(${x.name}, axis = ${axis})`,
        uses: [x.name],
        shape: x.shape,
        dtype: 'f32',
        bound,
      };
    },
  },
  {
    of: ['einsum'],
    make(pool) {
      const x = pool.float(2);
      if (x.shape.length !== 2) return undefined;
      const [rows = 1, terms = 1] = x.shape;
      const y = pool.weight([terms, pool.size()]);
      const columns = y.shape[1] ?? 1;
      const [equation, shape] = pool.draw.pick([
        ['ij,jk->ik', [rows, columns]],
        ['ij,jk->ki', [columns, rows]],
        ['ij,jk->i', [rows]],
      ] as const);
      const text = `einsum("${equation}", ${x.name}, ${y.name})`;
      return { text, uses: [x.name, y.name], shape, dtype: 'f32', bound: x.bound * Math.sqrt(terms * 5) };
    },
  },
  {
    of: ['upsample'],
    make(pool) {
      const x = pool.float(3, ({ shape }) => shape.length <= 4);
      const spatial = x.shape.slice(2).map((size) => 2 * size);
      const shape = [...x.shape.slice(0, 2), ...spatial];
      if (sizeOf(shape) > MOST_ELEMENTS || x.shape.length > 4) return undefined;
      const mode = pool.draw.pick(['nearest', 'bilinear']);
      return {
        text: `upsample(${x.name}, 2, mode = ${mode})`,
        uses: [x.name],
        shape,
        dtype: 'f32',
        bound: x.bound,
      };
    },
  },
  {
    of: ['pad'],
    make(pool) {
      const x = pool.float(1);
      const axis = pool.axis(x);
      const size = x.shape[axis] ?? 1;
      const most = Math.min(size, 3);
      const [before, after] = [pool.draw.below(most), pool.draw.below(most)];
      const at = (count: number): string => {
        const counts = x.shape.map((_, index) => (index === axis ? count : 0));
        return counts.length === 1 ? `${count}` : `(${counts.join(', ')})`;
      };
      const mode = pool.draw.pick(['edge', 'reflect']);
      return {
        text: `pad(${x.name}, before = ${at(before)}, after = ${at(after)}, mode = ${mode})`,
        uses: [x.name],
        shape: replaced(x.shape, axis, size + before + after),
        dtype: 'f32',
        bound: x.bound,
      };
    },
  },
];
