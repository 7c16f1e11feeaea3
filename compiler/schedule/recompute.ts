/**
 * Works a stored value out anew in every kernel that reads it, where that is cheaper than its bytes. In: drafts and
 * a value. Out: the groups that would take the place of its maker and its readers, or nothing.
 *
 * What the value is made of is followed back to what lies in memory anyway. A sum, or a value an eighth of its
 * size, is not repeated but stored in its place: the mean and the deviation of a row instead of its normalized
 * elements.
 */
import { elementsAt } from '../graph/dimension.ts';
import { OPS } from '../graph/ops.ts';
import type { Node } from '../graph/ir.ts';
import type { Draft, Drafts } from './drafts.ts';
import { isLeaf } from './free.ts';
import { isLoaded } from './reads.ts';
import type { Group } from './schedule.ts';
import { isFree, type ScheduledGraph } from './scheduled-graph.ts';

export interface Recomputation {
  /** The maker and the readers as they are. */
  readonly old: readonly Draft[];
  /** Groups in their place; the kind is not decided yet. */
  readonly groups: readonly Group[];
}

/** Nodes in this share of the value's elements are stored instead of repeated. */
const SMALL = 8;

export function recomputation(drafts: Drafts, value: number): Recomputation | undefined {
  const { graph } = drafts.context;
  const maker = drafts.maker(value);
  if (!maker || drafts.isKept(value) || !isPointwise(graph.nodes[value] as Node)) return undefined;
  const readers = drafts.readersOf(value);
  if (readers.length === 0) return undefined;
  const { repeated, saved } = origins(drafts, maker, value);

  const stored = [...new Set([...maker.group.stored.filter((id) => id !== value), ...saved])];
  const left = reachable(graph, maker.group, stored);
  const rest: Group[] =
    stored.length === 0 ? [] : [{ ...maker.group, nodes: left, stored: stored.sort((a, b) => a - b) }];
  const changed = readers.map((reader): Group => ({
    ...reader.group,
    nodes: [...new Set([...reader.nodes, ...repeated])].sort((a, b) => a - b),
  }));
  return { old: [maker, ...readers], groups: [...rest, ...changed] };
}

const isPointwise = (node: Node): boolean => OPS[node.op].kind === 'elementwise' || node.op === 'random_bits';

/** The nodes a reader must repeat, and those the maker must store for it. */
function origins(drafts: Drafts, maker: Draft, value: number): { repeated: Set<number>; saved: Set<number> } {
  const { graph, batch } = drafts.context;
  const elements = (id: number): number => elementsAt((graph.nodes[id] as Node).type.shape, batch);
  const stored = new Set(maker.group.stored);
  const repeated = new Set<number>();
  const saved = new Set<number>();
  const seen = new Set<number>();
  const visit = (id: number): void => {
    if (seen.has(id)) return;
    seen.add(id);
    const node = graph.nodes[id] as Node;
    if (isLeaf(node) || isLoaded(graph, maker.group, node)) return;
    if (maker.nodes.has(id)) {
      if (id !== value && stored.has(id)) return;
      const small = elements(id) * SMALL <= elements(value) && readsMemory(drafts, maker, id);
      if (id !== value && (!isPointwise(node) || small)) {
        saved.add(id);
        return;
      }
      repeated.add(id);
    } else if (!isFree(graph, id)) return;
    node.inputs.forEach(visit);
  };
  visit(value);
  return { repeated, saved };
}

/** Whether a value depends on anything but numbers and positions. */
export function readsMemory(drafts: Drafts, maker: Draft, value: number): boolean {
  const { graph } = drafts.context;
  const seen = new Set<number>();
  const visit = (id: number): boolean => {
    if (seen.has(id)) return false;
    seen.add(id);
    const node = graph.nodes[id] as Node;
    return isLeaf(node) || isLoaded(graph, maker.group, node) || node.inputs.some(visit);
  };
  return visit(value);
}

/** The group's nodes that its results need. */
function reachable(graph: ScheduledGraph, group: Group, stored: readonly number[]): number[] {
  const members = new Set(group.nodes);
  const found = new Set<number>();
  const seen = new Set<number>();
  const visit = (id: number): void => {
    if (seen.has(id)) return;
    seen.add(id);
    const node = graph.nodes[id] as Node;
    if (members.has(id)) found.add(id);
    else if (isLeaf(node) || !isFree(graph, id)) return;
    node.inputs.forEach(visit);
  };
  stored.forEach(visit);
  return [...found].sort((a, b) => a - b);
}
