/** Rows of what sums: reductions, products, the softmax family, normalization without weights, gradients. */
import { truth } from './rows-elementwise.ts';
import { axesText, axisText } from './texts.ts';
import type { Pool, Row, Value } from './values.ts';
import { sizeOf, without } from './values.ts';

/** `least`: fewer terms have no value or no derivative. */
function reduction(
  of: string,
  bound: (b: number, terms: number) => number,
  text = (x: string) => x,
  least = 1,
): Row {
  return {
    of: [of],
    make(pool) {
      const x = pool.float(1);
      const axes = x.shape.map((_, axis) => axis).filter(() => pool.draw.chance(0.5));
      const chosen = axes.length === 0 ? [pool.axis(x)] : axes;
      const keep = pool.draw.chance(0.4);
      const terms = chosen.reduce((product, axis) => product * (x.shape[axis] ?? 1), 1);
      if (terms < least) return undefined;
      const shape = x.shape.flatMap((size, axis) => (chosen.includes(axis) ? (keep ? [1] : []) : [size]));
      return {
        text: `${of}(${text(x.name)}, axis = ${axesText(pool, x, chosen)}${keep ? ', keep = true' : ''})`,
        uses: [x], shape, bound: bound(x.bound, terms),
      }; // prettier-ignore
    },
  };
}

const REDUCTIONS: readonly Row[] = [
  reduction('sum', (b, terms) => b * Math.max(1, Math.sqrt(terms))),
  reduction('mean', (b) => b),
  reduction('max', (b) => b),
  reduction('min', (b) => b),
  reduction('prod', () => 4, (x) => `1 + 0.05 * ${x}`),
  reduction('var', (b) => b * b),
  reduction('std', (b) => b, undefined, 3),
  reduction('norm', (b, terms) => b * Math.sqrt(terms), (x) => `${x} + 2.5`),
  reduction('logsumexp', (b, terms) => b + Math.log(terms)),
  {
    of: ['argmax', 'argmin'],
    make(pool) {
      const x = pool.float(1);
      const axis = pool.axis(x);
      const of = pool.draw.pick(['argmax', 'argmin']);
      const text = `${of}(detach(${x.name}), axis = ${axisText(pool, x, axis)})`;
      return { text, uses: [x], shape: without(x.shape, axis), dtype: 'u32' };
    },
  },
  {
    of: ['any', 'all'],
    make(pool) {
      const x = truth(pool, 1);
      if (!x) return undefined;
      const axis = pool.axis(x);
      const text = `${pool.draw.pick(['any', 'all'])}(${x.name}, axis = ${axisText(pool, x, axis)})`;
      return { text, uses: [x], shape: without(x.shape, axis), dtype: 'bool' };
    },
  },
]; // prettier-ignore

/** A batched float; made where there is none. */
const batched = (pool: Pool): Value =>
  pool.pick((value) => value.dtype === 'f32' && value.batched) ?? pool.column(pool.shape(1, true), 'f32');

/** Over the records of a batch. */
const ACROSS: readonly Row[] = [
  {
    of: ['sum', 'mean', 'max', 'min', 'logsumexp', 'var'],
    ofBatches: true,
    make(pool) {
      if (!pool.batched) return undefined;
      const x = batched(pool);
      const of = pool.draw.pick(['sum', 'mean', 'max', 'min', 'logsumexp', 'var']);
      const bound = of === 'sum' ? x.bound * Math.sqrt(pool.batch) : x.bound + 2;
      return { text: `${of}(${x.name}, axis = 0)`, uses: [x], shape: x.shape, batched: false, bound };
    },
  },
  {
    of: ['softmax', 'normalize'],
    ofBatches: true,
    make(pool) {
      if (!pool.batched) return undefined;
      const x = batched(pool);
      const isTamed = pool.batch > 2 && pool.draw.chance(0.5);
      const text = isTamed ? `normalize(${x.name}, axis = 0, eps = 0.1)` : `softmax(${x.name}, axis = 0)`;
      return { text, uses: [x], shape: x.shape, bound: 2 };
    },
  },
];

/** `x @ w` and `w @ x` with a new weight, `x @ x.T`, products of batches. */
const PRODUCTS: readonly Row[] = [
  {
    of: ['@'],
    make(pool) {
      const x = pool.float(1);
      const terms = x.shape.at(-1) ?? 1;
      const right = pool.weight([terms, pool.size()]);
      const shape = [...x.shape.slice(0, -1), right.shape[1] ?? 1];
      if (!pool.fits(shape, x.batched)) return undefined;
      return { text: `${x.name} @ ${right.name}`, uses: [x, right], shape, bound: x.bound * Math.sqrt(terms) };
    },
  },
  {
    of: ['@'],
    make(pool) {
      const x = pool.float(2);
      const [rows = 1, terms = 1] = x.shape.slice(-2);
      const shape = [...x.shape.slice(0, -2), rows, rows];
      if (!pool.fits(shape, x.batched)) return undefined;
      return { text: `${x.name} @ ${x.name}.T`, uses: [x], shape, bound: x.bound ** 2 * terms };
    },
  },
  {
    of: ['@'],
    make(pool) {
      const x = pool.float(2);
      const [rows = 1, columns = 1] = x.shape.slice(-2);
      const left = pool.weight([pool.size(), rows]);
      const shape = [...x.shape.slice(0, -2), left.shape[0] ?? 1, columns];
      if (!pool.fits(shape, x.batched)) return undefined;
      return { text: `${left.name} @ ${x.name}`, uses: [x, left], shape, bound: x.bound * Math.sqrt(rows) };
    },
  },
  {
    // Over all records: the gradient of a weight, by hand.
    of: ['@'],
    ofBatches: true,
    make(pool) {
      if (!pool.batched) return undefined;
      const x = pool.pick((value) => value.dtype === 'f32' && value.batched && value.shape.length === 1);
      const y = pool.pick((value) => value.dtype === 'f32' && value.batched && value.shape.length === 1);
      if (!x || !y) return undefined;
      const shape = [x.shape[0] ?? 1, y.shape[0] ?? 1];
      if (!pool.fits(shape)) return undefined;
      const bound = x.bound * y.bound * Math.sqrt(pool.batch);
      return { text: `${x.name}.T @ ${y.name}`, uses: [x, y], shape, batched: false, bound };
    },
  },
  {
    of: ['einsum'],
    make(pool) {
      const x = pool.float(2);
      const [rows = 1, terms = 1] = x.shape.slice(-2);
      const y = pool.weight([terms, pool.size()]);
      const lead = x.shape.slice(0, -2);
      const columns = y.shape[1] ?? 1;
      const [equation, last] = pool.draw.pick([
        ['...ij,jk->...ik', [rows, columns]],
        ['...ij,jk->...ki', [columns, rows]],
        ['...ij,jk->...i', [rows]],
      ] as const);
      const shape = [...lead, ...last];
      if (!pool.fits(shape, x.batched)) return undefined;
      const text = `einsum("${equation}", ${x.name}, ${y.name})`;
      return { text, uses: [x, y], shape, bound: x.bound * Math.sqrt(terms * 5) };
    },
  },
  {
    of: ['einsum'],
    make(pool) {
      const x = pool.float(2);
      const [rows = 1, columns = 1] = x.shape.slice(-2);
      const lead = x.shape.slice(0, -2);
      if (rows === columns && pool.draw.chance(0.7)) {
        const [equation, last] = pool.draw.pick([['...ii->...i', [rows]], ['...ii->...', []]] as const);
        const bound = x.bound * (last.length === 0 ? Math.sqrt(rows) : 1);
        return { text: `einsum("${equation}", ${x.name})`, uses: [x], shape: [...lead, ...last], bound };
      }
      const y = pool.weight([columns]);
      const text = `einsum("...ij,j,...ij->...i", ${x.name}, ${y.name}, ${x.name})`;
      return { text, uses: [x, y], shape: [...lead, rows], bound: x.bound ** 2 * Math.sqrt(columns) };
    },
  },
]; // prettier-ignore

const SOFTMAX: readonly Row[] = ['softmax', 'log_softmax', 'normalize'].map((of) => ({
  of: [of],
  make(pool) {
    const x = pool.float(1);
    const axis = pool.axis(x);
    const bound = of === 'softmax' ? 1 : of === 'normalize' ? 3 : 2 * x.bound + 5;
    if (of === 'normalize' && (x.shape[axis] ?? 1) < 3) return undefined;
    const eps = of === 'normalize' ? ', eps = 0.1' : '';
    const text = `${of}(${x.name}, axis = ${axisText(pool, x, axis)}${eps})`;
    return { text, uses: [x], shape: x.shape, bound };
  },
}));

const POOLED: Row = {
  of: ['global_avgpool'],
  make(pool) {
    const x = pool.float(3, (value) => value.batched === pool.batched);
    const kept = x.batched ? 1 : 2;
    if (x.shape.length <= kept) return undefined;
    return { text: `global_avgpool(${x.name})`, uses: [x], shape: x.shape.slice(0, kept), bound: x.bound };
  },
};

const GRADIENT: Row = {
  of: ['grad'],
  make(pool) {
    const y = pool.pick((value) => value.dtype === 'f32' && value.name.startsWith('a')) ?? sine(pool);
    const x = y && reached(pool, y);
    if (!y || !x || sizeOf(x.shape) === 0) return undefined;
    const text = `grad(sum(${y.name} * ${y.name}), ${x.name})`;
    return { text, uses: [y, x], shape: x.shape, batched: x.batched, bound: 16 };
  },
};

function sine(pool: Pool): Value | undefined {
  const x = pool.float();
  return pool.add({ text: `sin(${x.name})`, uses: [x], shape: x.shape, bound: 1 })[0];
}

/** A float that a value is computed from. */
function reached(pool: Pool, value: Value): Value | undefined {
  const statement = pool.statements.find(({ values }) => values.includes(value));
  const from = (statement?.uses ?? []).flatMap((name) => pool.values.filter((other) => other.name === name));
  return from.find(({ dtype }) => dtype === 'f32');
}

export const SUM_ROWS: readonly Row[] = [...REDUCTIONS, ...ACROSS, ...PRODUCTS, ...SOFTMAX, POOLED, GRADIENT];
