/** Samples of windows along axes and of the diagonal of two. */
import { hostTensor } from '../../compiler/graph/host-tensor.ts';
import type { OpAttributes, OpName } from '../../compiler/graph/ir.ts';
import { sample, tensorOf, vector, type OpSample } from './sample.ts';

type Numbers = readonly number[];
/** Axis, size, stride, dilation. */
type Window = readonly [axis: number, size: number, stride: number, dilation: number];

const attributesOf = (windows: readonly Window[]): OpAttributes['windows'] => ({
  axes: windows.map(([axis]) => axis),
  sizes: windows.map(([, size]) => size),
  strides: windows.map(([, , stride]) => stride),
  dilations: windows.map(([, , , dilation]) => dilation),
});

const sliding = (shape: Numbers, ...windows: Window[]): OpSample =>
  sample(
    `windows of [${shape.join(', ')}], ${windows.map((w) => w.join(' ')).join(' and ')}`,
    { x: tensorOf(shape, 540) },
    (b, x) => b.add('windows', [x], attributesOf(windows)),
    { terms: windows.reduce((n, [, size]) => n * size, 1) },
  );

const byHand = (x: Numbers, windows: readonly Window[], expected: Numbers): OpSample =>
  sample(
    `windows by hand: ${expected.join(' ')}`,
    { x: vector(x) },
    (b, id) => b.add('windows', [id], attributesOf(windows)),
    { expected },
  );

const diagonal = (shape: Numbers, first: number, second: number): OpSample =>
  sample(`diagonal of [${shape.join(', ')}]`, { x: tensorOf(shape, 550) }, (b, x) =>
    b.add('diagonal', [x], { first, second }),
  );

const square = hostTensor([3, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9]);

export const WINDOW_SAMPLES = {
  windows: [
    byHand([1, 2, 3, 4], [[0, 2, 1, 1]], [1, 2, 2, 3, 3, 4]),
    byHand([1, 2, 3, 4, 5], [[0, 2, 2, 1]], [1, 2, 3, 4]),
    byHand([1, 2, 3, 4, 5, 6], [[0, 2, 1, 3]], [1, 4, 2, 5, 3, 6]),
    sample(
      'windows of a matrix by hand',
      { x: square },
      (b, x) => b.add('windows', [x], attributesOf([[0, 2, 1, 1], [1, 2, 1, 1]])), // prettier-ignore
      { expected: [1, 2, 4, 5, 2, 3, 5, 6, 4, 5, 7, 8, 5, 6, 8, 9] },
    ),
    sliding([127], [0, 3, 1, 1]),
    sliding([127], [0, 5, 3, 2]),
    sliding([127], [0, 1, 2, 1]),
    sliding([5], [0, 5, 1, 1]),
    sliding([3, 5, 1], [0, 2, 1, 1], [2, 1, 3, 4]),
    sliding([2, 7, 9], [1, 3, 2, 1], [2, 3, 1, 3]),
    sliding([1, 3, 5, 7], [2, 3, 2, 2], [3, 2, 2, 1]),
  ],
  diagonal: [
    sample('diagonal by hand', { x: square }, (b, x) => b.add('diagonal', [x], { first: 0, second: 1 }), {
      expected: [1, 5, 9],
    }),
    diagonal([1, 1], 0, 1),
    diagonal([127, 127], 0, 1),
    diagonal([3, 5, 3], 0, 2),
    diagonal([5, 3, 1, 3], 1, 3),
    diagonal([3, 3, 5], 0, 1),
  ],
} satisfies Partial<Record<OpName, OpSample[]>>;
