/** Samples of the primitives without inputs. */
import { GraphBuilder } from '../../compiler/graph/builder.ts';
import { environment, type Environment } from '../../compiler/graph/interpret.ts';
import type { OpName } from '../../compiler/graph/ir.ts';
import { BATCH } from '../../compiler/graph/dimension.ts';
import { hostTensor } from '../../compiler/graph/host-tensor.ts';
import { sample, tensorOf, vector, type OpSample } from './sample.ts';

/** A leaf, copied through an addition of zero so that there is something to compute. */
function leaf(
  name: string,
  build: (b: GraphBuilder) => number,
  given: Partial<Environment>,
  expected?: readonly number[],
  variables: readonly string[] = [],
): OpSample {
  const b = new GraphBuilder(name.replaceAll(' ', '_'));
  b.output('result', build(b), 'result');
  return {
    name,
    graph: b.finish(),
    environment: environment(given),
    ...(expected ? { expected } : {}),
    variables,
    terms: 1,
    special: (expected ?? []).some((value) => !Number.isFinite(value)),
  };
}

const table = hostTensor([2, 3], [1, 2, 3, 4, 5, 6]);

export const LEAF_SAMPLES = {
  parameter: [
    leaf(
      'parameter',
      (b) => b.add('parameter', [], { name: 'w' }, { shape: [2, 3] }),
      { parameters: new Map([['w', table]]) },
      [1, 2, 3, 4, 5, 6],
      ['w'],
    ),
  ],
  state: [
    leaf(
      'state',
      (b) => b.add('state', [], { name: 's' }, { shape: [2, 3] }),
      { states: new Map([['s', table]]) },
      [1, 2, 3, 4, 5, 6],
      ['s'],
    ),
  ],
  input: [
    sample('input of f32', { x: tensorOf([3, 5], 1) }, (_b, x) => x),
    sample('input of u32', { x: vector([0, 7, 2 ** 32 - 1], 'u32') }, (_b, x) => x, {
      expected: [0, 7, 2 ** 32 - 1],
    }),
    sample('input of i32', { x: vector([0, -7, 2 ** 31 - 1], 'i32') }, (_b, x) => x, {
      expected: [0, -7, 2 ** 31 - 1],
    }),
    leaf(
      'input of bytes',
      (b) => b.add('input', [], { name: 'x', storage: 'u8' }, { shape: [5] }),
      { inputs: new Map([['x', vector([0, 1, 128, 254, 255], 'u32')]]) },
      [0, 1, 128, 254, 255],
    ),
  ],
  scalar: [
    leaf(
      'scalar',
      (b) => b.add('scalar', [], { name: 'lr' }),
      { scalars: new Map([['lr', 0.125]]) },
      [0.125],
    ),
  ],
  constant: [
    leaf('constant', (b) => b.add('constant', [], { value: 2.5 }), {}, [2.5]),
    leaf('constant of u32', (b) => b.add('constant', [], { value: 2 ** 32 - 1 }, { dtype: 'u32' }), {}, [
      2 ** 32 - 1,
    ]),
    leaf('constant of i32', (b) => b.add('constant', [], { value: -7 }, { dtype: 'i32' }), {}, [-7]),
    leaf('constant of bool', (b) => b.add('constant', [], { value: 1 }, { dtype: 'bool' }), {}, [1]),
    leaf('constant infinity', (b) => b.add('constant', [], { value: -Infinity }), {}, [-Infinity]),
    leaf('constant of the batch', (b) => b.add('constant', [], { value: BATCH }), { batch: 5 }, [5]),
  ],
  iota: [
    leaf('iota of [5]', (b) => b.add('iota', [], { axis: 0 }, { shape: [5] }), {}, [0, 1, 2, 3, 4]),
    leaf(
      'iota of [2, 3] by rows',
      (b) => b.add('iota', [], { axis: 0 }, { shape: [2, 3] }),
      {},
      [0, 0, 0, 1, 1, 1],
    ),
    leaf(
      'iota of [2, 3] by columns',
      (b) => b.add('iota', [], { axis: 1 }, { shape: [2, 3] }),
      {},
      [0, 1, 2, 0, 1, 2],
    ),
    leaf('iota of [127]', (b) => b.add('iota', [], { axis: 0 }, { shape: [127] }), {}),
    leaf('iota of [1, 3, 5, 1]', (b) => b.add('iota', [], { axis: 2 }, { shape: [1, 3, 5, 1] }), {}),
  ],
  random_bits: [
    // The first word of Random123's vector for an all-zero key and counter.
    leaf(
      'random bits of zeros',
      (b) => b.add('random_bits', [], { stream: 0 }, { shape: [1] }),
      {},
      [0x6b200159],
    ),
    leaf('random bits of [3, 5]', (b) => b.add('random_bits', [], { stream: 7 }, { shape: [3, 5] }), {
      seed: 42,
      draw: 3,
    }),
    leaf('random bits of [127]', (b) => b.add('random_bits', [], { stream: 2 ** 32 - 1 }, { shape: [127] }), {
      seed: 2 ** 32 - 1,
      draw: 2 ** 31,
    }),
  ],
} satisfies Partial<Record<OpName, OpSample[]>>;
