/** Rows of losses: means and, with `reduce = none`, their elements. */
import type { Row, Value } from './values.ts';
import { sameShape, sizeOf } from './values.ts';

function elementLoss(of: string, text: (x: Value, y: Value) => string, bound: number): Row {
  return {
    of: [of],
    make(pool) {
      const x = pool.float(1);
      const y =
        pool.pick(
          ({ dtype, shape, name, batched }) =>
            dtype === 'f32' && name !== x.name && batched === x.batched && sameShape(shape, x.shape),
        ) ?? pool.weight(x.shape);
      const each = pool.draw.chance(0.3);
      return {
        text: text(x, y).replace(/\)$/, each ? ', reduce = none)' : ')'),
        uses: [x, y],
        shape: each ? x.shape : [],
        batched: each && x.batched,
        bound,
      };
    },
  };
}

const CLASSES: Row = {
  of: ['cross_entropy', 'nll'],
  make(pool) {
    const x = pool.float(1);
    const classes = x.shape.at(-1) ?? 1;
    const lead = x.shape.slice(0, -1);
    const label = pool.pick(
      ({ dtype, shape, batched }) => dtype === 'u32' && batched === x.batched && sameShape(shape, lead),
    );
    const labels = label ? `${label.name} % ${classes}` : `argmax(detach(${x.name}))`;
    const records = sizeOf(lead) * (x.batched ? pool.batch : 1);
    // One label a record; fewer than five might all be ignored.
    const weights = lead.length === 0 ? [] : [pool.weight(lead)];
    const weighted = weights.map(({ name }) => `, weight = 0.3 + 0 * f32(${labels}) + abs(${name})`);
    const extra = pool.draw.pick(['', ', smoothing = 0.1', ', ignore = 1', ', reduce = none', ...weighted]);
    if (classes === 1 || (extra.includes('ignore') && (records < 5 || x.batched))) return undefined;
    const text = pool.draw.chance(0.5)
      ? `cross_entropy(${x.name}, ${labels}${extra})`
      : `nll(log_softmax(${x.name}), ${labels}${extra})`;
    const each = extra.includes('none');
    return {
      text,
      uses: [x, ...(label ? [label] : []), ...(extra.includes('weight') ? weights : [])],
      shape: each ? lead : [],
      batched: each && x.batched,
      bound: 2 * x.bound + 5,
    };
  },
};

const SIZES: Row = {
  of: ['l1', 'l2'],
  make(pool) {
    const x = pool.float(0, ({ batched }) => !batched);
    const of = pool.draw.pick(['l1', 'l2']);
    return { text: `${of}(${x.name})`, uses: [x], shape: [], batched: false, bound: x.bound ** 2 * sizeOf(x.shape) };
  },
}; // prettier-ignore

export const LOSS_ROWS: readonly Row[] = [
  elementLoss('mse', (x, y) => `mse(${x.name}, ${y.name})`, 16),
  elementLoss('mae', (x, y) => `mae(${x.name}, ${y.name})`, 8),
  elementLoss('huber', (x, y) => `huber(${x.name}, ${y.name}, delta = 0.7)`, 6),
  elementLoss('hinge', (x, y) => `hinge(${x.name}, 2 * f32(detach(${y.name}) > 0) - 1)`, 5),
  elementLoss('bce_logits', (x, y) => `bce_logits(${x.name}, f32(detach(${y.name}) > 0))`, 8),
  elementLoss('kl', (x, y) => `kl(log_softmax(${x.name}), softmax(${y.name}))`, 8),
  CLASSES,
  SIZES,
];
