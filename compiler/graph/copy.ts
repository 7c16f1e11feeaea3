/** Copies nodes from one graph into a builder: the base of everything that rewrites graphs. */
import type { GraphBuilder } from './builder.ts';
import type { Graph, Node, NodeOf, OpName } from './ir.ts';
import { broken } from './op-row.ts';

/** Appends `node` with other inputs of the same types; attributes, phase, source chain, origin and label stay. */
export function copyNode<P extends OpName>(
  b: GraphBuilder,
  node: NodeOf<P>,
  inputs: readonly number[],
): number {
  b.phase = node.phase;
  b.source = node.source;
  b.origin = node.origin;
  b.again = node.again;
  return b.copy(node as Node, inputs);
}

/** The new id of an old node. */
export function mapped(ids: readonly number[], id: number): number {
  return ids[id] ?? broken(`%${id} is not copied yet`);
}

export function copyOutputs(b: GraphBuilder, graph: Graph, ids: readonly number[]): void {
  for (const { name, value, role } of graph.outputs) b.output(name, mapped(ids, value), role);
}
