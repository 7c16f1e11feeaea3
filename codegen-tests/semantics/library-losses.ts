/** Losses of std.net as PyTorch documents them, with every combination of their settings. */
import type { HostTensor } from '../../compiler/graph/host-tensor.ts';
import type { LibraryCase } from './library-case.ts';
import { along, at, average, logSoftmax, map, scalar, total } from './reference.ts';
import { array, random } from './calculating.ts';

const CLASSES = 4;
const logits = random([5, CLASSES], 11);
const label = array([2, 0, 3, 3, 1], 'u32');
/** One a label. */
const weight = array([0.5, 2, 1, 0.25, 3]);

interface Options {
  readonly smoothing?: number;
  readonly ignore?: number;
  readonly weight?: HostTensor;
  readonly none?: boolean;
}

/**
 * torch.nn.functional.cross_entropy with class indices, each label with a weight of its own; of `logp` itself
 * it is nll_loss.
 */
function crossEntropy(logp: HostTensor, { smoothing = 0, ignore, weight: w, none }: Options): HostTensor {
  const rows = [...label.data].map((y, i) => {
    const counted = y !== ignore;
    const factor = w?.data[i] ?? 1;
    const own = -at(logp, [i, y]);
    const smooth = total(Array.from({ length: CLASSES }, (_, c) => -at(logp, [i, c])));
    const loss = factor * ((1 - smoothing) * own + (smoothing / CLASSES) * smooth);
    return { loss: counted ? loss : 0, share: counted ? factor : 0 };
  });
  if (none) return array(rows.map(({ loss }) => loss));
  return scalar(total(rows.map(({ loss }) => loss)) / total(rows.map(({ share }) => share)));
}

function labelled(of: 'cross_entropy' | 'nll', options: Options): LibraryCase {
  const settings = [
    ...(options.smoothing === undefined ? [] : [`smoothing = ${options.smoothing}`]),
    ...(options.ignore === undefined ? [] : [`ignore = ${options.ignore}`]),
    ...(options.weight ? ['weight = weight'] : []),
    ...(options.none ? ['reduce = none'] : []),
  ];
  const expression = `${of}(${['x', 'label', ...settings].join(', ')})`;
  const logp = of === 'nll' ? logits : along(logits, 1, logSoftmax);
  return {
    of,
    what: expression,
    expression,
    columns: { x: logits, label, ...(options.weight ? { weight: options.weight } : {}) },
    variables: options.weight ? ['x', 'weight'] : ['x'],
    expected: crossEntropy(logp, options),
    orders: 2,
  };
}

const combinations = [undefined, 0.1].flatMap((smoothing) =>
  [undefined, 3, 4_000_000_000].flatMap((ignore) =>
    [undefined, weight].flatMap((w) =>
      [false, true].map((none): Options => ({ smoothing, ignore, weight: w, none })),
    ),
  ),
);

const a = random([3, 4], 21);
const b = random([3, 4], 22);
const positive = map((v) => Math.abs(v) + 0.1, b);
const signs = map((v) => (v > 0 ? 1 : -1), b);
const wide = array([-40, -3, 0.5, 2, 35]);
const targets = array([0, 1, 0.25, 1, 0]);

/** The mean, and the elements themselves. */
function elementwise(
  call: string,
  weights: Record<string, HostTensor>,
  formula: (...values: number[]) => number,
  orders: 1 | 2 = 2,
): LibraryCase[] {
  const [first, ...others] = Object.values(weights) as [HostTensor, ...HostTensor[]];
  const elements = map(formula, first, ...others);
  const of = call.replace(/\(.*/, '');
  const bare = call.replace(/\)$/, ', reduce = none)');
  const summed = call.replace(/\)$/, ', reduce = sum)');
  return [
    { of, what: call, expression: call, weights, expected: scalar(average(elements.data)), orders },
    { of, what: bare, expression: bare, weights, expected: elements, orders },
    { of, what: summed, expression: summed, weights, expected: scalar(total(elements.data)), orders },
  ];
}

const huber = (delta: number) => (p: number, q: number) => {
  const d = Math.abs(p - q);
  return d <= delta ? 0.5 * d * d : delta * (d - 0.5 * delta);
};

export const LOSS_CASES: readonly LibraryCase[] = [
  ...combinations.map((options) => labelled('cross_entropy', options)),
  ...combinations.map((options) => labelled('nll', options)),
  ...elementwise(
    'bce_logits(x, y)',
    { x: wide, y: targets },
    (p, y) => Math.max(p, 0) - p * y + Math.log1p(Math.exp(-Math.abs(p))),
  ),
  ...elementwise('mse(a, b)', { a, b }, (p, q) => (p - q) ** 2),
  ...elementwise('mae(a, b)', { a, b }, (p, q) => Math.abs(p - q), 1),
  ...elementwise('huber(a, b)', { a, b }, huber(1), 1),
  ...elementwise('huber(a, b, delta = 0.3)', { a, b }, huber(0.3), 1),
  ...elementwise('hinge(a, signs)', { a, signs }, (s, y) => Math.max(0, 1 - y * s), 1),
  ...elementwise('kl(a, q)', { a, q: positive }, (p, q) => q * (Math.log(q) - p)),
  {
    of: 'kl',
    what: 'kl of a distribution with zeros',
    expression: 'kl(a, q, reduce = none)',
    weights: { a: array([-1, -2, -Infinity]), q: array([0, 0.5, 0]) },
    expected: array([0, 0.5 * (Math.log(0.5) + 2), 0]),
    orders: 0,
  },
  {
    of: 'reduced',
    expression: 'reduced(a, mean)',
    weights: { a },
    expected: scalar(average(a.data)),
    orders: 1,
  },
];
