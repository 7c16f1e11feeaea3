/**
 * How often a kernel works out each of its nodes: once a loop that needs it, and once more for every other place of its
 * tensor that is asked for, such as the neighbour of the element at hand. In: a group. Out: its arithmetic in bytes that
 * could be moved meanwhile, the loads and stores of its text, and the values that text works out.
 */
import { elementsAt } from '../graph/dimension.ts';
import type { Node } from '../graph/ir.ts';
import { OPS } from '../graph/ops.ts';
import { printType } from '../graph/print.ts';
import type { DeviceClass } from '../kernel/profile.ts';
import { isLeaf } from './free.ts';
import { piecesOf } from './pieces.ts';
import { weightOf, type Rates } from './rates.ts';
import type { Group } from './schedule.ts';
import {
  countOf,
  isFree,
  liesElsewhere,
  rowsOfNode,
  textOf,
  type ScheduledGraph,
} from './scheduled-graph.ts';
import { isReduction } from './spaces.ts';

export interface CostContext {
  readonly graph: ScheduledGraph;
  /** The largest batch. */
  readonly batch: number;
  readonly deviceClass: DeviceClass;
}

export interface Evaluated {
  readonly work: number;
  readonly accesses: number;
  readonly values: number;
}

/** Values after which counting ends: no kernel has as many, and doubled neighbours are exponentially many. */
const MOST_VALUES = 1024;

/** The element that a loop is at. */
const AT_HAND = 0;

export class Evaluation {
  private readonly context: CostContext;
  private readonly rates: Rates;
  private readonly group: Group;
  private readonly members: ReadonlySet<number>;
  private work = 0;
  private accesses = 0;
  private values = 0;
  /** Reductions met on the way: each is a loop of its own. */
  private readonly loops: number[] = [];
  private readonly written = new Set<number>();
  private readonly places: Places;

  constructor(context: CostContext, rates: Rates, group: Group) {
    this.context = context;
    this.rates = rates;
    this.group = group;
    this.members = new Set(group.nodes);
    this.places = new Places(context.graph);
  }

  run(): Evaluated {
    const { graph } = this.context;
    const anchor = this.group.nodes.map((id) => graph.nodes[id] as Node).find((node) => node.op === 'matmul');
    // A product's tile has four rows: each of them is loaded and stored.
    const each = anchor ? 4 : 1;
    const counts = new Map<string, number[]>();
    const pieces = piecesOf(graph, this.group);
    for (const id of this.group.stored.flatMap((each) => pieces.get(each)?.inputs ?? [each])) {
      const key = countOf(graph, id);
      counts.set(key, [...(counts.get(key) ?? []), id]);
    }
    for (const ids of counts.values()) {
      const [first] = ids as [number];
      const copies = anchor && this.elements(first) < this.elements(anchor.id) ? 1 : each;
      this.visitAll(ids, this.elements(first), copies);
      this.accesses += ids.length * copies;
    }
    const done = new Set<number>();
    for (let id = this.loops.pop(); id !== undefined; id = this.loops.pop()) {
      if (done.has(id)) continue;
      done.add(id);
      const node = graph.nodes[id] as Node;
      const input = node.inputs[0] as number;
      this.work += this.elements(input) * this.rates.simple;
      this.visitAll([input], this.elements(input), 1);
    }
    if (anchor) this.accesses += 8;
    return { work: this.work, accesses: this.accesses, values: this.values };
  }

  private elements(id: number): number {
    return elementsAt((this.context.graph.nodes[id] as Node).type.shape, this.context.batch);
  }

  /** What one loop over `count` elements works out. */
  private visitAll(roots: readonly number[], count: number, each: number): void {
    const { graph } = this.context;
    const { length } = graph.nodes;
    const seen = new Set<number>();
    const visit = (id: number, place: number): void => {
      const key = place * length + id;
      if (seen.has(key) || this.values >= MOST_VALUES) return;
      seen.add(key);
      const node = graph.nodes[id] as Node;
      const member = this.members.has(id);
      if (isLeaf(node) || (!member && liesElsewhere(graph, this.group, id))) {
        this.accesses += this.elements(id) * 4 > count ? each : 1;
        return;
      }
      if (member) {
        // A row kernel reads back what an earlier loop along the row has stored.
        if (this.group.kind === 'rows' && this.group.stored.includes(id) && this.elements(id) === count) {
          if (this.written.has(id)) {
            this.accesses++;
            return;
          }
          this.written.add(id);
        }
        if (isReduction(node)) {
          this.loops.push(id);
          return;
        }
        if (node.op === 'matmul') return;
        this.values++;
        // A value that is broadcast is worked out once for four neighbours.
        const own = this.elements(id);
        this.work += weightOf(node, this.rates) * (own < count ? Math.max(own, count / 4) : count);
      } else if (!isFree(graph, id)) return;
      node.inputs.forEach((input, ordinal) => visit(input, this.places.before(node, place, ordinal)));
    };
    for (const root of roots) visit(root, AT_HAND);
  }
}

/** Numbers for the places that are asked for, relative to the element at hand; equal views in a row lead to equal ones. */
class Places {
  private readonly graph: ScheduledGraph;
  private readonly known = new Map<string, number>();

  constructor(graph: ScheduledGraph) {
    this.graph = graph;
  }

  /** Where one of a node's inputs is asked for; pieces that are joined lie at places of their own. */
  before(node: Node, place: number, ordinal: number): number {
    if (!this.moves(node)) return place;
    const from = node.inputs.map((input) => printType((this.graph.nodes[input] as Node).type));
    // What a look-up reads by its indices is a place of its own.
    const own = OPS[node.op].kind === 'gather' ? node.id : textOf(this.graph, node.id);
    const key = `${place} ${own} ${from.join()} ${ordinal}`;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const next = this.known.size + 1;
    this.known.set(key, next);
    return next;
  }

  private moves(node: Node): boolean {
    if (node.op === 'broadcast') return rowsOfNode(this.graph, node.id) !== undefined;
    if (node.op === 'reshape' || node.op === 'detach') return false;
    const { kind } = OPS[node.op];
    return kind === 'view' || kind === 'gather';
  }
}
