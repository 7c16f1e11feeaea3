/** Which loop a group belongs to. */
import type { Graph, Loop } from '../graph/ir.ts';
import { loopOf } from '../graph/loop-of-node.ts';
import type { Group } from './schedule.ts';

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
