/**
 * The order of groups. In: groups in any order. Out: an order in which a value is stored before it is read,
 * and a named tensor is overwritten only after all readers of what it held; or the node whose overwriting
 * makes such an order impossible.
 */
import type { Graph, Node } from '../graph/ir.ts';
import { leafName, writtenHome } from './homes.ts';
import { isLoaded, readsOf } from './reads.ts';
import type { Group } from './schedule.ts';

export type Arrangement = { readonly groups: Group[] } | { readonly conflict: number };

interface Place {
  readonly group: Group;
  /** Later groups of equal readiness come later in the graph. */
  readonly rank: number;
  /** Groups that come first. */
  readonly before: Set<Place>;
}

export function arrange(graph: Graph, groups: readonly Group[]): Arrangement {
  const places = groups.map((group): Place => ({ group, rank: rankOf(group), before: new Set() }));
  const reads = new Map(places.map((place) => [place, readsOf(graph, place.group)]));
  for (const writer of places) {
    const names = new Set(writtenNames(graph, writer.group).map(({ name }) => name));
    for (const reader of places) {
      if (reader === writer) continue;
      const { loads, leaves } = reads.get(reader) as ReturnType<typeof readsOf>;
      if (writer.group.stored.some((id) => loads.has(id))) reader.before.add(writer);
      if ([...leaves].some((name) => names.has(name))) writer.before.add(reader);
    }
  }
  const ordered: Group[] = [];
  const waiting = new Set([...places].sort((a, b) => a.rank - b.rank));
  while (waiting.size > 0) {
    const next = [...waiting].find((place) => [...place.before].every((other) => !waiting.has(other)));
    if (!next) return { conflict: conflictAmong(graph, [...waiting], reads) };
    waiting.delete(next);
    ordered.push(next.group);
  }
  return { groups: ordered };
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
function conflictAmong(
  graph: Graph,
  waiting: readonly Place[],
  reads: ReadonlyMap<Place, ReturnType<typeof readsOf>>,
): number {
  for (const writer of waiting) {
    for (const { name, value } of writtenNames(graph, writer.group)) {
      const read = waiting.some((reader) => reader !== writer && reads.get(reader)?.leaves.has(name));
      if (value !== undefined && read) return value;
    }
  }
  throw new Error(`internal: the groups of graph ${graph.name} read each other in a circle`);
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
    case 'pad':
    case 'concat':
    case 'reduce_sum':
    case 'reduce_max':
    case 'reduce_min':
    case 'reduce_prod':
    case 'argmax':
    case 'argmin':
    case 'matmul':
    case 'take':
      return true;
    case 'scatter_add':
      return i !== 0;
    default:
      return false;
  }
}
