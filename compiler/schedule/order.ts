/**
 * The order of groups. In: groups in any order. Out: an order in which a value is stored before it is read,
 * and a named tensor is overwritten only after all readers of what it held; or the node whose overwriting
 * makes such an order impossible.
 */
import type { Loop, Node } from '../graph/ir.ts';
import { holds, loopWithin } from '../graph/loop-of-node.ts';
import { leafName } from './homes.ts';
import { loopOfGroup } from './loops.ts';
import { isLoaded, readsOf, type Reads } from './reads.ts';
import type { Group, GroupLoop } from './schedule.ts';
import { stackOf, writtenHome, type ScheduledGraph } from './scheduled-graph.ts';

export type Arrangement =
  | { readonly kind: 'ordered'; readonly groups: Group[]; readonly loops: GroupLoop[] }
  /** The node that overwrites what must still be read. */
  | { readonly kind: 'conflict'; readonly value: number }
  /** Groups of several results that wait for each other. */
  | { readonly kind: 'circle' };

/** What is put in its place as a whole: a group, or all groups of a loop. */
interface Place {
  readonly groups: readonly Group[];
  readonly loop: Loop | undefined;
  /** Later places of equal readiness come later in the graph. */
  readonly rank: number;
  /** Places that come first. */
  readonly before: Set<Place>;
}

/** The groups around loops and the loops are put in order first, then in the same way what each loop holds. */
export function arrange(graph: ScheduledGraph, groups: readonly Group[], within?: Loop): Arrangement {
  const apart: Group[] = [];
  const ofLoop = new Map<Loop, Group[]>();
  for (const group of groups) {
    const loop = loopWithin(graph, within, loopOfGroup(graph, group));
    if (loop) append(ofLoop, loop, group);
    else apart.push(group);
  }
  const around = order(graph, [
    ...apart.map((group) => placeOf([group])),
    ...[...ofLoop].map(([loop, inside]) => placeOf(inside, loop)),
  ]);
  if (!Array.isArray(around)) return around;
  const ordered: Group[] = [];
  const loops: GroupLoop[] = [];
  for (const { loop, groups: inside } of around) {
    const first = ordered.length;
    if (!loop) {
      ordered.push(...inside);
      continue;
    }
    const turn = arrange(graph, inside, loop);
    if (turn.kind !== 'ordered') return turn;
    ordered.push(...turn.groups);
    loops.push({ turns: loop.turns, first, last: ordered.length - 1 });
    for (const each of turn.loops)
      loops.push({ ...each, first: first + each.first, last: first + each.last });
  }
  return { kind: 'ordered', groups: ordered, loops };
}

const placeOf = (groups: readonly Group[], loop?: Loop): Place => ({
  groups,
  loop,
  rank: Math.max(...groups.map(rankOf)),
  before: new Set(),
});

function order(
  graph: ScheduledGraph,
  given: readonly Place[],
): Place[] | Exclude<Arrangement, { kind: 'ordered' }> {
  const places = [...given].sort((a, b) => a.rank - b.rank);
  const reads = new Map(places.map((place) => [place, readsOfAll(graph, place)]));
  const makers = new Map<number, Place[]>();
  const readers = new Map<string, Place[]>();
  for (const place of places) {
    for (const id of place.groups.flatMap((group) => madeBy(graph, group))) append(makers, id, place);
    for (const name of readsOfPlace(reads, place).leaves.keys()) append(readers, name, place);
  }
  for (const place of places) {
    const first = [...readsOfPlace(reads, place).loads].flatMap((id) => makers.get(id) ?? []);
    const written = place.groups.flatMap((group) => writtenNames(graph, group));
    const old = written.flatMap(({ name }) => readers.get(name) ?? []);
    for (const other of [...first, ...old]) if (other !== place) place.before.add(other);
  }
  // The first place by rank that is ready, again and again; ranks are nearly an order already.
  const ordered: Place[] = [];
  const done = new Set<Place>();
  let waiting: readonly Place[] = places;
  while (waiting.length > 0) {
    const next = waiting.findIndex((place) => [...place.before].every((other) => done.has(other)));
    if (next < 0) return conflictAmong(graph, waiting, reads);
    const [place] = waiting.slice(next, next + 1) as [Place];
    done.add(place);
    ordered.push(place);
    waiting = next === 0 ? waiting.slice(1) : waiting.filter((other) => other !== place);
  }
  return ordered;
}

/**
 * What the groups of a place read. A carry read by a loop comes from its stack: from the group that puts the
 * initial value there. Within a turn it comes from the turn before, and nothing has to be waited for.
 */
function readsOfAll(graph: ScheduledGraph, place: Place): Reads {
  const all = place.groups.map((group) => readsOf(graph, group));
  const stackAt = (id: number): number => {
    const node = graph.nodes[id];
    return node?.op === 'carried' && place.loop && holds(place.loop, id) ? node.attributes.stack : id;
  };
  return {
    loads: new Set(all.flatMap(({ loads }) => [...loads].map(stackAt))),
    leaves: new Map(all.flatMap(({ leaves }) => [...leaves])),
  };
}

/** Values a group stores, and the stacks it fills a part of. */
export function madeBy(graph: ScheduledGraph, group: Group): number[] {
  const stacks = (group.copies ?? []).flatMap(({ to }) => (to.kind === 'named' ? [] : [to.stack]));
  return [...group.stored.flatMap((id) => [id, stackOf(graph, id) ?? id]), ...stacks];
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

function writtenNames(graph: ScheduledGraph, group: Group): { name: string; value: number | undefined }[] {
  const stored = group.stored.flatMap((value) => {
    const home = writtenHome(graph, value, group.spilled);
    return home.kind === 'named' ? [{ name: home.name, value }] : [];
  });
  const copied = (group.copies ?? []).flatMap(({ to }) =>
    to.kind === 'named' ? [{ name: to.name, value: undefined }] : [],
  );
  return [...stored, ...copied];
}

/** A node that overwrites what another group of the circle still reads. */
function conflictAmong(
  graph: ScheduledGraph,
  waiting: readonly Place[],
  reads: Known,
): Exclude<Arrangement, { kind: 'ordered' }> {
  for (const writer of waiting) {
    for (const { name, value } of writer.groups.flatMap((group) => writtenNames(graph, group))) {
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
export function findHazard(graph: ScheduledGraph, groups: readonly Group[]): number | undefined {
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
function movedReads(graph: ScheduledGraph, group: Group): Set<string> {
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
export function moves(node: Node, i: number): boolean {
  switch (node.op) {
    case 'transpose':
    case 'broadcast':
    case 'slice':
    case 'reverse':
    case 'windows':
    case 'diagonal':
    case 'pad':
    case 'at_turn':
    case 'concat':
    case 'reduce_sum':
    case 'reduce_max':
    case 'reduce_min':
    case 'reduce_prod':
    case 'argmax':
    case 'argmin':
    case 'matmul':
    case 'conv':
    case 'attention':
    case 'attention_lse':
    case 'attention_gradient':
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
