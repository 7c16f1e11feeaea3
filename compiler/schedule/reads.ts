/** What a group reads from memory: stored nodes and leaves behind the views and casts between. */
import type { Node } from '../graph/ir.ts';
import { isLeaf } from './free.ts';
import { leafName } from './homes.ts';
import type { Group } from './schedule.ts';
import { liesElsewhere, readHome, type ScheduledGraph } from './scheduled-graph.ts';

export interface Reads {
  /** Nodes stored by other groups. */
  readonly loads: ReadonlySet<number>;
  /** Named tensors read as leaves, with a node each: their value from before this graph. */
  readonly leaves: ReadonlyMap<string, number>;
}

export function readsOf(graph: ScheduledGraph, group: Group): Reads {
  const loads = new Set<number>();
  const leaves = new Map<string, number>();
  const members = new Set(group.nodes);
  const seen = new Set<number>();
  const visit = (id: number): void => {
    if (seen.has(id)) return;
    seen.add(id);
    const node = graph.nodes[id] as Node;
    const name = leafName(node);
    if (!members.has(id) && liesElsewhere(graph, group, id)) loads.add(id);
    else if (name !== undefined) leaves.set(name, id);
    else inputsOf(node, group).forEach(visit);
  };
  group.stored.forEach(visit);
  group.copies?.forEach((copy) => visit(copy.value));
  return { loads, leaves };
}

/** Whether a group takes a node's value from where another group stored it. */
export function isLoaded(graph: ScheduledGraph, group: Group, node: Node): boolean {
  return !group.nodes.includes(node.id) && liesElsewhere(graph, group, node.id);
}

function inputsOf(node: Node, group: Group): readonly number[] {
  const { part } = group;
  return part && node.id === group.stored[0] ? node.inputs.slice(part.from, part.to) : node.inputs;
}

export const loadsOf = (graph: ScheduledGraph, group: Group): number[] => [...readsOf(graph, group).loads];

/** How many tensors the group touches: its storage bindings. */
export function bindingCount(
  graph: ScheduledGraph,
  group: Group,
  { loads, leaves }: Reads = readsOf(graph, group),
): number {
  const places = new Set([...leaves.keys()].map((name) => `named:${name}`));
  const place = (id: number): string => {
    const home = readHome(graph, graph.nodes[id] as Node, group.spilled);
    return home.kind === 'named' ? `named:${home.name}` : `value:${home.value}`;
  };
  for (const id of loads) places.add(place(id));
  for (const id of group.stored) places.add(isLeaf(graph.nodes[id] as Node) ? `value:${id}` : place(id));
  for (const { to } of group.copies ?? []) {
    places.add(to.kind === 'named' ? `named:${to.name}` : `value:${to.stack}`);
  }
  return places.size;
}
