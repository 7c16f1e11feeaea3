/** Samples of reductions and matrix products. */
import { elementCount, hostTensor, type HostTensor } from '../../compiler/graph/host-tensor.ts';
import type { DType, OpName } from '../../compiler/graph/ir.ts';
import { distinct, sample, tensorOf, vector, type OpSample } from './sample.ts';

type Numbers = readonly number[];
type Reduce = 'reduce_sum' | 'reduce_max' | 'reduce_min' | 'reduce_prod';

const matrix = hostTensor([2, 3], [1, -2, 3, 4, 0.5, 2]);

/** Shapes and axes: odd sizes, ranks 1 to 4, one axis and several, neighbours or not. */
const CASES: readonly (readonly [Numbers, Numbers])[] = [
  [[1], [0]],
  [[127], [0]],
  [[3, 5], [0]],
  [[3, 5], [1]],
  [
    [3, 5],
    [0, 1],
  ],
  [[5, 1, 3], [1]],
  [
    [5, 3, 3],
    [0, 2],
  ],
  [
    [3, 5, 2, 3],
    [1, 3],
  ],
  [
    [1, 3, 5, 1],
    [0, 1, 2, 3],
  ],
];

function reduction(
  op: Reduce,
  rows: Numbers,
  columns: Numbers,
  fill: (shape: Numbers, seed: number) => HostTensor,
  integers: readonly (readonly [DType, Numbers, number])[],
): OpSample[] {
  return [
    sample(`${op} by hand along 1`, { x: matrix }, (b, x) => b.add(op, [x], { axes: [1] }), { expected: rows, terms: 3 }),
    sample(`${op} by hand along 0`, { x: matrix }, (b, x) => b.add(op, [x], { axes: [0] }), { expected: columns, terms: 2 }),
    ...CASES.map(([shape, axes], i) =>
      sample(`${op} of [${shape.join(', ')}] along ${axes.join(', ')}`, { x: fill(shape, 600 + i) }, (b, x) => b.add(op, [x], { axes }), { terms: elementCount(axes.map((axis) => shape[axis] as number)) }),
    ),
    ...integers.map(([dtype, data, expected]) =>
      sample(`${op} of ${dtype}`, { x: vector(data, dtype) }, (b, x) => b.add(op, [x], { axes: [0] }), { expected: [expected] }),
    ),
  ];
} // prettier-ignore

function winner(op: 'argmax' | 'argmin', rows: Numbers, columns: Numbers, tie: Numbers): OpSample[] {
  return [
    sample(`${op} by hand along 1`, { x: matrix }, (b, x) => b.add(op, [x], { axis: 1 }), { expected: rows, variables: [] }),
    sample(`${op} by hand along 0`, { x: matrix }, (b, x) => b.add(op, [x], { axis: 0 }), { expected: columns, variables: [] }),
    sample(`${op} of equals`, { x: hostTensor([2, 3], [1, 1, 1, 2, 1, 2]) }, (b, x) => b.add(op, [x], { axis: 1 }), { expected: tie, variables: [] }),
    sample(`${op} of i32`, { x: vector([-3, 5, -3, 5], 'i32') }, (b, x) => b.add(op, [x], { axis: 0 }), { expected: [op === 'argmax' ? 1 : 0] }),
    ...[[1], [127], [3, 5], [5, 1, 3], [1, 3, 5, 1]].map((shape, i) =>
      sample(`${op} of [${shape.join(', ')}]`, { x: distinct(shape, 620 + i) }, (b, x) => b.add(op, [x], { axis: shape.length - 1 }), { variables: [] }),
    ),
  ];
} // prettier-ignore

function product(a: Numbers, c: Numbers): OpSample {
  const tensors = { a: tensorOf(a, 630), b: tensorOf(c, 631) };
  return sample(
    `matmul of [${a.join(', ')}] and [${c.join(', ')}]`,
    tensors,
    (b, x, y) => b.add('matmul', [x, y], {}),
    { terms: a.at(-1) as number },
  );
}

/** Products with the transpose of an operand, which kernels read without a copy. */
function transposedProduct(side: 'first' | 'second'): OpSample {
  const [a, c] = side === 'first' ? [[7, 5], [7, 3]] : [[5, 7], [3, 7]]; // prettier-ignore
  const tensors = { a: tensorOf(a, 632), b: tensorOf(c, 633) };
  return sample(
    `matmul with the ${side} transposed`,
    tensors,
    (b, x, y) => {
      const swap = (id: number): number => b.add('transpose', [id], { permutation: [1, 0] });
      const [p, q] = [x, y];
      return b.add('matmul', side === 'first' ? [swap(p), q] : [p, swap(q)], {});
    },
    { terms: 7 },
  );
}

export const REDUCTION_SAMPLES = {
  reduce_sum: reduction('reduce_sum', [2, 6.5], [5, -1.5, 5], (shape, seed) => tensorOf(shape, seed), [
    ['i32', [5, -7, 2 ** 31 - 1], -(2 ** 31) + 2 ** 32 - 3],
    ['u32', [2 ** 32 - 1, 3], 2],
  ]),
  reduce_max: [
    ...reduction('reduce_max', [3, 4], [4, 0.5, 3], (shape, seed) => distinct(shape, seed), [
      ['i32', [-5, -7], -5],
      ['u32', [2 ** 32 - 1, 3], 2 ** 32 - 1],
    ]),
    ...CASES.map(([shape, axes], i) =>
      sample(
        `reduce_max of [${shape.join(', ')}] along ${axes.join(', ')}, ties to the first`,
        { x: distinct(shape, 660 + i) },
        (b, x) => b.add('reduce_max', [x], { axes, ties: 'first' }),
      ),
    ),
    sample(
      'gradient of a maximum of equals',
      { x: hostTensor([2, 2, 3], [1, 5, 5, 2, 5, 0, 3, 3, 3, 3, 3, 3]) },
      (b, x) => b.add('gradient', [b.add('reduce_max', [x], { axes: [0, 2] }), x], {}),
      { expected: [0, 0.5, 0.5, 0, 1, 0, 0, 0, 0, 0, 0, 0], variables: [] },
    ),
    sample(
      'gradient of a maximum of equals, to the first',
      { x: hostTensor([2, 2, 3], [1, 5, 5, 3, 3, 0, 4, 5, 1, 0, 3, 3]) },
      (b, x) => b.add('gradient', [b.add('reduce_max', [x], { axes: [0, 2], ties: 'first' }), x], {}),
      { expected: [0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0], variables: [] },
    ),
  ],
  reduce_min: reduction('reduce_min', [-2, 0.5], [1, -2, 2], (shape, seed) => distinct(shape, seed), [
    ['i32', [-5, -7], -7],
    ['u32', [2 ** 32 - 1, 3], 3],
  ]),
  reduce_prod: reduction(
    'reduce_prod',
    [-6, 4],
    [4, -1, 6],
    (shape, seed) => tensorOf(shape, seed, (u) => (u < 0.5 ? u - 1.2 : u + 0.3)),
    [
      ['i32', [65536, 65536, -1], 0],
      ['u32', [2 ** 31 + 1, 3], 2 ** 31 + 3],
    ],
  ),
  argmax: winner('argmax', [2, 0], [1, 1, 0], [0, 0]),
  argmin: winner('argmin', [1, 1], [0, 0, 1], [0, 1]),
  matmul: [
    sample(
      'matmul by hand',
      { a: hostTensor([2, 3], [1, 2, 3, 4, 5, 6]), b: hostTensor([3, 2], [1, 0, 0, 1, 1, -1]) },
      (b, x, y) => b.add('matmul', [x, y], {}),
      { expected: [4, -1, 10, -1], terms: 3 },
    ),
    product([1, 1], [1, 1]),
    product([3, 5], [5, 1]),
    product([5, 127], [127, 3]),
    product([127, 3], [3, 5]),
    product([3, 5, 2], [3, 2, 5]),
    product([1, 3, 5, 3], [1, 3, 3, 1]),
    transposedProduct('first'),
    transposedProduct('second'),
  ],
} satisfies Partial<Record<OpName, OpSample[]>>;
