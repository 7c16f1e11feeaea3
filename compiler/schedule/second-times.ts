/**
 * Keeps fusion from undoing what checkpoints save (`checkpoints.ts`). In: groups that might share a kernel. Out: whether
 * that would keep alive what a segment works out again, or work it out while the first time is at hand.
 */
import type { Graph } from '../graph/ir.ts';
import type { Draft } from './drafts.ts';
import { isReduction } from './spaces.ts';

/** The segment of which a kernel holds nodes that are worked out again; no kernel has those of two. */
function againOf(graph: Graph, draft: Draft): number | undefined {
  for (const id of draft.nodes) {
    const again = graph.nodes[id]?.again;
    if (again !== undefined) return again;
  }
  return undefined;
}

const isForward = (graph: Graph, draft: Draft): boolean =>
  draft.group.nodes.some((id) => graph.nodes[id]?.phase === 'forward');

/**
 * Whether one kernel would take sums over different tensors, such as those of two segments: all that the first reads would
 * have to be kept until the second is there, instead of its small result.
 */
function keepsForSums(graph: Graph, first: Draft, second: Draft): boolean {
  const sums = ({ group }: Draft): boolean =>
    group.nodes.some((id) => {
      const node = graph.nodes[id];
      return node !== undefined && isReduction(node);
    });
  return sums(first) && sums(second) && !first.loads.some((id) => second.loads.includes(id));
}

/** A second time may go to where it is read, and take in what comes from the backward part. */
export function mayJoin(graph: Graph, first: Draft, second: Draft): boolean {
  if (keepsForSums(graph, first, second)) return false;
  const [a, b] = [againOf(graph, first), againOf(graph, second)];
  if (a === b) return true;
  if (a !== undefined && b !== undefined) return false;
  const [repeated, plain] = a === undefined ? [second, first] : [first, second];
  const reads = (reader: Draft, maker: Draft): boolean =>
    maker.group.stored.some((id) => reader.loads.includes(id));
  return reads(plain, repeated) || (reads(repeated, plain) && !isForward(graph, plain));
}

/** What the forward part keeps for later is kept, not worked out from what then would have to be kept instead. */
export function mayRepeat(graph: Graph, maker: Draft, readers: readonly Draft[]): boolean {
  const again = againOf(graph, maker);
  return readers.every((reader) => {
    const there = againOf(graph, reader);
    if (again !== undefined) return there === undefined || there === again;
    return !isForward(graph, maker) || (there === undefined && isForward(graph, reader));
  });
}
