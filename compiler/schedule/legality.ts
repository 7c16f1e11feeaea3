/**
 * Which nodes one kernel may compute. In: nodes and those of them that are stored. Out: the kind of the
 * kernel and what it runs over, or the reason why not. A kernel runs over elements in row-major order, or over
 * rows of them; `levels.ts` follows what its results need.
 */
import type { Node } from '../graph/ir.ts';
import { OPS } from '../graph/ops.ts';
import { areComputedTogether, ownWholeHeads, sumBefore } from './attention.ts';
import { Levels, REASONS } from './levels.ts';
import type { GroupKind } from './schedule.ts';
import { countOf, isFree, rowsOfNode, type ScheduledGraph } from './scheduled-graph.ts';
import { axesOf, countKey, isReduction, type Reduction } from './spaces.ts';

export type Verdict =
  /** `beside`: a product with sums beside it. `heads`: attention with all of a head in one thread. */
  | {
      readonly kind: 'legal';
      readonly group: GroupKind;
      readonly beside?: boolean;
      readonly heads?: boolean;
    }
  | { readonly kind: 'refused'; readonly reason: string };

const refuse = (reason: string): Verdict => ({ kind: 'refused', reason });

export function judge(
  graph: ScheduledGraph,
  nodes: ReadonlySet<number>,
  stored: ReadonlySet<number>,
): Verdict {
  const members = [...nodes].map((id) => graph.nodes[id] as Node);
  const attention = members.filter((node) => OPS[node.op].kind === 'attention');
  if (attention.length > 0) return aroundAttention(graph, nodes, stored, attention);
  const anchors = members.filter((node) => node.op === 'matmul' || node.op === 'scatter_add');
  const reductions = members.filter(isReduction);
  const [anchor, second] = anchors;
  if (anchor) {
    if (anchors.some((node) => node.op === 'scatter_add'))
      return nodes.size === 1 ? { kind: 'legal', group: 'scatter' } : refuse(REASONS.scatter);
    return second ? refuse(REASONS.products) : aroundProduct(graph, nodes, stored, anchor);
  }
  const [first] = reductions;
  return first ? rows(graph, nodes, stored, first) : pointwise(graph, nodes, stored, members);
}

/** Attention with its own other results, or a gradient by queries with the sum over the channels that it subtracts. */
function aroundAttention(
  graph: ScheduledGraph,
  nodes: ReadonlySet<number>,
  stored: ReadonlySet<number>,
  attention: readonly Node[],
): Verdict {
  const [first, second] = attention;
  if (!first || !areComputedTogether(attention)) return refuse(REASONS.attention);
  const own = new Set(attention.map(({ id }) => id));
  if (own.size === nodes.size) return { kind: 'legal', group: 'attention', heads: ownWholeHeads(attention) };
  const sum = graph.nodes[sumBefore(first) ?? -1];
  if (second || sum?.op !== 'reduce_sum' || !nodes.has(sum.id)) return refuse(REASONS.attention);
  const before = reached(graph, nodes, sum.id);
  if ([...nodes].some((id) => !own.has(id) && !before.has(id))) return refuse(REASONS.attention);
  if ([...stored].some((id) => !own.has(id) && id !== sum.id)) return refuse(REASONS.attention);
  if (axesOf(sum).join() !== String(inputShape(graph, sum).length - 1)) return refuse(REASONS.attention);
  const walk = new Levels(graph, nodes, stored, rowsOfNode(graph, sum.id));
  walk.demand(sum.id, 'row');
  if (walk.reason !== undefined) return refuse(walk.reason);
  return { kind: 'legal', group: 'attention', beside: true };
}

function pointwise(
  graph: ScheduledGraph,
  nodes: ReadonlySet<number>,
  stored: ReadonlySet<number>,
  members: readonly Node[],
): Verdict {
  const walk = new Levels(graph, nodes, stored, undefined);
  const counts = new Set([...stored].map((id) => walk.root(id)));
  if (counts.size > 1) return refuse(REASONS.sizes);
  if (walk.reason !== undefined) return refuse(walk.reason);
  return { kind: 'legal', group: members.some((node) => node.op === 'take') ? 'gather' : 'elementwise' };
}

/**
 * A product with point-wise nodes behind it, all of its size; beside it also sums with as many results as it has columns, such as the gradient of a bias.
 */
function aroundProduct(
  graph: ScheduledGraph,
  nodes: ReadonlySet<number>,
  stored: ReadonlySet<number>,
  anchor: Node,
): Verdict {
  const count = countOf(graph, anchor.id);
  const beside = new Set(sidesOf(graph, nodes, stored, anchor));
  const walk = new Levels(graph, nodes, stored, undefined);
  for (const id of stored) {
    if (beside.has(id)) continue;
    const own = walk.root(id);
    if (walk.reason === undefined && own !== count) return refuse(REASONS.sizes);
  }
  if (walk.reason !== undefined) return refuse(walk.reason);
  if (beside.size === 0) return { kind: 'legal', group: 'matmul' };

  const { shape } = anchor.type;
  const first = [...nodes].map((id) => graph.nodes[id] as Node).find(isReduction);
  if (shape.length !== 2 || !first) return refuse(REASONS.sizes);
  const input = inputShape(graph, first);
  const columns = countKey(shape.slice(1));
  if (countKey(input.filter((_, axis) => !axesOf(first).includes(axis))) !== columns)
    return refuse(REASONS.columns);
  const side = new Levels(graph, nodes, stored, rowsOfNode(graph, first.id), false);
  for (const id of beside) {
    if (countOf(graph, id) !== columns) return refuse(REASONS.columns);
    side.demand(id, 'row');
  }
  if (side.reason !== undefined) return refuse(side.reason);
  return { kind: 'legal', group: 'matmul', beside: true };
}

/** Of a product's kernel, the results that come from a sum beside it instead of from the product. */
export function sidesOf(
  graph: ScheduledGraph,
  nodes: ReadonlySet<number>,
  stored: Iterable<number>,
  anchor: Node,
): number[] {
  return [...stored].filter((id) => {
    const found = reached(graph, nodes, id);
    return !found.has(anchor.id) && [...found].some((other) => isReduction(graph.nodes[other] as Node));
  });
}

/** The group's nodes that a value is made of, views between them passed. */
function reached(graph: ScheduledGraph, nodes: ReadonlySet<number>, from: number): Set<number> {
  const found = new Set<number>();
  const seen = new Set<number>();
  const visit = (id: number): void => {
    if (seen.has(id)) return;
    seen.add(id);
    const node = graph.nodes[id] as Node;
    if (nodes.has(id)) found.add(id);
    else if (!isFree(graph, id)) return;
    node.inputs.forEach(visit);
  };
  visit(from);
  return found;
}

function rows(
  graph: ScheduledGraph,
  nodes: ReadonlySet<number>,
  stored: ReadonlySet<number>,
  first: Reduction,
): Verdict {
  const input = inputShape(graph, first);
  const rowCount = countKey(input.filter((_, axis) => !axesOf(first).includes(axis)));
  const fullCount = countKey(input);
  const walk = new Levels(graph, nodes, stored, rowsOfNode(graph, first.id));
  let full = false;
  for (const id of stored) {
    const count = countOf(graph, id);
    if (count === rowCount) walk.demand(id, 'row');
    else if (count === fullCount) {
      if (axesOf(first).length === input.length) return refuse(REASONS.single);
      full = true;
      walk.demand(id, 'full');
    } else return refuse(REASONS.sizes);
  }
  if (walk.reason !== undefined) return refuse(walk.reason);
  return { kind: 'legal', group: full ? 'rows' : 'reduce' };
}

const inputShape = (graph: ScheduledGraph, node: Node) =>
  (graph.nodes[node.inputs[0] as number] as Node).type.shape;
