/** Samples of the primitives that move elements. */
import { hostTensor } from '../../compiler/graph/host-tensor.ts';
import type { OpAttributes, OpName } from '../../compiler/graph/ir.ts';
import { sample, tensorOf, vector, type OpSample } from './sample.ts';

const matrix = hostTensor([2, 3], [1, 2, 3, 4, 5, 6]);

type Numbers = readonly number[];

/** A view with attributes and without, of the hand-picked matrix and of random tensors. */
function view<P extends 'transpose' | 'slice' | 'reverse'>(
  op: P,
  byHand: readonly (readonly [OpAttributes[P], Numbers])[],
  random: readonly (readonly [Numbers, OpAttributes[P]])[],
): OpSample[] {
  return [
    ...byHand.map(([attributes, expected], i) =>
      sample(`${op} by hand ${i + 1}`, { x: matrix }, (b, x) => b.add(op, [x], attributes), { expected }),
    ),
    ...random.map(([shape, attributes], i) =>
      sample(`${op} of [${shape.join(', ')}]`, { x: tensorOf(shape, 500 + i) }, (b, x) =>
        b.add(op, [x], attributes),
      ),
    ),
  ];
}

function shaped(op: 'reshape' | 'broadcast', from: Numbers, to: Numbers, expected?: Numbers): OpSample {
  const x = expected
    ? hostTensor(
        from,
        [1, 2, 3, 4, 5, 6].slice(
          0,
          from.reduce((n, d) => n * d, 1),
        ),
      )
    : tensorOf(from, 510);
  return sample(
    `${op} of [${from.join(', ')}] to [${to.join(', ')}]`,
    { x },
    (b, id) => b.add(op, [id], {}, { shape: to }),
    expected ? { expected } : {},
  );
}

function padding(
  from: Numbers,
  before: Numbers,
  after: Numbers,
  interior: Numbers,
  expected?: Numbers,
): OpSample {
  const x = expected
    ? hostTensor(
        from,
        from.length === 0
          ? [1]
          : [1, 2, 3, 4, 5, 6].slice(
              0,
              from.reduce((n, d) => n * d, 1),
            ),
      )
    : tensorOf(from, 520);
  return sample(
    `pad of [${from.join(', ')}] by ${before.join(' ')}, ${after.join(' ')}, ${interior.join(' ')}`,
    { x, value: hostTensor([], [9]) },
    (b, id, value) => b.add('pad', [id, value], { before, after, interior }),
    expected ? { expected } : {},
  );
}

function joined(shapes: readonly Numbers[], axis: number): OpSample {
  const tensors = Object.fromEntries(shapes.map((shape, i) => [`x${i}`, tensorOf(shape, 530 + i)]));
  return sample(
    `concat of ${shapes.length} along ${axis} of ${shapes[0]?.length ?? 0}`,
    tensors,
    (b, ...inputs) => b.add('concat', inputs, { axis }),
  );
}

export const VIEW_SAMPLES = {
  reshape: [
    shaped('reshape', [2, 3], [3, 2], [1, 2, 3, 4, 5, 6]),
    shaped('reshape', [], [1, 1]),
    shaped('reshape', [127], [1, 127]),
    shaped('reshape', [3, 5, 1], [15]),
    shaped('reshape', [1, 3, 5, 1], [5, 3]),
  ],
  transpose: view(
    'transpose',
    [[{ permutation: [1, 0] }, [1, 4, 2, 5, 3, 6]]],
    [
      [[], { permutation: [] }],
      [[127], { permutation: [0] }],
      [[127, 3], { permutation: [1, 0] }],
      [[3, 5, 2], { permutation: [2, 0, 1] }],
      [[1, 3, 5, 2], { permutation: [3, 1, 0, 2] }],
    ],
  ),
  broadcast: [
    shaped('broadcast', [1, 3], [2, 3], [1, 2, 3, 1, 2, 3]),
    shaped('broadcast', [2, 1], [2, 3], [1, 1, 1, 2, 2, 2]),
    shaped('broadcast', [], []),
    shaped('broadcast', [1], [127]),
    shaped('broadcast', [3, 1, 5], [3, 5, 5]),
    shaped('broadcast', [1, 3, 1, 1], [5, 3, 3, 1]),
  ],
  slice: view(
    'slice',
    [
      [{ starts: [0, 1], limits: [2, 3], steps: [1, 1] }, [2, 3, 5, 6]],
      [{ starts: [1, 0], limits: [2, 3], steps: [1, 2] }, [4, 6]],
    ],
    [
      [[], { starts: [], limits: [], steps: [] }],
      [[127], { starts: [1], limits: [126], steps: [3] }],
      [[5, 7], { starts: [0, 2], limits: [5, 7], steps: [2, 1] }],
      [[3, 5, 3], { starts: [1, 1, 0], limits: [2, 4, 3], steps: [1, 1, 2] }],
      [[1, 3, 5, 2], { starts: [0, 0, 4, 1], limits: [1, 3, 5, 2], steps: [1, 1, 1, 1] }],
    ],
  ),
  reverse: view(
    'reverse',
    [
      [{ axes: [1] }, [3, 2, 1, 6, 5, 4]],
      [{ axes: [0, 1] }, [6, 5, 4, 3, 2, 1]],
    ],
    [
      [[], { axes: [] }],
      [[127], { axes: [0] }],
      [[3, 5, 2], { axes: [0, 2] }],
      [[1, 3, 5, 2], { axes: [1, 3] }],
    ],
  ),
  pad: [
    padding([2, 2], [1, 0], [0, 1], [0, 0], [9, 9, 9, 1, 2, 9, 3, 4, 9]),
    padding([3], [0], [1], [1], [1, 9, 2, 9, 3, 9]),
    padding([], [], [], [], [1]),
    padding([127], [3], [5], [2]),
    padding([3, 1, 5], [0, 2, 1], [1, 0, 0], [0, 3, 1]),
    padding([1, 3, 5, 1], [1, 0, 0, 1], [0, 1, 0, 0], [0, 0, 1, 0]),
  ],
  concat: [
    sample(
      'concat by hand',
      { x: matrix, y: hostTensor([2, 1], [7, 8]) },
      (b, x, y) => b.add('concat', [x, y], { axis: 1 }),
      { expected: [1, 2, 3, 7, 4, 5, 6, 8] },
    ),
    sample(
      'concat of u32',
      { x: vector([1, 2], 'u32'), y: vector([3], 'u32') },
      (b, x, y) => b.add('concat', [x, y], { axis: 0 }),
      { expected: [1, 2, 3] },
    ),
    joined([[127]], 0),
    joined([[1], [3], [127]], 0),
    joined(
      [
        [3, 5],
        [3, 1],
      ],
      1,
    ),
    joined(
      [
        [3, 5, 1],
        [1, 5, 1],
        [5, 5, 1],
      ],
      0,
    ),
    joined(
      [
        [1, 3, 1, 5],
        [1, 3, 3, 5],
      ],
      2,
    ),
    sample('concat of one twice', { x: matrix }, (b, x) => b.add('concat', [x, x], { axis: 0 }), {
      expected: [1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6],
    }),
  ],
} satisfies Partial<Record<OpName, OpSample[]>>;
