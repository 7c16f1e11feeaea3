/**
 * After differentiation under `precision = f16`: a product or a sum of f16 that is rounded to f16 only to be cast to
 * f32 again (the gradient of a weight or of a bias, above all) stays f32, as it was added up. In and out: a graph
 * with the same outputs, which differ by that rounding alone.
 */
import type { Graph, Node } from '../graph/ir.ts';
import { rewriteGraph, type Pass } from './rewrite.ts';

export const keepSumsWide: Pass = {
  name: 'keep sums wide',
  run(graph) {
    const wide = widened(graph);
    return rewriteGraph(graph, (b, node, inputs) => {
      const [x] = inputs;
      if (wide[node.id]) {
        const given = { shape: node.type.shape, dtype: 'f32' } as const;
        // A view has the dtype of what it looks at.
        return b.add(node.op, inputs, node.attributes, given);
      }
      return node.op === 'cast' && wide[node.inputs[0] as number] ? x : undefined;
    });
  },
};

/** Sums and products, and views of them, that nobody reads but casts to f32, at first hand or through views. */
function widened(graph: Graph): boolean[] {
  const sums: boolean[] = [];
  for (const node of graph.nodes) {
    const isSum =
      node.op === 'matmul' || node.op === 'conv' || node.op === 'reduce_sum' || node.op === 'reduce_prod';
    sums.push(
      node.type.dtype === 'f16' && (isSum || (isView(node) && sums[node.inputs[0] as number] === true)),
    );
  }
  const readers: Node[][] = graph.nodes.map(() => []);
  for (const node of graph.nodes) for (const input of node.inputs) readers[input]?.push(node);
  const outputs = new Set(graph.outputs.map(({ value }) => value));
  const wide = graph.nodes.map(() => false);
  for (const { id } of [...graph.nodes].reverse()) {
    const each = readers[id] ?? [];
    // A product that stays f32 reads f16 all the same.
    const widening = (reader: Node): boolean =>
      (reader.op === 'cast' && reader.type.dtype === 'f32') || (isView(reader) && wide[reader.id] === true);
    wide[id] = sums[id] === true && !outputs.has(id) && each.length > 0 && each.every(widening);
  }
  // A view is wide only on top of what is: its input may have other readers.
  for (const node of graph.nodes) {
    if (isView(node)) wide[node.id] &&= wide[node.inputs[0] as number] === true;
  }
  return wide;
}

const isView = (node: Node): boolean =>
  node.op === 'reshape' || node.op === 'transpose' || node.op === 'broadcast' || node.op === 'slice';
