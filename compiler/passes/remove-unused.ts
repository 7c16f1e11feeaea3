/** Drops nodes that no output depends on, and of scans what no result that is read depends on. */
import { GraphBuilder } from '../graph/builder.ts';
import { copyNode, copyOutputs, mapped } from '../graph/copy.ts';
import type { Graph, Node } from '../graph/ir.ts';
import { nth } from '../graph/op-row.ts';
import { pruneScan, type PrunedScan } from './prune-scan.ts';
import type { Pass } from './rewrite.ts';

export const removeUnused: Pass = {
  name: 'remove unused',
  run(graph) {
    const { used, scans } = usedNodes(graph);
    const b = new GraphBuilder(graph.name);
    const ids: number[] = [];
    for (const node of graph.nodes) {
      if (!used[node.id]) continue;
      const kept = inScan(node, scans);
      ids[node.id] = copyNode(
        b,
        kept,
        kept.inputs.map((input) => mapped(ids, input)),
      );
    }
    copyOutputs(b, graph, ids);
    return b.finish();
  },
};

type Scans = ReadonlyMap<number, PrunedScan>;

/** A scan as far as it is needed, a result of one in its new place. */
function inScan(node: Node, scans: Scans): Node {
  if (node.op === 'scan') {
    const pruned = scans.get(node.id);
    if (!pruned) return node;
    return {
      ...node,
      inputs: pruned.inputs.map((index) => nth(node.inputs, index)),
      attributes: pruned.attributes,
    };
  }
  if (node.op !== 'scan_result') return node;
  const place = scans.get(nth(node.inputs, 0))?.results.get(node.attributes.index);
  return place === undefined ? node : { ...node, attributes: { index: place } };
}

/** Results come after their scan, so that going backward all that are read are known when it is met. */
function usedNodes(graph: Graph): { used: readonly boolean[]; scans: Scans } {
  const used = new Array<boolean>(graph.nodes.length).fill(false);
  const scans = new Map<number, PrunedScan>();
  const read = new Map<number, Set<number>>();
  for (const { value } of graph.outputs) used[value] = true;
  for (const node of [...graph.nodes].reverse()) {
    if (!used[node.id]) continue;
    if (node.op === 'scan_result') {
      const scan = nth(node.inputs, 0);
      read.set(scan, (read.get(scan) ?? new Set()).add(node.attributes.index));
    }
    if (node.op === 'scan') scans.set(node.id, pruneScan(node, read.get(node.id) ?? new Set()));
    const kept = scans.get(node.id)?.inputs.map((index) => nth(node.inputs, index)) ?? node.inputs;
    for (const input of kept) used[input] = true;
  }
  return { used, scans };
}
