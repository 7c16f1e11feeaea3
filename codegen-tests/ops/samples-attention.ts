/** Samples of attention, its logarithms and its gradients: by hand for one key, and random ones with every attribute. */
import { hostTensor, type HostTensor } from '../../compiler/graph/host-tensor.ts';
import type { AttentionAttributes, NodeOf } from '../../compiler/graph/ir.ts';
import { sample, tensorOf, type OpSample } from './sample.ts';

type By = NodeOf<'attention_gradient'>['attributes']['by'];

interface Given {
  readonly batch?: readonly number[];
  /** Queries, keys, channels of both, channels of the values. */
  readonly sizes: readonly [number, number, number, number];
  readonly causal?: boolean;
  readonly mask?: HostTensor;
}

const attributesOf = ({ causal = false }: Given): AttentionAttributes => ({ scale: 0.7, causal });

function tensorsOf({ batch = [], sizes, mask }: Given): Record<'q' | 'k' | 'v' | 'mask', HostTensor> {
  const [queries, keys, depth, width] = sizes;
  const all = {
    q: tensorOf([...batch, queries, depth], 801),
    k: tensorOf([...batch, keys, depth], 802),
    v: tensorOf([...batch, keys, width], 803),
  };
  return (mask ? { ...all, mask } : all) as Record<'q' | 'k' | 'v' | 'mask', HostTensor>;
}

const described = ({ batch = [], sizes, causal, mask }: Given): string =>
  `of ${[...batch, ...sizes].join(' ')}${causal === true ? ', causal' : ''}${mask ? ', masked' : ''}`;

const masked = (...inputs: (number | undefined)[]): number[] => inputs.filter((id) => id !== undefined);

const forward = (given: Given): OpSample =>
  sample(
    `attention ${described(given)}`,
    tensorsOf(given),
    (b, q, k, v, mask) => b.add('attention', masked(q, k, v, mask), attributesOf(given)),
    { terms: given.sizes[1] + given.sizes[2] },
  );

function logarithms(given: Given): OpSample {
  const { v: _, ...tensors } = tensorsOf(given);
  return sample(
    `attention_lse ${described(given)}`,
    tensors,
    (b, q, k, mask) => b.add('attention_lse', masked(q, k, mask), attributesOf(given)),
    { terms: given.sizes[1] + given.sizes[2] },
  );
}

/** The logarithms and delta as inputs of their own, and the logarithms so large that shares stay below 1. */
function backward(by: By, given: Given): OpSample {
  const [queries, , , width] = given.sizes;
  const rows = [...(given.batch ?? []), queries];
  const { mask, ...tensors } = tensorsOf(given);
  const all = {
    ...tensors,
    sums: tensorOf(rows, 804, (u) => 3 + u),
    delta: tensorOf(rows, 805),
    g: tensorOf([...rows, width], 806),
  };
  return sample(
    `attention_gradient by ${by} ${described(given)}`,
    mask === undefined ? all : { ...all, mask },
    (b, ...inputs) => b.add('attention_gradient', masked(...inputs), { ...attributesOf(given), by }),
    { terms: 2 * (given.sizes[1] + given.sizes[2]) },
  );
}

const CASES: readonly Given[] = [
  { sizes: [3, 5, 4, 2] },
  { sizes: [1, 1, 1, 1] },
  { batch: [2, 1], sizes: [4, 4, 3, 3], causal: true },
  { batch: [2], sizes: [3, 5, 2, 3], causal: true },
  { sizes: [5, 2, 2, 1], causal: true },
  // The second query sees nothing.
  { batch: [2], sizes: [3, 4, 2, 2], mask: hostTensor([3, 4], [1, 0, 1, 0, 0, 0, 0, 0, 1, 1, 1, 1], 'bool') },
  {
    batch: [2],
    sizes: [3, 3, 2, 2],
    causal: true,
    mask: hostTensor([2, 1, 3], [1, 0, 1, 0, 1, 1], 'bool'),
  },
];

/** One query and one key: its share is 1, its score 0.7 * 2 * 5 = 7. */
const one = (numbers: readonly number[]): Record<string, HostTensor> =>
  Object.fromEntries(
    numbers.map((value, i) => [
      'q k v sums delta g'.split(' ')[i] as string,
      hostTensor(i === 3 || i === 4 ? [1] : [1, 1], [value]),
    ]),
  );

const gradientByHand = (by: By, expected: number): OpSample =>
  sample(
    `attention_gradient by hand, by ${by}`,
    one([2, 5, 3, 7, 1, 4]),
    (b, ...inputs) => b.add('attention_gradient', inputs, { scale: 0.7, causal: false, by }),
    { expected: [expected] },
  );

export const ATTENTION_SAMPLES = {
  attention: [
    sample(
      'attention by hand',
      one([2, 5, 3]),
      (b, ...inputs) => b.add('attention', inputs, { scale: 0.7, causal: true }),
      { expected: [3] },
    ),
    ...CASES.map(forward),
  ],
  attention_lse: [
    sample(
      'attention_lse by hand',
      one([2, 5]),
      (b, ...inputs) => b.add('attention_lse', inputs, { scale: 0.7, causal: false }),
      { expected: [7] },
    ),
    ...CASES.map(logarithms),
  ],
  // 0.7 * (4 * 3 - 1) times the key or the query; the share times g.
  attention_gradient: [
    gradientByHand('queries', 0.7 * 11 * 5),
    gradientByHand('keys', 0.7 * 11 * 2),
    gradientByHand('values', 4),
    ...CASES.flatMap((given) => (['queries', 'keys', 'values'] as const).map((by) => backward(by, given))),
  ],
} satisfies Record<string, OpSample[]>;
