/** Which loop a node or a group belongs to, and which stack a value of a loop lies in. */
import type { Graph, Loop } from '../graph/ir.ts';
import { isFree, isLeaf } from './free.ts';
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

/** The first stack that takes a value computed in a loop: the value lies there and nowhere else. */
export function stackOf(graph: Graph, id: number): number | undefined {
  const loop = loopOf(graph, id);
  const node = graph.nodes[id];
  if (!loop || !node || node.op === 'carried' || isFree(graph, node) || isLeaf(node)) return undefined;
  return loop.stacks.find((stack) => graph.nodes[stack]?.inputs[0] === id);
}
