/** What a group reads from memory: stored nodes and leaves behind the views and casts between. */
import { storedBytes, tensorBytes } from '../graph/element-bytes.ts';
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
  const nodeOf = (id: number): Node => graph.nodes[id] as Node;
  const bytesOf = (id: number): number => tensorBytes(nodeOf(id).type, batch);
  /** Bytes by place. */
  const places = new Map([...leaves].map(([name, id]) => [`named:${name}`, storedBytes(nodeOf(id), batch)]));
  const add = (id: number): void => {
    const home = readHome(graph, nodeOf(id), group.spilled);
    if (home.kind === 'named') places.set(`named:${home.name}`, bytesOf(id));
    else places.set(`value:${home.value}`, bytesOf(home.value));
  };
  for (const id of loads) add(id);
  for (const id of group.stored)
    if (isLeaf(nodeOf(id))) places.set(`value:${id}`, bytesOf(id));
    else add(id);
  for (const { to, value } of group.copies ?? []) {
    if (to.kind === 'named') places.set(`named:${to.name}`, bytesOf(value));
    else places.set(`value:${to.stack}`, bytesOf(to.stack));
  }
  return [...places.values()].reduce((count, bytes) => count + pieceCount(bytes, profile), 0);
}
