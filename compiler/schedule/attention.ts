/**
 * Where attention is a kernel of its own, which never stores the matrix of scores: a table of what such kernels need,
 * each with the reason that is shown where it is missing. In: an attention and the device's profile. Out: the first
 * reason against it; undefined where there is none.
 */
import { elementsAt, type Dimension } from '../graph/dimension.ts';
import type { Graph, Node, NodeOf } from '../graph/ir.ts';
import type { DeviceClass, TargetProfile } from '../kernel/profile.ts';

/** Channels of one head that a workgroup's registers hold. */
const LEAST_CHANNELS = 16;
const MOST_CHANNELS = 128;

/**
 * Wider heads leave so few threads at work that stored scores were seven times faster on an H100 (bench/RESULTS.md); they
 * are a kernel of their own only where the scores are too large for one binding.
 */
const FAST_CHANNELS = 64;

/** Why a class computes attention by two products and stores the scores. */
const CLASSES: { readonly [C in DeviceClass]: string | undefined } = {
  cpu: 'the processor has no threads that share memory: two products and a softmax are faster',
  software: 'a software device takes longer at barriers than over stored scores',
  small: undefined,
  large: undefined,
};

interface Attention {
  /** Channels of queries and keys, and of values. */
  readonly channels: readonly Dimension[];
  readonly lengths: readonly Dimension[];
  /** Bytes of the scores; of one record where the batch is open. */
  readonly scores: number;
  readonly profile: TargetProfile;
  readonly fuse: boolean;
}

/** Bytes of workgroup memory that the kernels take. */
export const ATTENTION_BYTES = 14 * 1024;

const NEEDS: readonly ((given: Attention) => string | undefined)[] = [
  ({ fuse }) => (fuse ? undefined : 'fusion is off'),
  ({ profile }) => CLASSES[profile.deviceClass],
  ({ channels }) =>
    channels.every((n) => typeof n === 'number' && n >= LEAST_CHANNELS && n <= MOST_CHANNELS && n % 4 === 0)
      ? undefined
      : `heads of ${LEAST_CHANNELS} to ${MOST_CHANNELS} channels, a multiple of 4, are wanted`,
  ({ lengths }) =>
    lengths.every((n) => typeof n === 'number') ? undefined : 'a sequence as long as the batch',
  ({ channels, scores, profile: { bindingBytes } }) =>
    channels.every((n) => typeof n === 'number' && n <= FAST_CHANNELS) || scores > bindingBytes
      ? undefined
      : `heads of more than ${FAST_CHANNELS} channels are faster over stored scores, which fit one binding`,
  ({ profile: { workgroupBytes } }) =>
    workgroupBytes >= ATTENTION_BYTES ? undefined : `${ATTENTION_BYTES} bytes of workgroup memory are wanted`,
];

export function refuseAttention(
  graph: Graph,
  node: NodeOf<'attention'>,
  { profile, fuse }: { readonly profile: TargetProfile; readonly fuse: boolean },
): string | undefined {
  const shape = (index: number): readonly Dimension[] =>
    (graph.nodes[node.inputs[index] as number] as Node).type.shape;
  const lengths = [shape(0).at(-2) as Dimension, shape(1).at(-2) as Dimension];
  const given: Attention = {
    channels: [shape(0).at(-1) as Dimension, shape(2).at(-1) as Dimension],
    lengths,
    scores: 4 * elementsAt([...shape(0).slice(0, -2), ...lengths], 1),
    profile,
    fuse,
  };
  for (const need of NEEDS) {
    const reason = need(given);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

/** Whether one kernel computes both: the result with its logarithms, the gradients by keys and by values. */
export function areComputedTogether(a: Node, b: Node): boolean {
  const operands = (node: Node): string => node.inputs.join();
  if (a.op === 'attention_gradient' && b.op === 'attention_gradient') {
    const parts = [a.attributes.by, b.attributes.by];
    return !parts.includes('queries') && parts[0] !== parts[1] && operands(a) === operands(b);
  }
  const [result, sums] = a.op === 'attention' ? [a, b] : [b, a];
  if (result.op !== 'attention' || sums.op !== 'attention_lse') return false;
  const [q, k, , ...mask] = result.inputs;
  const same =
    result.attributes.causal === sums.attributes.causal && result.attributes.scale === sums.attributes.scale;
  return same && operands(sums) === [q, k, ...mask].join();
}

/** Of a gradient by queries the sum over g · result, a number a query, which its kernel may take on its way. */
export function sumBefore(node: Node): number | undefined {
  return node.op === 'attention_gradient' && node.attributes.by === 'queries' ? node.inputs[4] : undefined;
}
