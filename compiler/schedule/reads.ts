/** What a group reads from memory: stored nodes and leaves behind the views and casts between. */
import { elementsAt } from '../graph/dimension.ts';
import type { Node } from '../graph/ir.ts';
import { pieceCount, type BindingLimits } from '../kernel/profile.ts';
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

/** How many storage bindings the group takes: one a tensor it touches, more for one larger than a binding. */
export function bindingCount(
  graph: ScheduledGraph,
  group: Group,
  profile: BindingLimits,
  batch: number,
  { loads, leaves }: Reads = readsOf(graph, group),
): number {
  /** By place: the node whose type says how large it is. */
  const places = new Map([...leaves].map(([name, id]) => [`named:${name}`, id]));
  const add = (id: number): void => {
    const home = readHome(graph, graph.nodes[id] as Node, group.spilled);
    if (home.kind === 'named') places.set(`named:${home.name}`, id);
    else places.set(`value:${home.value}`, home.value);
  };
  for (const id of loads) add(id);
  for (const id of group.stored)
    if (isLeaf(graph.nodes[id] as Node)) places.set(`value:${id}`, id);
    else add(id);
  for (const { to, value } of group.copies ?? []) {
    if (to.kind === 'named') places.set(`named:${to.name}`, value);
    else places.set(`value:${to.stack}`, to.stack);
  }
  let count = 0;
  for (const id of places.values()) {
    const { dtype, shape } = (graph.nodes[id] as Node).type;
    count += pieceCount(elementsAt(shape, batch) * (dtype === 'f16' ? 2 : 4), profile);
  }
  return count;
}
