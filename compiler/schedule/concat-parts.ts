/** In: a concat and the device's limit of storage bindings. Out: its groups, each with as many inputs as fit. */
import type { Node } from '../graph/ir.ts';
import type { TargetProfile } from '../kernel/profile.ts';
import { bindingCount } from './reads.ts';
import type { Group } from './schedule.ts';
import type { ScheduledGraph } from './scheduled-graph.ts';

/** The concat as it is where its inputs fit the bindings, else one group a run of inputs that does. */
export function concatParts(
  graph: ScheduledGraph,
  group: Group,
  profile: TargetProfile,
  batch: number,
): Group[] {
  if (bindingCount(graph, group, profile, batch) <= profile.storageBindings) return [group];
  const [id] = group.nodes as [number];
  const count = nodeAt(graph, id).inputs.length;
  const parts: Group[] = [];
  for (let from = 0; from < count;) {
    let to = from + 1;
    const part = (end: number): Group => ({ ...group, part: { from, to: end } });
    while (to < count && bindingCount(graph, part(to + 1), profile, batch) <= profile.storageBindings) to++;
    parts.push(part(to));
    from = to;
  }
  return parts;
}

const nodeAt = (graph: ScheduledGraph, id: number): Node => {
  const node = graph.nodes[id];
  if (!node) throw new Error(`internal: no node %${id} in graph ${graph.name}`);
  return node;
};
