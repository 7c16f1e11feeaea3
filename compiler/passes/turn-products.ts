/**
 * A product of which only transposes are read is computed the other way round, (A B)^T = B^T A^T, where its rows
 * would end up innermost: what reads it then finds neighbours side by side. Operands are read through views, so
 * that turning them costs nothing.
 */
import { swapLastAxes } from '../graph/convenience.ts';
import type { Graph } from '../graph/ir.ts';
import { rewriteGraph, type Pass } from './rewrite.ts';

export const turnProducts: Pass = {
  name: 'turn products',
  run: (graph) => {
    const turned = turnedIn(graph);
    return rewriteGraph(graph, (b, node, inputs) => {
      if (!turned.has(node.id)) return undefined;
      const [left, right] = inputs as [number, number];
      const { dtype } = node.type;
      const product = b.add('matmul', [swapLastAxes(b, right), swapLastAxes(b, left)], {}, { dtype });
      return swapLastAxes(b, product);
    });
  },
};

/** The products all of whose uses are transposes that move their rows innermost. */
function turnedIn(graph: Graph): Set<number> {
  const found = new Set(graph.nodes.filter((node) => node.op === 'matmul').map((node) => node.id));
  const used = new Set<number>();
  for (const node of graph.nodes)
    for (const input of node.inputs) {
      used.add(input);
      const rank = graph.nodes[input]?.type.shape.length ?? 0;
      const turns = node.op === 'transpose' && node.attributes.permutation.at(-1) === rank - 2;
      if (!turns) found.delete(input);
    }
  for (const output of graph.outputs) found.delete(output.value);
  return new Set([...found].filter((id) => used.has(id)));
}
