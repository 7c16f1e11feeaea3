/** Activations, the softmax family, sums and means, and masks of std.net by their formulas. */
import {
  average,
  build,
  at,
  erf,
  logSoftmax,
  map,
  reduced,
  scalar,
  softmax,
  along,
  total,
} from './reference.ts';
import type { LibraryCase } from './library-case.ts';
import { array, random } from './calculating.ts';
import type { HostTensor } from '../../compiler/graph/host-tensor.ts';

/** Away from kinks, on both sides, and far out. */
const x = array([-30, -8, -2.5, -1, -0.3, 0.2, 0.9, 1.7, 6, 19, 40]);
const soft = array([-6, -2.5, -1, -0.3, 0.2, 0.9, 1.7, 4]);

const each = (
  of: string,
  call: string,
  formula: (x: number) => number,
  weights: HostTensor = x,
  orders: 0 | 1 | 2 = 2,
): LibraryCase => ({
  of,
  what: call,
  expression: call,
  weights: { x: weights },
  expected: map(formula, weights),
  orders,
});

const sigmoid = (v: number) => 1 / (1 + Math.exp(-v));

const ACTIVATIONS: LibraryCase[] = [
  each('sigmoid', 'sigmoid(x)', sigmoid),
  each('relu', 'relu(x)', (v) => Math.max(0, v), x, 1),
  each('leaky_relu', 'leaky_relu(x)', (v) => (v > 0 ? v : 0.01 * v), x, 1),
  each('leaky_relu', 'x -> leaky_relu(a = 0.2)', (v) => (v > 0 ? v : 0.2 * v), x, 1),
  each('elu', 'elu(x)', (v) => (v > 0 ? v : Math.expm1(v))),
  each('elu', 'elu(x, 1.5)', (v) => (v > 0 ? v : 1.5 * Math.expm1(v))),
  each('gelu', 'gelu(x)', (v) => 0.5 * v * (1 + erf(v / Math.SQRT2)), soft),
  each(
    'gelu_tanh',
    'gelu_tanh(x)',
    (v) => 0.5 * v * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3))),
  ),
  each('silu', 'silu(x)', (v) => v * sigmoid(v)),
  each('softplus', 'softplus(x)', (v) => Math.max(v, 0) + Math.log1p(Math.exp(-Math.abs(v)))),
];

const cube = random([2, 3, 4], 7);
const variance = (v: readonly number[], unbiased: boolean): number =>
  total(v.map((e) => (e - average(v)) ** 2)) / (v.length - (unbiased ? 1 : 0));
const euclid = (v: readonly number[]): number => Math.sqrt(total(v.map((e) => e * e)));
const one = (
  of: string,
  call: string,
  expected: HostTensor,
  weights = cube,
  orders: 0 | 1 | 2 = 2,
): LibraryCase => ({
  of,
  what: call,
  expression: call,
  weights: { x: weights },
  expected,
  orders,
});
const all = [...cube.data];
/** The two trailing axes as one vector. */
const pairs = { ...cube, shape: [2, 12] };

const SUMS: LibraryCase[] = [
  one('mean', 'mean(x)', scalar(average(all))),
  one('mean', 'mean(x, axis = 1)', reduced(cube, 1, average)),
  one('mean', 'mean(x, axis = (1, 2))', reduced(pairs, 1, average)),
  one('mean', 'mean(x, axis = (-1, 0), keep = true)', {
    ...build([1, 3, 1], ([, j]) =>
      average([0, 1].flatMap((i) => [0, 1, 2, 3].map((k) => at(cube, [i, j ?? 0, k])))),
    ),
  }),
  one('var', 'var(x)', scalar(variance(all, false))),
  one(
    'var',
    'var(x, axis = -1, unbiased = true)',
    reduced(cube, 2, (v) => variance(v, true)),
  ),
  one(
    'std',
    'std(x, axis = 0)',
    reduced(cube, 0, (v) => Math.sqrt(variance(v, false))),
  ),
  one('std', 'std(x, unbiased = true)', scalar(Math.sqrt(variance(all, true)))),
  one(
    'std',
    'std(x, axis = 1, keep = true)',
    along(cube, 1, (v) => [Math.sqrt(variance(v, false))]),
  ),
  one('norm', 'norm(x)', scalar(euclid(all))),
  one(
    'norm',
    'norm(x, axis = 1, keep = true)',
    along(cube, 1, (v) => [euclid(v)]),
  ),
  one(
    'norm',
    'norm(x, axis = -1)',
    array([0, 5]),
    array([
      [0, 0],
      [3, 4],
    ]),
    0,
  ),
  one(
    'any',
    'any(x > 0.9, axis = -1)',
    reduced(cube, 2, (v) => Number(v.some((e) => e > 0.9))),
    cube,
    0,
  ),
  one('any', 'any(x)', scalar(1), array([0, 0.5, 0]), 0),
  one('any', 'any(x)', scalar(0), array([0, 0]), 0),
  one(
    'all',
    'all(x > -0.5, axis = 0, keep = true)',
    along(cube, 0, (v) => [Number(v.every((e) => e > -0.5))]),
    cube,
    0,
  ),
  one('all', 'all(x)', scalar(1), array([0.25, -0.5]), 0),
  one('logsumexp', 'logsumexp(x)', scalar(Math.log(total(all.map(Math.exp))))),
  one(
    'logsumexp',
    'logsumexp(x, axis = 1)',
    reduced(cube, 1, (v) => Math.log(total(v.map(Math.exp)))),
  ),
  one(
    'logsumexp',
    'logsumexp(x, axis = 0, keep = true)',
    along(cube, 0, (v) => [Math.log(total(v.map(Math.exp)))]),
  ),
  one('logsumexp', 'logsumexp(x)', scalar(1000 + Math.log(2)), array([1000, 1000])),
  one(
    'logsumexp',
    'logsumexp(x, axis = 1)',
    array([-Infinity, 3, Infinity]),
    array([
      [-Infinity, -Infinity],
      [3, -Infinity],
      [Infinity, 0],
    ]),
    0,
  ),
  one('softmax', 'softmax(x)', along(cube, 2, softmax)),
  one('softmax', 'softmax(x, axis = 1)', along(cube, 1, softmax)),
  one('softmax', 'softmax(x)', array([0.5, 0.5, 0]), array([1e4, 1e4, -1e4])),
  one('softmax', 'softmax(x)', array([1, 0]), array([5, -Infinity]), 0),
  one('log_softmax', 'log_softmax(x)', along(cube, 2, logSoftmax)),
  one('log_softmax', 'log_softmax(x, axis = 0)', along(cube, 0, logSoftmax)),
  one('log_softmax', 'log_softmax(x)', array([0, -2000]), array([1000, -1000])),
  one(
    'normalize',
    'normalize(x, axis = -1, eps = 0.01)',
    along(cube, 2, (v) => v.map((e) => (e - average(v)) / Math.sqrt(variance(v, false) + 0.01))),
  ),
  one('normalize', 'normalize(x, axis = (1, 2))', {
    ...along(pairs, 1, (v) => v.map((e) => (e - average(v)) / Math.sqrt(variance(v, false) + 1e-5))),
    shape: [2, 3, 4],
  }),
  one(
    'normalize',
    'x -> normalize(mean = 0.5, std = 2)',
    map((v) => (v - 0.5) / 2, cube),
  ),
  one(
    'normalize',
    'x -> normalize(std = 4)',
    map((v) => v / 4, cube),
  ),
];

const square = random([2, 3, 3], 3);
const masked = (keep: (i: number, j: number) => boolean, other: number): HostTensor =>
  build([2, 3, 3], ([a = 0, i = 0, j = 0]) => (keep(i, j) ? at(square, [a, i, j]) : other));
const oblong = random([2, 4], 5);

const MOVES: LibraryCase[] = [
  one('flatten', 'flatten(x)', { ...cube, shape: [2, 12] }),
  one(
    'tril',
    'tril(x)',
    masked((i, j) => j <= i, 0),
    square,
  ),
  one(
    'triu',
    'triu(x)',
    masked((i, j) => j >= i, 0),
    square,
  ),
  one(
    'tril',
    'tril(x)',
    build([2, 4], ([i = 0, j = 0]) => (j <= i ? at(oblong, [i, j]) : 0)),
    oblong,
  ),
  one(
    'causal_mask',
    'x -> causal_mask',
    masked((i, j) => j <= i, -Infinity),
    square,
    0,
  ),
  one(
    'causal_mask',
    'softmax(x -> causal_mask)',
    build([2, 3, 3], ([a = 0, i = 0, j = 0]) => {
      const row = softmax([0, 1, 2].filter((k) => k <= i).map((k) => at(square, [a, i, k])));
      return row[j] ?? 0;
    }),
    square,
  ),
  one('global_avgpool', 'x -> global_avgpool', reduced(cube, 2, average)),
  one('global_avgpool', 'x -> global_avgpool', oblong, oblong),
];

export const ACTIVATION_CASES: readonly LibraryCase[] = [...ACTIVATIONS, ...SUMS, ...MOVES];
