/**
 * What decides about a group besides what its values are called. In: a group. Out: a text that is equal for groups of
 * the same operators, sizes and connections, such as those of equal layers, and what the group reads.
 *
 * Values are described when they are met for the first time on the way from the results, and numbered: one met again is
 * its number. So ids do not tell, nor do names: only which of them are equal. It is asked for every pair that fusion
 * thinks of, so it is made of numbers; `kernel/group-key.ts` describes the groups that are left by all that lowering may
 * look at, and names what their kernels are bound to.
 */
import type { Node } from '../graph/ir.ts';
import { isLeaf } from './free.ts';
import { leafName, type Home } from './homes.ts';
import type { Reads } from './reads.ts';
import type { Group } from './schedule.ts';
import {
  isFree,
  liesElsewhere,
  readHome,
  textOf,
  writtenHome,
  type ScheduledGraph,
} from './scheduled-graph.ts';

export interface Structure {
  /** Undefined where a group has nodes that its results do not need. */
  readonly text: string | undefined;
  readonly reads: Reads;
}

/** Descriptions of nodes as numbers. */
export class Vocabulary {
  private readonly numbers = new Map<string, number>();

  number(text: string): number {
    const known = this.numbers.get(text) ?? this.numbers.size;
    this.numbers.set(text, known);
    return known;
  }
}

/** What is asked of the nodes of a graph, by node. */
export const describeNodes = (graph: ScheduledGraph, vocabulary: Vocabulary): readonly number[] =>
  graph.nodes.map(({ id }) => vocabulary.number(`${isFree(graph, id) ? 'free ' : ''}${textOf(graph, id)}`));

/** Of a group without spilled values, in the order of `readsOf`: from each result depth first. */
export function structureOf(
  graph: ScheduledGraph,
  group: Pick<Group, 'nodes' | 'stored'>,
  descriptions: readonly number[],
): Structure {
  const loads = new Set<number>();
  const leaves = new Map<string, number>();
  const members = new Set(group.nodes);
  const [met, places] = [new Map<number, number>(), new Map<number | string, number>()];
  const text: number[] = [];
  const place = (home: Home): number => {
    const key = home.kind === 'named' ? home.name : home.value;
    const known = places.get(key) ?? places.size;
    places.set(key, known);
    return known;
  };
  const visit = (id: number): void => {
    const before = met.get(id);
    if (before !== undefined) {
      text.push(before);
      return;
    }
    met.set(id, met.size);
    const node = graph.nodes[id] as Node;
    const member = members.has(id);
    // Below zero: a description.
    text.push(-1 - 2 * (descriptions[id] as number) - (member ? 1 : 0));
    if (!member && liesElsewhere(graph, {}, id)) {
      loads.add(id);
      text.push(place(readHome(graph, node)));
    } else if (isLeaf(node)) {
      const name = leafName(node) as string;
      leaves.set(name, id);
      text.push(place({ kind: 'named', name }));
    } else node.inputs.forEach(visit);
  };
  for (const id of group.stored) {
    visit(id);
    text.push(place(writtenHome(graph, id)));
  }
  const numbers = group.nodes.map((id) => met.get(id));
  const complete = !numbers.includes(undefined);
  return { text: complete ? `${text.join()};${numbers.join()}` : undefined, reads: { loads, leaves } };
}
