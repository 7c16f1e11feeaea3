/** Which loop a node or a group belongs to, and which stack a value of a loop lies in. */
import type { Graph, Loop } from '../graph/ir.ts';
import { isLeaf } from './free.ts';
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

/** By values computed in a loop: the first stack that takes each. The value lies there and nowhere else. */
export function stacksOfValues(graph: Graph, free: readonly boolean[]): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  for (const { first, last, stacks } of graph.loops ?? [])
    for (const stack of stacks) {
      const value = graph.nodes[stack]?.inputs[0];
      const node = value === undefined ? undefined : graph.nodes[value];
      if (value === undefined || !node || found.has(value) || value < first || value > last) continue;
      if (node.op !== 'carried' && !free[value] && !isLeaf(node)) found.set(value, stack);
    }
  return found;
}
