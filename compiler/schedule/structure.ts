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

/** Describes the groups of one graph. */
export class Structures {
  private readonly graph: ScheduledGraph;
  /** What is asked of the nodes, by node. */
  private readonly descriptions: readonly number[];
  // Tables by node instead of sets: a group is described for every move that fusion thinks of. An entry is valid where its
  // turn is that of the group.
  private readonly memberIn: Int32Array;
  private readonly metIn: Int32Array;
  private readonly numbers: Int32Array;
  private turn = 0;

  constructor(graph: ScheduledGraph, vocabulary: Vocabulary) {
    this.graph = graph;
    this.descriptions = graph.nodes.map(({ id }) =>
      vocabulary.number(`${isFree(graph, id) ? 'free ' : ''}${textOf(graph, id)}`),
    );
    const { length } = graph.nodes;
    this.memberIn = new Int32Array(length);
    this.metIn = new Int32Array(length);
    this.numbers = new Int32Array(length);
  }

  /** Of a group without spilled values, in the order of `readsOf`: from each result depth first. */
  of(group: Pick<Group, 'nodes' | 'stored'>): Structure {
    const { graph, descriptions, memberIn, metIn, numbers } = this;
    const turn = ++this.turn;
    const loads = new Set<number>();
    const leaves = new Map<string, number>();
    const reads = { loads, leaves };
    for (const id of group.nodes) memberIn[id] = turn;
    const places = new Map<number | string, number>();
    let met = 0;
    // Even: a number. Odd: a description. How many nodes come last, so that the text can be read in one way only.
    const text: number[] = [2 * group.nodes.length];
    const place = (key: number | string): number => {
      const known = places.get(key);
      if (known !== undefined) return 2 * known;
      places.set(key, places.size);
      return 2 * (places.size - 1);
    };
    const visit = (id: number): void => {
      if (metIn[id] === turn) {
        text.push(2 * (numbers[id] as number));
        return;
      }
      metIn[id] = turn;
      numbers[id] = met++;
      const node = graph.nodes[id] as Node;
      const member = memberIn[id] === turn;
      text.push(4 * (descriptions[id] as number) + (member ? 3 : 1));
      if (!member && liesElsewhere(graph, {}, id)) {
        loads.add(id);
        text.push(place(keyOf(readHome(graph, node))));
      } else if (isLeaf(node)) {
        const name = leafName(node) as string;
        leaves.set(name, id);
        text.push(place(name));
      } else for (const input of node.inputs) visit(input);
    };
    for (const id of group.stored) {
      visit(id);
      text.push(place(keyOf(writtenHome(graph, id))));
    }
    for (const id of group.nodes) {
      if (metIn[id] !== turn) return { text: undefined, reads };
      text.push(2 * (numbers[id] as number));
    }
    return { text: packed(text), reads };
  }
}

const keyOf = (home: Home): number | string => (home.kind === 'named' ? home.name : home.value);

const UNIT = 1 << 16;
/** Arguments of one call: engines allow no more than some tens of thousands. */
const CHUNK = 8192;

/** Numbers from 0 as characters, which are put together and compared faster than digits. */
function packed(numbers: readonly number[]): string {
  // Each fits one character in all but the largest graphs; there the text starts with a character for this.
  const wide = numbers.some((number) => number >= UNIT);
  const units = wide
    ? [1, ...numbers.flatMap((number) => [number % UNIT, Math.floor(number / UNIT)])]
    : [0, ...numbers];
  let text = '';
  for (let at = 0; at < units.length; at += CHUNK)
    text += String.fromCharCode(...units.slice(at, at + CHUNK));
  return text;
}
