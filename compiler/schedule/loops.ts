/** Which loop a node or a group belongs to. */
import type { Graph, Loop } from '../graph/ir.ts';
import type { Group } from './schedule.ts';

export function loopOf(graph: Graph, id: number): Loop | undefined {
  return graph.loops?.find(({ first, last }) => first <= id && id <= last);
}

/** The loop in whose turns a group runs: that of what it computes, or of the stack it copies into. */
export function loopOfGroup(graph: Graph, group: Group): Loop | undefined {
  const [node] = [...group.nodes, ...group.stored];
  if (node !== undefined) return loopOf(graph, node);
  for (const { to } of group.copies ?? []) {
    if (to.kind === 'turn') return graph.loops?.find(({ stacks }) => stacks.includes(to.stack));
  }
  return undefined;
}
