/** Which loop a group belongs to. */
import type { Graph, Loop } from '../graph/ir.ts';
import { loopOf, loopsAround } from '../graph/loop-of-node.ts';
import type { Group } from './schedule.ts';

/** The innermost loop in whose turns a group runs: that of what it computes, or of the stack it copies into. */
export function loopOfGroup(graph: Graph, group: Group): Loop | undefined {
  // What is worked out here may belong before the loop; what is stored does not.
  const [node] = group.stored;
  if (node !== undefined) return loopOf(graph, node);
  for (const { to } of group.copies ?? []) {
    if (to.kind === 'turn') return graph.loops?.find(({ stacks }) => stacks.includes(to.stack));
    // A loop within a loop starts anew in every turn of that.
    if (to.kind === 'initial') return loopOf(graph, to.stack);
  }
  return undefined;
}

/** The loops that a group runs in, the outermost first. */
export function loopsOfGroup(graph: Graph, group: Group): readonly Loop[] {
  const loop = loopOfGroup(graph, group);
  return loop ? loopsAround(graph, loop.first).filter(({ last }) => loop.last <= last) : NO_LOOPS;
}

const NO_LOOPS: readonly Loop[] = [];

/** How often a group runs. */
export const turnsOfGroup = (graph: Graph, group: Group): number =>
  loopsOfGroup(graph, group).reduce((product, { turns }) => product * turns, 1);
