/** Which loop a node or a group belongs to, and which stack a value of a loop lies in. */
import type { Graph, Loop } from '../graph/ir.ts';
import { isFree, isLeaf } from './free.ts';
import type { Group } from './schedule.ts';

export const holds = ({ first, last }: Loop, id: number): boolean => first <= id && id <= last;

/** The innermost loop that a node belongs to. */
export function loopOf(graph: Graph, id: number): Loop | undefined {
  return graph.loops?.findLast((loop) => holds(loop, id));
}

/** The loop directly inside `around` (undefined: none) that holds a loop, or is it. */
export function loopWithin(
  graph: Graph,
  around: Loop | undefined,
  inner: Loop | undefined,
): Loop | undefined {
  if (!inner || inner === around) return undefined;
  const isInside = (loop: Loop): boolean => !around || (loop !== around && holds(around, loop.first));
  return graph.loops?.find((loop) => isInside(loop) && holds(loop, inner.first));
}

/** The innermost loop in whose turns a group runs: that of what it computes, or of the stack it copies into. */
export function loopOfGroup(graph: Graph, group: Group): Loop | undefined {
  const [node] = [...group.nodes, ...group.stored];
  if (node !== undefined) return loopOf(graph, node);
  for (const { to } of group.copies ?? []) {
    if (to.kind === 'turn') return graph.loops?.find(({ stacks }) => stacks.includes(to.stack));
    // A loop within a loop starts anew in every turn of that.
    if (to.kind === 'initial') return loopOf(graph, to.stack);
  }
  return undefined;
}

/**
 * The first stack that takes a value computed in a loop: the value lies there and nowhere else. The stack of a loop
 * within has a place of its own, from which a turn of the outer one copies it.
 */
export function stackOf(graph: Graph, id: number): number | undefined {
  const loop = loopOf(graph, id);
  const node = graph.nodes[id];
  if (!loop || !node || node.op === 'carried' || node.op === 'over_turns') return undefined;
  if (isFree(graph, node) || isLeaf(node)) return undefined;
  return loop.stacks.find((stack) => graph.nodes[stack]?.inputs[0] === id);
}
