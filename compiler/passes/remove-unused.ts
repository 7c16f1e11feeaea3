/** Drops nodes that no output depends on. */
import { GraphBuilder } from '../graph/builder.ts';
import { copyNode, copyOutputs, mapped } from '../graph/copy.ts';
import type { Graph } from '../graph/ir.ts';
import type { Pass } from './rewrite.ts';

export const removeUnused: Pass = {
  name: 'remove unused',
  run(graph) {
    const used = usedNodes(graph);
    const b = new GraphBuilder(graph.name);
    const ids: number[] = [];
    for (const node of graph.nodes) {
      if (!used[node.id]) continue;
      ids[node.id] = copyNode(
        b,
        node,
        node.inputs.map((input) => mapped(ids, input)),
      );
    }
    copyOutputs(b, graph, ids);
    return b.finish();
  },
};

function usedNodes(graph: Graph): boolean[] {
  const used = new Array<boolean>(graph.nodes.length).fill(false);
  for (const { value } of graph.outputs) used[value] = true;
  for (let id = graph.nodes.length - 1; id >= 0; id--) {
    if (used[id]) for (const input of graph.nodes[id]?.inputs ?? []) used[input] = true;
  }
  return used;
}
