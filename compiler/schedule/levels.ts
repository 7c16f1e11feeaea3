/**
 * What a kernel's results need, each value at its level. In: a kernel's nodes and those of them that are stored. Out: why
 * no thread could work them out, where it could not.
 *
 * A value that a kernel computes lies on a level: `full` (the element at hand), `row` (one value a row: what reductions
 * give), or `any` (worked out at whatever coordinates a view asks for). Point-wise nodes may be worked out anywhere;
 * products and sums only at the place of the thread that makes them.
 */
import type { Node } from '../graph/ir.ts';
import { OPS } from '../graph/ops.ts';
import { isLeaf } from './free.ts';
import { piecesOf, type Pieces } from './pieces.ts';
import { countOf, isFree, rowsOfNode, type ScheduledGraph } from './scheduled-graph.ts';
import { isReduction, type Reduction } from './spaces.ts';

export const REASONS = {
  sizes: 'results of different sizes',
  elsewhere: 'read at other elements than its own',
  repeated: 'a sum would be taken anew for every element',
  rows: 'rows of another number or length',
  single: 'a single row: one thread would write all its elements',
  products: 'one product a kernel',
  prologue: 'operands of a product are read as they lie',
  productRows: 'no thread of the product holds a whole row',
  columns: 'a sum beside a product has one result a column',
  scatter: 'scattered sums stay alone',
  attention: 'attention is joined with its own other results alone',
  apart: 'an operator that is a kernel of its own',
} as const;

/** `row`: the rows of a kernel whose nodes hold a reduction. */
type Level = 'full' | 'row' | 'any';

const LEVELS: readonly Level[] = ['full', 'row', 'any'];

/** Follows what a kernel's results need, each at its level. */
export class Levels {
  reason: string | undefined;
  private readonly graph: ScheduledGraph;
  private readonly nodes: ReadonlySet<number>;
  private readonly stored: ReadonlySet<number>;
  private readonly rows: string | undefined;
  /** Whether the values may come from the kernel's product. */
  private readonly product: boolean;
  private readonly pieces: Pieces;
  private readonly seen = new Set<number>();
  private readonly levels = new Map<number, Level>();

  constructor(
    graph: ScheduledGraph,
    nodes: ReadonlySet<number>,
    stored: ReadonlySet<number>,
    rowsKeyOf: string | undefined,
    product = true,
  ) {
    this.product = product;
    this.graph = graph;
    this.nodes = nodes;
    this.stored = stored;
    this.rows = rowsKeyOf;
    this.pieces = piecesOf(graph, { nodes: [...nodes], stored: [...stored] });
  }

  /** A result whose elements, or those of its pieces, are the threads'. Returns how many they are. */
  root(id: number): string {
    const parts = this.pieces.get(id)?.inputs ?? [id];
    for (const part of parts) this.demand(part, 'full');
    return countOf(this.graph, parts[0] as number);
  }

  demand(id: number, level: Level): void {
    const key = id * LEVELS.length + LEVELS.indexOf(level);
    if (this.reason !== undefined || this.seen.has(key)) return;
    this.seen.add(key);
    const node = this.graph.nodes[id] as Node;
    const inside = this.nodes.has(id);
    if (inside && this.stored.has(id)) {
      const known = this.levels.get(id);
      if (level === 'any' || (known !== undefined && known !== level)) {
        this.reason = REASONS.elsewhere;
        return;
      }
      this.levels.set(id, level);
    }
    if (!inside && !this.passes(node)) return;
    if (this.pieces.has(id)) this.reason = REASONS.elsewhere;
    else this.inputs(node, level);
  }

  /** Views outside of the kernel's own nodes are worked out inside of it; everything else is loaded. */
  private passes(node: Node): boolean {
    return isFree(this.graph, node.id);
  }

  private inputs(node: Node, level: Level): void {
    const { kind } = OPS[node.op];
    if (node.op === 'reshape' || node.op === 'detach') this.demand(node.inputs[0] as number, level);
    else if (node.op === 'at_turn') this.demand(node.inputs[0] as number, 'any');
    else if (node.op === 'broadcast')
      this.demand(node.inputs[0] as number, this.beforeBroadcast(node, level));
    else if (isReduction(node)) this.reduction(node, level);
    else
      switch (kind) {
        case 'elementwise':
          for (const input of node.inputs) this.demand(input, level);
          return;
        case 'leaf':
          return;
        case 'view':
        case 'gather':
          for (const input of node.inputs) this.demand(input, 'any');
          return;
        case 'matmul':
        case 'scatter':
          this.anchor(node, level);
          return;
        case 'reduce':
        case 'row':
        case 'conv':
        case 'attention':
        case 'scan':
        case 'loop':
        case 'gradient':
          this.reason = REASONS.apart;
          return;
        default:
          kind satisfies never;
      }
  }

  private beforeBroadcast(node: Node, level: Level): Level {
    const repeated = rowsOfNode(this.graph, node.id);
    if (repeated === undefined) return level;
    return level === 'full' && repeated === this.rows ? 'row' : 'any';
  }

  private reduction(node: Reduction, level: Level): void {
    if (level !== 'row') this.reason = this.rows === undefined ? REASONS.productRows : REASONS.repeated;
    else if (rowsOfNode(this.graph, node.id) !== this.rows) this.reason = REASONS.rows;
    else this.demand(node.inputs[0] as number, 'full');
  }

  private anchor(node: Node, level: Level): void {
    if (level !== 'full' || !this.product) {
      this.reason = this.product ? REASONS.elsewhere : REASONS.productRows;
      return;
    }
    const before = new Set<number>();
    const visit = (id: number): void => {
      const input = this.graph.nodes[id] as Node;
      if (this.nodes.has(id)) this.reason = REASONS.prologue;
      if (before.has(id) || isLeaf(input) || !this.passes(input)) return;
      before.add(id);
      input.inputs.forEach(visit);
    };
    node.inputs.forEach(visit);
  }
}
