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
  cpu: undefined,
  software: 'a software device takes longer at barriers than over stored scores',
  small: undefined,
  large: undefined,
};

/**
 * Without a causal mask every score is wanted, and a processor is as fast over stored ones, which it need not work out again;
 * beyond so many bytes they are no longer worth their memory.
 */
const STORED_BYTES = 256 * 1024 * 1024;

/** Heads of all records below which threads of a processor would have nothing to do: a head is one thread's. */
const LEAST_HEADS = 16;

interface Attention {
  readonly causal: boolean;
  /** Channels of queries and keys, and of values. */
  readonly channels: readonly Dimension[];
  readonly lengths: readonly Dimension[];
  /** Heads of all records; undefined where the batch is open. */
  readonly heads: number | undefined;
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
  ({ heads, profile: { deviceClass } }) =>
    deviceClass !== 'cpu' || heads === undefined || heads >= LEAST_HEADS
      ? undefined
      : `${heads} heads in all: ${LEAST_HEADS} are wanted for the threads of a processor`,
  ({ causal, scores, profile: { deviceClass } }) =>
    deviceClass !== 'cpu' || causal || scores > STORED_BYTES
      ? undefined
      : 'without a causal mask a processor is as fast over stored scores',
  ({ channels, scores, profile: { bindingBytes, deviceClass } }) =>
    deviceClass === 'cpu' ||
    channels.every((n) => typeof n === 'number' && n <= FAST_CHANNELS) ||
    scores > bindingBytes
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
  const leading = shape(0).slice(0, -2);
  const given: Attention = {
    causal: node.attributes.causal,
    channels: [shape(0).at(-1) as Dimension, shape(2).at(-1) as Dimension],
    lengths,
    heads: leading.every((n) => typeof n === 'number') ? elementsAt(leading, 1) : undefined,
    scores: 4 * elementsAt([...leading, ...lengths], 1),
    profile,
    fuse,
  };
  for (const need of NEEDS) {
    const reason = need(given);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

/** Whether one kernel computes all: the result with its logarithms, or gradients by different operands. */
export function areComputedTogether(nodes: readonly Node[]): boolean {
  const [first, second] = nodes;
  if (!first || !second) return true;
  const operands = (node: Node): string => node.inputs.join();
  const gradients = nodes.flatMap((node) => (node.op === 'attention_gradient' ? [node] : []));
  if (gradients.length === nodes.length) {
    const parts = new Set(gradients.map(({ attributes }) => attributes.by));
    return parts.size === nodes.length && nodes.every((node) => operands(node) === operands(first));
  }
  const [result, sums] = first.op === 'attention' ? [first, second] : [second, first];
  if (nodes.length > 2 || result.op !== 'attention' || sums.op !== 'attention_lse') return false;
  const [q, k, , ...mask] = result.inputs;
  const same =
    result.attributes.causal === sums.attributes.causal && result.attributes.scale === sums.attributes.scale;
  return same && operands(sums) === [q, k, ...mask].join();
}

/** Whether queries and keys are of one thread: that of a whole head. */
export function ownWholeHeads(nodes: readonly Node[]): boolean {
  const parts = nodes.flatMap((node) => (node.op === 'attention_gradient' ? [node.attributes.by] : []));
  return parts.length > 1 && parts.includes('queries');
}

/** Of a gradient by queries the sum over g · result, a number a query, which its kernel may take on its way. */
export function sumBefore(node: Node): number | undefined {
  return node.op === 'attention_gradient' && node.attributes.by === 'queries' ? node.inputs[4] : undefined;
}
