/**
 * The order of groups. In: groups in any order. Out: an order in which a value is stored before it is read,
 * and a named tensor is overwritten only after all readers of what it held; or the node whose overwriting
 * makes such an order impossible.
 */
import type { Graph, Node } from '../graph/ir.ts';
import { leafName, writtenHome } from './homes.ts';
import { isLoaded, readsOf, type Reads } from './reads.ts';
import type { Group } from './schedule.ts';

export type Arrangement =
  | { readonly kind: 'ordered'; readonly groups: Group[] }
  /** The node that overwrites what must still be read. */
  | { readonly kind: 'conflict'; readonly value: number }
  /** Groups of several results that wait for each other. */
  | { readonly kind: 'circle' };

interface Place {
  readonly group: Group;
  /** Later groups of equal readiness come later in the graph. */
  readonly rank: number;
  /** Groups that come first. */
  readonly before: Set<Place>;
}

export function arrange(graph: Graph, groups: readonly Group[]): Arrangement {
  const places = groups
    .map((group): Place => ({ group, rank: rankOf(group), before: new Set() }))
    .sort((a, b) => a.rank - b.rank);
  const reads = new Map(places.map((place) => [place, readsOf(graph, place.group)]));
  const makers = new Map<number, Place[]>();
  const readers = new Map<string, Place[]>();
  for (const place of places) {
    for (const id of place.group.stored) append(makers, id, place);
    for (const name of readsOfPlace(reads, place).leaves) append(readers, name, place);
  }
  for (const place of places) {
    const first = [...readsOfPlace(reads, place).loads].flatMap((id) => makers.get(id) ?? []);
    const old = writtenNames(graph, place.group).flatMap(({ name }) => readers.get(name) ?? []);
    for (const other of [...first, ...old]) if (other !== place) place.before.add(other);
  }
  // The first group by rank that is ready, again and again; ranks are nearly an order already.
  const ordered: Group[] = [];
  const done = new Set<Place>();
  let waiting = places;
  while (waiting.length > 0) {
    const next = waiting.findIndex((place) => [...place.before].every((other) => done.has(other)));
    if (next < 0) return conflictAmong(graph, waiting, reads);
    const [place] = waiting.slice(next, next + 1) as [Place];
    done.add(place);
    ordered.push(place.group);
    waiting = next === 0 ? waiting.slice(1) : waiting.filter((other) => other !== place);
  }
  return { kind: 'ordered', groups: ordered };
}

type Known = ReadonlyMap<Place, Reads>;

const readsOfPlace = (reads: Known, place: Place): Reads => reads.get(place) as Reads;

function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

const rankOf = (group: Group): number =>
  Math.max(...group.nodes, ...group.stored, ...(group.copies ?? []).map((copy) => copy.value + 0.5));

function writtenNames(graph: Graph, group: Group): { name: string; value: number | undefined }[] {
  const stored = group.stored.flatMap((value) => {
    const home = writtenHome(graph, value, group.spilled);
    return home.kind === 'named' ? [{ name: home.name, value }] : [];
  });
  return [...stored, ...(group.copies ?? []).map(({ name }) => ({ name, value: undefined }))];
}

/** A node that overwrites what another group of the circle still reads. */
function conflictAmong(graph: Graph, waiting: readonly Place[], reads: Known): Arrangement {
  for (const writer of waiting) {
    for (const { name, value } of writtenNames(graph, writer.group)) {
      const read = waiting.some((reader) => reader !== writer && reads.get(reader)?.leaves.has(name));
      if (value !== undefined && read) return { kind: 'conflict', value };
    }
  }
  return { kind: 'circle' };
}

/**
 * A node that overwrites, within its own kernel, a tensor that other threads still read: one that is read
 * anywhere but at the element that is written. Undefined where there is none.
 */
export function findHazard(graph: Graph, groups: readonly Group[]): number | undefined {
  for (const group of groups) {
    const moved = movedReads(graph, group);
    const found = writtenNames(graph, group).find(
      ({ name, value }) => value !== undefined && moved.has(name),
    );
    if (found?.value !== undefined) return found.value;
  }
  return undefined;
}

/** Named tensors that a group reads at another place than that of the element it computes. */
function movedReads(graph: Graph, group: Group): Set<string> {
  const found = new Set<string>();
  const seen = new Set<string>();
  const visit = (id: number, moved: boolean): void => {
    const key = `${id} ${moved}`;
    if (seen.has(key)) return;
    seen.add(key);
    const node = graph.nodes[id] as Node;
    const name = leafName(node);
    if (isLoaded(graph, group, node)) return;
    if (name !== undefined && moved) found.add(name);
    node.inputs.forEach((input, i) => visit(input, moved || moves(node, i)));
  };
  group.stored.forEach((id) => visit(id, false));
  return found;
}

/** Whether a primitive reads input `i` elsewhere than at the element it computes. */
function moves(node: Node, i: number): boolean {
  switch (node.op) {
    case 'transpose':
    case 'broadcast':
    case 'slice':
    case 'reverse':
    case 'windows':
    case 'diagonal':
    case 'pad':
    case 'concat':
    case 'reduce_sum':
    case 'reduce_max':
    case 'reduce_min':
    case 'reduce_prod':
    case 'argmax':
    case 'argmin':
    case 'matmul':
    case 'conv':
    case 'take':
    case 'gather':
    case 'cumsum':
    case 'top_k':
      return true;
    case 'scatter_add':
      return i !== 0;
    default:
      return false;
  }
}
