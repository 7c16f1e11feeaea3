/** Rows of what sums: reductions, products, the softmax family, losses, layers, gradients. */
import { truth } from './rows-elementwise.ts';
import type { Made, Pool, Row, Value } from './values.ts';
import { MOST_ELEMENTS, sameShape, sizeOf } from './values.ts';

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
      const axis = chosen.length === 1 ? `${chosen[0]}` : `(${chosen.join(', ')})`;
      return {
        text: `${of}(${text(x.name)}, axis = ${axis}${keep ? ', keep = true' : ''})`,
        uses: [x.name], shape, dtype: 'f32', bound: bound(x.bound, terms),
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
      const shape = x.shape.filter((_, index) => index !== axis);
      return { text: `${pool.draw.pick(['argmax', 'argmin'])}(detach(${x.name}), axis = ${axis})`, uses: [x.name], shape, dtype: 'u32' };
    },
  },
  {
    of: ['any', 'all'],
    make(pool) {
      const x = truth(pool, 1);
      if (!x) return undefined;
      const axis = pool.axis(x);
      const shape = x.shape.filter((_, index) => index !== axis);
      return { text: `${pool.draw.pick(['any', 'all'])}(${x.name}, axis = ${axis})`, uses: [x.name], shape, dtype: 'bool' };
    },
  },
]; // prettier-ignore

const POOLED: Row = {
  of: ['global_avgpool'],
  make(pool) {
    const x = pool.float(3);
    return {
      text: `global_avgpool(${x.name})`,
      uses: [x.name],
      shape: x.shape.slice(0, 2),
      dtype: 'f32',
      bound: x.bound,
    };
  },
};

const PRODUCTS: readonly Row[] = [
  {
    of: ['@'],
    make(pool) {
      const x = pool.float(1);
      const terms = x.shape.at(-1) ?? 1;
      const right = pool.weight([terms, pool.size()]);
      const shape = [...x.shape.slice(0, -1), right.shape[1] ?? 1];
      if (sizeOf(shape) > MOST_ELEMENTS) return undefined;
      return { text: `${x.name} @ ${right.name}`, uses: [x.name, right.name], shape, dtype: 'f32', bound: x.bound * Math.sqrt(terms) };
    },
  },
  {
    of: ['@'],
    make(pool) {
      const x = pool.float(2);
      const rows = x.shape.at(-2) ?? 1;
      const shape = [...x.shape.slice(0, -2), rows, rows];
      if (sizeOf(shape) > MOST_ELEMENTS) return undefined;
      const terms = x.shape.at(-1) ?? 1;
      return { text: `${x.name} @ ${x.name}.T`, uses: [x.name], shape, dtype: 'f32', bound: x.bound ** 2 * terms };
    },
  },
  {
    of: ['@'],
    make(pool) {
      const x = pool.float(2);
      const [rows = 1, columns = 1] = x.shape.slice(-2);
      const left = pool.weight([pool.size(), rows]);
      const shape = [...x.shape.slice(0, -2), left.shape[0] ?? 1, columns];
      if (sizeOf(shape) > MOST_ELEMENTS) return undefined;
      return { text: `${left.name} @ ${x.name}`, uses: [x.name, left.name], shape, dtype: 'f32', bound: x.bound * Math.sqrt(rows) };
    },
  },
]; // prettier-ignore

const SOFTMAX: readonly Row[] = ['softmax', 'log_softmax'].map((of) => ({
  of: [of],
  make(pool: Pool): Made {
    const x = pool.float(1);
    const bound = of === 'softmax' ? 1 : 2 * x.bound + 5;
    return {
      text: `${of}(${x.name}, axis = ${pool.axis(x)})`,
      uses: [x.name],
      shape: x.shape,
      dtype: 'f32',
      bound,
    };
  },
}));

function elementLoss(of: string, text: (x: Value, y: Value) => string, bound: number): Row {
  return {
    of: [of],
    make(pool) {
      const x = pool.float(1);
      const y =
        pool.pick(
          ({ dtype, shape, name }) => dtype === 'f32' && name !== x.name && sameShape(shape, x.shape),
        ) ?? pool.weight(x.shape);
      const each = pool.draw.chance(0.3);
      return {
        text: text(x, y).replace(/\)$/, each ? ', reduce = none)' : ')'),
        uses: [x.name, y.name], shape: each ? x.shape : [], dtype: 'f32', bound,
      }; // prettier-ignore
    },
  };
}

const LOSSES: readonly Row[] = [
  elementLoss('mse', (x, y) => `mse(${x.name}, ${y.name})`, 16),
  elementLoss('mae', (x, y) => `mae(${x.name}, ${y.name})`, 8),
  elementLoss('huber', (x, y) => `huber(${x.name}, ${y.name}, delta = 0.7)`, 6),
  elementLoss('hinge', (x, y) => `hinge(${x.name}, 2 * f32(detach(${y.name}) > 0) - 1)`, 5),
  elementLoss('bce_logits', (x, y) => `bce_logits(${x.name}, f32(detach(${y.name}) > 0))`, 8),
  elementLoss('kl', (x, y) => `kl(log_softmax(${x.name}), softmax(${y.name}))`, 8),
  {
    of: ['cross_entropy', 'nll'],
    make(pool) {
      const x = pool.float(1);
      const classes = x.shape.at(-1) ?? 1;
      const lead = x.shape.slice(0, -1);
      const label = pool.pick(({ dtype, shape }) => dtype === 'u32' && sameShape(shape, lead));
      const labels = label ? `${label.name} % ${classes}` : `argmax(detach(${x.name}))`;
      const extra = pool.draw.pick(['', ', smoothing = 0.1', ', ignore = 1', ', reduce = none']);
      if (classes === 1 || (extra.includes('ignore') && sizeOf(lead) < 5)) return undefined;
      const text = pool.draw.chance(0.5)
        ? `cross_entropy(${x.name}, ${labels}${extra})`
        : `nll(log_softmax(${x.name}), ${labels}${extra})`;
      const shape = extra.includes('none') ? lead : [];
      return {
        text,
        uses: [x.name, ...(label ? [label.name] : [])],
        shape,
        dtype: 'f32',
        bound: 2 * x.bound + 5,
      };
    },
  },
  {
    of: ['l1', 'l2'],
    make(pool) {
      const x = pool.float();
      const bound = x.bound ** 2 * sizeOf(x.shape);
      return {
        text: `${pool.draw.pick(['l1', 'l2'])}(${x.name})`,
        uses: [x.name],
        shape: [],
        dtype: 'f32',
        bound,
      };
    },
  },
];

/** A layer in a model of its own. */
function layer(
  of: string,
  rank: number,
  text: (x: Value, pool: Pool) => string | undefined,
  shape: (x: Value, last: number) => readonly number[] = (x) => x.shape,
): Row {
  return {
    of: [of],
    make(pool) {
      const x = pool.float(rank);
      const called = text(x, pool);
      if (called === undefined || x.shape.length < rank) return undefined;
      const model = `m${pool.statements.length}`;
      return {
        text: `${model}(${x.name})`,
        uses: [x.name],
        model: `model ${model}: x[...] -> [...] { return x -> it: ${called} }`,
        shape: shape(x, Number(/\d+/.exec(called)?.[0])), dtype: 'f32', bound: 8,
      }; // prettier-ignore
    },
  };
}

const LAYERS: readonly Row[] = [
  layer('dense', 1, (_, pool) => `dense(${pool.size()})`, (x, last) => [...x.shape.slice(0, -1), last]),
  layer('layernorm', 1, (x) => ((x.shape.at(-1) ?? 1) > 2 ? 'layernorm(eps = 0.1)' : undefined)),
  layer('rmsnorm', 1, () => 'rmsnorm(eps = 0.1)'),
  layer('positions', 2, (x) => `positions(${(x.shape.at(-2) ?? 1) + 2}, ${x.shape.at(-1)})`),
  layer('groupnorm', 3, (x) => `groupnorm(${x.shape[1]}, eps = 0.1)`),
  layer('attention', 3, (x, pool) => (x.shape.length === 3 ? `attention(${x.shape[2]}, causal = ${pool.draw.pick(['true', 'false'])})` : undefined)),
]; // prettier-ignore

/** Layers on [B, C, H, W]. */
const IMAGES: readonly Row[] = [
  ['conv', 'conv2d(2, 1)', 2], ['conv2d', 'conv2d(3, 3, pad = same)', 3], ['maxpool', 'maxpool(2, stride = 1, pad = 1)', 0],
  ['avgpool', 'avgpool(3, stride = 1, pad = 1)', 0], ['conv_transpose2d', 'conv_transpose2d(2, 1)', 2],
].map(([of, called, channels]) => ({
  of: [String(of)],
  make(pool: Pool): Made {
    const [height, width] = [pool.draw.pick([1, 3, 5]), pool.draw.pick([1, 3, 5])];
    const x = pool.pick(({ dtype, shape }) => dtype === 'f32' && shape.length === 4 && sizeOf(shape) <= 300) ?? pool.weight([2, 3, height, width]);
    const model = `m${pool.statements.length}`;
    const [batch = 1, kept = 1, ...size] = x.shape;
    // The window of maxpool is even: one place more than elements.
    const spatial = of === 'maxpool' ? size.map((n) => n + 1) : size;
    return {
      text: `${model}(${x.name})`,
      uses: [x.name],
      model: `model ${model}: x[...] -> [...] { return x -> it: ${called} }`,
      shape: [batch, channels === 0 ? kept : Number(channels), ...spatial], dtype: 'f32', bound: 10,
    };
  },
})); // prettier-ignore

const GRADIENT: Row = {
  of: ['grad'],
  make(pool) {
    const y = pool.pick((value) => value.dtype === 'f32' && value.name.startsWith('a')) ?? sine(pool);
    const x = reached(pool, y);
    if (!x) return undefined;
    const text = `grad(sum(${y.name} * ${y.name}), ${x.name})`;
    return { text, uses: [y.name, x.name], shape: x.shape, dtype: 'f32', bound: 16 };
  },
};

function sine(pool: Pool): Value {
  const x = pool.float();
  return pool.add({ text: `sin(${x.name})`, uses: [x.name], shape: x.shape, dtype: 'f32', bound: 1 });
}

/** A float that a value is computed from. */
function reached(pool: Pool, value: Value): Value | undefined {
  const statement = pool.statements.find(({ name }) => name === value.name);
  const from = (statement?.uses ?? []).flatMap((name) => pool.values.filter((other) => other.name === name));
  return from.find(({ dtype }) => dtype === 'f32');
}

export const SUM_ROWS: readonly Row[] = [
  ...REDUCTIONS,
  POOLED,
  ...PRODUCTS,
  ...SOFTMAX,
  ...LOSSES,
  ...LAYERS,
  ...IMAGES,
  GRADIENT,
];
