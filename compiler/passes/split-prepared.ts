/**
 * Computes once what depends on weights alone. In: a graph that only predicts. Out: two graphs: one that is run after
 * weights are loaded and leaves its values in tensors of their own, and one for the rest that reads them as states.
 *
 * Views are index arithmetic where they are read, so that a view of a weight is no work and stays where it was.
 */
import { GraphBuilder } from '../graph/builder.ts';
import { copyNode, copyOutputs, mapped } from '../graph/copy.ts';
import { tensorBytes } from '../graph/element-bytes.ts';
import type { Graph, Node, TensorType } from '../graph/ir.ts';
import { nth } from '../graph/op-row.ts';
import { OPS } from '../graph/ops.ts';
import { knowledgeOf } from './known-values.ts';
import { removeUnused } from './remove-unused.ts';

/** A value that is kept. */
export interface PreparedTensor {
  readonly name: string;
  readonly type: TensorType;
}

export interface SplitGraph {
  /** Its outputs are states; absent where nothing is worth keeping. */
  readonly prepare?: Graph;
  readonly predict: Graph;
  readonly tensors: readonly PreparedTensor[];
}

/** `prefix`: of the names. Values of more than `largest` bytes are not kept. */
export function splitPrepared(graph: Graph, prefix: string, largest: number): SplitGraph {
  const kept = keptValues(graph, largest);
  if (kept.length === 0) return { predict: graph, tensors: [] };
  const names = new Map(kept.map((id, i) => [id, `${prefix}.${i}`]));
  const prepare = { ...graph, name: prefix, outputs: kept.map((value) => ({ name: names.get(value) ?? '', value, role: 'state' as const })) }; // prettier-ignore
  const b = new GraphBuilder(graph.name);
  const ids: number[] = [];
  for (const node of graph.nodes) {
    const name = names.get(node.id);
    b.phase = node.phase;
    b.source = node.source;
    b.origin = node.origin;
    const inputs = node.inputs.map((input) => mapped(ids, input));
    ids.push(name === undefined ? copyNode(b, node, inputs) : b.add('state', [], { name }, node.type));
  }
  copyOutputs(b, graph, ids);
  return {
    prepare: removeUnused.run(prepare),
    predict: removeUnused.run(b.finish()),
    tensors: kept.map((id) => ({ name: names.get(id) ?? '', type: (graph.nodes[id] as Node).type })),
  };
}

/** Values of weights alone that something else reads, as far as they are more than a view of a weight; ascending. */
function keptValues(graph: Graph, largest: number): number[] {
  const known = knowledgeOf(graph);
  const kept = new Set<number>();
  const read = (id: number): void => {
    const node = graph.nodes[id] as Node;
    if (known[id] !== 'weights' || OPS[node.op].kind === 'leaf') return;
    const isView = OPS[node.op].kind === 'view' && node.inputs.length === 1;
    if (isView) read(nth(node.inputs, 0));
    // Of a value too large to keep, what it is made of may be small enough. A scan is none: its results are.
    else if (node.op === 'scan' || tensorBytes(node.type, 1) > largest) node.inputs.forEach(read);
    else kept.add(id);
  };
  for (const node of graph.nodes) if (known[node.id] === 'varies') node.inputs.forEach(read);
  for (const { value } of graph.outputs) read(value);
  return [...kept].sort((a, b) => a - b);
}
