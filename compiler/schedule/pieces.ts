/**
 * Values that a kernel stores piece by piece. In: a kernel's nodes and results. Out: by result the equal parts of it that
 * are worked out each as a result of its own: what a concat is made of, where the kernel makes all of that. So a kernel
 * over the parts' elements stores the whole, such as the gradient of a value that was split.
 */
import { equalShapes } from '../graph/dimension.ts';
import type { Node, NodeOf } from '../graph/ir.ts';
import type { Group } from './schedule.ts';
import { countOf, type ScheduledGraph } from './scheduled-graph.ts';
import { isReduction } from './spaces.ts';

export type Pieces = ReadonlyMap<number, NodeOf<'concat'>>;

const NONE: Pieces = new Map();

/** None where not all of the kernel's other results have as many elements as a piece. */
export function piecesOf(graph: ScheduledGraph, { nodes, stored }: Pick<Group, 'nodes' | 'stored'>): Pieces {
  const found = new Map<number, NodeOf<'concat'>>();
  for (const id of stored) {
    const node = graph.nodes[id];
    if (node?.op === 'concat' && node.inputs.length > 1) found.set(id, node);
  }
  if (found.size === 0) return NONE;
  const members = new Set(nodes);
  const nodeAt = (id: number): Node => graph.nodes[id] as Node;
  const isMade = ({ inputs }: NodeOf<'concat'>): boolean => {
    const { shape } = nodeAt(inputs[0] as number).type;
    return inputs.every((id) => members.has(id) && equalShapes(nodeAt(id).type.shape, shape));
  };
  if (![...found.values()].every(isMade)) return NONE;
  const product = nodes.find((id) => nodeAt(id).op === 'matmul');
  if (product === undefined && nodes.some((id) => isReduction(nodeAt(id)))) return NONE;
  const counts = [
    ...stored.map((id) => countOf(graph, found.get(id)?.inputs[0] ?? id)),
    ...(product === undefined ? [] : [countOf(graph, product)]),
  ];
  return new Set(counts).size === 1 ? found : NONE;
}
