/**
 * Loops over time whose turns are one point-wise kernel. In: an order of groups with loops. Out: the same, where such a
 * loop is one dispatch: each thread runs through the turns of its own elements, and reads of a carry only what it has
 * written itself.
 */
import type { Loop, Node } from '../graph/ir.ts';
import { loopOfGroup } from './loops.ts';
import { moves } from './order.ts';
import { isLoaded } from './reads.ts';
import type { Group, GroupLoop } from './schedule.ts';
import type { ScheduledGraph } from './scheduled-graph.ts';

interface Ordered {
  readonly groups: readonly Group[];
  readonly loops: readonly GroupLoop[];
}

export function runWholeLoops(graph: ScheduledGraph, { groups, loops }: Ordered): Ordered {
  const whole = new Set<GroupLoop>();
  const changed = groups.map((group, at): Group => {
    // The outer loop comes first.
    const loop = loops.findLast(({ first, last }) => first === at && last === at);
    const through = loop && loopOfGroup(graph, group);
    if (!through || !keepsToItsElements(graph, group, through)) return group;
    whole.add(loop);
    return { ...group, through };
  });
  return { groups: changed, loops: loops.filter((loop) => !whole.has(loop)) };
}

/** Whether what a turn reads of the turn before is the element that it works out. */
function keepsToItsElements(graph: ScheduledGraph, group: Group, loop: Loop): boolean {
  if (group.kind !== 'elementwise' || (group.copies ?? []).length > 0 || group.part) return false;
  const seen = new Set<string>();
  const visit = (id: number, moved: boolean): boolean => {
    const key = `${id} ${moved}`;
    if (seen.has(key)) return true;
    seen.add(key);
    const node = graph.nodes[id] as Node;
    if (node.op === 'carried' && loop.stacks.includes(node.attributes.stack)) return !moved;
    return (
      isLoaded(graph, group, node) ||
      node.inputs.every((input, place) => visit(input, moved || moves(node, place)))
    );
  };
  return group.stored.every((id) => visit(id, false));
}
