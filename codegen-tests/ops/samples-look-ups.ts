/** Samples of look-ups by an index, of their transposes, and of what runs along an axis. */
import { hostTensor, type HostTensor } from '../../compiler/graph/host-tensor.ts';
import type { OpName } from '../../compiler/graph/ir.ts';
import { distinct, sample, tensorOf, vector, type OpSample } from './sample.ts';

type Numbers = readonly number[];

function indices(shape: Numbers, below: number, seed: number): HostTensor {
  return tensorOf(shape, seed, (u) => Math.floor(u * below), 'u32');
}

function taken(shape: Numbers, index: Numbers, axis: number): OpSample {
  const tensors = { x: tensorOf(shape, 640), index: indices(index, shape[axis] as number, 641) };
  return sample(`take of [${shape.join(', ')}] by [${index.join(', ')}] along ${axis}`, tensors, (b, x, i) =>
    b.add('take', [x, i], { axis }),
  );
}

function scattered(shape: Numbers, count: number, axis: number): OpSample {
  const source = shape.map((d, i) => (i === axis ? count : d));
  const tensors = {
    x: tensorOf(shape, 650),
    index: indices([count], shape[axis] as number, 651),
    source: tensorOf(source, 652),
  };
  return sample(
    `scatter_add of ${count} into [${shape.join(', ')}] along ${axis}`,
    tensors,
    (b, x, i, s) => b.add('scatter_add', [x, i, s], { axis }),
    { terms: count + 1 },
  );
}

function gathered(shape: Numbers, count: number, axis: number): OpSample {
  const index = indices(shape.with(axis, count), shape[axis] as number, 661);
  return sample(
    `gather of ${count} from [${shape.join(', ')}] along ${axis}`,
    { x: tensorOf(shape, 660), index },
    (b, x, i) => b.add('gather', [x, i], { axis }),
    // Its derivative adds up what was picked more than once.
    { terms: count },
  );
}

function scatteredElements(shape: Numbers, count: number, axis: number): OpSample {
  const due = shape.with(axis, count);
  const tensors = {
    x: tensorOf(shape, 670),
    index: indices(due, shape[axis] as number, 671),
    source: tensorOf(due, 672),
  };
  return sample(
    `scatter_add of ${count} elements each into [${shape.join(', ')}] along ${axis}`,
    tensors,
    (b, x, i, s) => b.add('scatter_add', [x, i, s], { axis }),
    { terms: count + 1 },
  );
}

function summed(shape: Numbers, axis: number, reverse: boolean): OpSample {
  const name = `cumsum of [${shape.join(', ')}] along ${axis}${reverse ? ' from the end' : ''}`;
  return sample(name, { x: tensorOf(shape, 680) }, (b, x) => b.add('cumsum', [x], { axis, reverse }), {
    terms: shape[axis] as number,
  });
}

function largest(shape: Numbers, axis: number, k: number): OpSample {
  const name = `top_k of ${k} in [${shape.join(', ')}] along ${axis}`;
  return sample(name, { x: distinct(shape, 690) }, (b, x) => b.add('top_k', [x], { axis, k }), {
    variables: [],
  });
}

const table = hostTensor([3, 2], [1, 2, 3, 4, 5, 6]);

export const LOOK_UP_SAMPLES = {
  take: [
    sample(
      'take by hand',
      { x: table, index: vector([2, 0, 2], 'u32') },
      (b, x, i) => b.add('take', [x, i], { axis: 0 }),
      { expected: [5, 6, 1, 2, 5, 6] },
    ),
    sample(
      'take along 1 by hand',
      { x: table, index: vector([1], 'u32') },
      (b, x, i) => b.add('take', [x, i], { axis: 1 }),
      { expected: [2, 4, 6] },
    ),
    taken([5], [], 0),
    taken([127, 3], [5], 0),
    taken([3, 5], [2, 3], 1),
    taken([3, 5, 2], [3, 1], 1),
    taken([1, 3, 2, 5], [127], 3),
  ],
  scatter_add: [
    sample(
      'scatter_add by hand',
      { x: table, index: vector([2, 0, 2], 'u32'), source: hostTensor([3, 2], [10, 20, 30, 40, 50, 60]) },
      (b, x, i, s) => b.add('scatter_add', [x, i, s], { axis: 0 }),
      { expected: [31, 42, 3, 4, 65, 86], terms: 3 },
    ),
    scattered([5], 3, 0),
    scattered([3, 5], 127, 0),
    scattered([3, 5], 3, 1),
    scattered([3, 5, 2], 1, 1),
    scattered([1, 3, 5, 3], 5, 3),
    scattered([7, 8], 5, 0),
    scattered([3, 127, 4], 5, 1),
    scatteredElements([3, 5], 5, 0),
    scatteredElements([3, 5], 2, 1),
    scatteredElements([5, 1, 3], 127, 0),
    scatteredElements([2, 3, 5, 4], 3, 2),
    sample(
      'scatter_add of an index past the end',
      { x: vector([1, 2]), index: vector([5, 1], 'u32'), source: vector([10, 20]) },
      (b, x, i, s) => b.add('scatter_add', [x, i, s], { axis: 0 }),
      { expected: [1, 22], variables: ['x'] },
    ),
    sample(
      'scatter_add of i32',
      { x: vector([1, -2, 3], 'i32'), index: vector([1, 1, 0], 'u32'), source: vector([5, -7, 9], 'i32') },
      (b, x, i, s) => b.add('scatter_add', [x, i, s], { axis: 0 }),
      { expected: [10, -4, 3], variables: [] },
    ),
  ],
  gather: [
    sample(
      'gather by hand along 0',
      { x: table, index: hostTensor([2, 2], [2, 0, 1, 1], 'u32') },
      (b, x, i) => b.add('gather', [x, i], { axis: 0 }),
      { expected: [5, 2, 3, 4] },
    ),
    sample(
      'gather by hand along 1',
      { x: table, index: hostTensor([3, 3], [1, 0, 1, 0, 0, 0, 1, 1, 1], 'u32') },
      (b, x, i) => b.add('gather', [x, i], { axis: 1 }),
      { expected: [2, 1, 2, 3, 3, 3, 6, 6, 6] },
    ),
    gathered([5], 3, 0),
    gathered([1], 1, 0),
    gathered([127, 3], 1, 0),
    gathered([3, 127], 5, 1),
    gathered([3, 5, 2], 4, 1),
    gathered([2, 1, 3, 4], 5, 2),
  ],
  cumsum: [
    sample(
      'cumsum by hand along 1',
      { x: table },
      (b, x) => b.add('cumsum', [x], { axis: 1, reverse: false }),
      {
        expected: [1, 3, 3, 7, 5, 11],
        terms: 2,
      },
    ),
    sample(
      'cumsum by hand from the end',
      { x: table },
      (b, x) => b.add('cumsum', [x], { axis: 0, reverse: true }),
      {
        expected: [9, 12, 8, 10, 5, 6],
        terms: 3,
      },
    ),
    sample(
      'cumsum of u32',
      { x: vector([2 ** 32 - 1, 3, 5], 'u32') },
      (b, x) => b.add('cumsum', [x], { axis: 0, reverse: false }),
      { expected: [2 ** 32 - 1, 2, 7], variables: [] },
    ),
    ...[true, false].flatMap((reverse) => [
      summed([1], 0, reverse),
      summed([127], 0, reverse),
      summed([3, 5], 1, reverse),
      summed([5, 3, 8], 1, reverse),
      summed([3, 5, 2, 3], 0, reverse),
    ]),
  ],
  top_k: [
    sample(
      'top_k by hand',
      { x: vector([3, 1, 4, 1, 5]) },
      (b, x) => b.add('top_k', [x], { axis: 0, k: 3 }),
      {
        expected: [4, 2, 0],
        variables: [],
      },
    ),
    sample(
      'top_k of equals',
      { x: vector([2, 7, 7, -1, 7]) },
      (b, x) => b.add('top_k', [x], { axis: 0, k: 5 }),
      {
        expected: [1, 2, 4, 0, 3],
        variables: [],
      },
    ),
    sample(
      'top_k of numbers and what is none',
      { x: vector([1, NaN, Infinity, -Infinity, NaN, 2]) },
      (b, x) => b.add('top_k', [x], { axis: 0, k: 6 }),
      { expected: [1, 4, 2, 5, 0, 3], variables: [] },
    ),
    sample(
      'top_k of i32',
      { x: vector([-3, 5, -1], 'i32') },
      (b, x) => b.add('top_k', [x], { axis: 0, k: 2 }),
      {
        expected: [1, 2],
        variables: [],
      },
    ),
    largest([1], 0, 1),
    largest([127], 0, 5),
    largest([3, 5], 1, 3),
    largest([5, 3], 0, 3),
    largest([3, 127, 2], 1, 127),
  ],
} satisfies Partial<Record<OpName, OpSample[]>>;
