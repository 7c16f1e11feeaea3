/**
 * `precision = f16` as a rewrite of the graph. In: a graph whose gradients are not expanded yet. Out: the same
 * outputs of the same types, with f16 where `half-values.ts` says so, and casts between. Derivatives are taken of
 * the result, so that they are f16 where the values are.
 *
 * Weights stay f32: they are cast where they are read, so that the gradients of several uses are added in f32.
 */
import { GraphBuilder } from '../graph/builder.ts';
import { castTo } from '../graph/convenience.ts';
import { copyNode, copyOutputs, mapped } from '../graph/copy.ts';
import type { DType, Graph, Node, NodeOf, OpName } from '../graph/ir.ts';
import { halfValues, type HalfValues } from './half-values.ts';
import { precisionOf } from './precision-table.ts';

export function withMixedPrecision(graph: Graph): Graph {
  const values = halfValues(graph);
  const b = new GraphBuilder(graph.name);
  const ids: number[] = [];
  const copies: Copies = { graph, values, b, ids };
  for (const node of graph.nodes) {
    b.phase = node.phase;
    b.source = node.source;
    const id = rewritten(copies, node);
    if (node.label !== undefined && b.node(id).label === undefined) b.label(id, node.label);
    ids.push(id);
  }
  // Outputs keep their types; a node that is f16 inside is none of them but through a cast.
  const restored = ids.map((id, old) => {
    const node = graph.nodes[old] as Node;
    const isOutput = graph.outputs.some(({ value }) => value === old);
    if (!isOutput) return id;
    b.phase = node.phase;
    b.source = node.source;
    return castTo(b, id, node.type.dtype);
  });
  copyOutputs(b, graph, restored);
  return b.finish();
}

interface Copies {
  readonly graph: Graph;
  readonly values: HalfValues;
  readonly b: GraphBuilder;
  /** New ids of the nodes so far. */
  readonly ids: readonly number[];
}

function rewritten(copies: Copies, node: Node): number {
  const { values, b, graph } = copies;
  const typeOf = (id: number): DType => (graph.nodes[id] as Node).type.dtype;
  if (values.takesHalf[node.id]) {
    const dtype = values.half[node.id] ? 'f16' : 'f32';
    return emit(b, node, node.inputs.map((id) => (typeOf(id) === 'f32' ? asHalf(copies, id) : mapped(copies.ids, id))), dtype); // prettier-ignore
  }
  const floats = node.inputs.filter((id) => typeOf(id) === 'f32');
  const halves = floats.filter((id) => values.half[id]);
  // A sum adds up f16 in f32, and a comparison takes f16 as it is: no cast stands in between.
  const adds = node.op === 'reduce_sum' || node.op === 'reduce_prod';
  const comes =
    halves.length > 0 && floats.every((id) => values.half[id] === true || values.neutral[id] === true);
  if (comes && (adds || precisionOf(node) === 'reads')) {
    return emit(b, node, node.inputs.map((id) => asHalf(copies, id)), node.type.dtype); // prettier-ignore
  }
  const inputs = node.inputs.map((id) => castTo(b, mapped(copies.ids, id), typeOf(id)));
  return copyNode(b, node, inputs);
}

function emit<P extends OpName>(
  b: GraphBuilder,
  node: NodeOf<P>,
  inputs: readonly number[],
  dtype: DType,
): number {
  return b.add(node.op, inputs, node.attributes, { shape: node.type.shape, dtype });
}

/** The value of an old node as f16; numbers and views of weights are made as such, so that no cast follows them. */
function asHalf(copies: Copies, id: number): number {
  const { graph, values, b, ids } = copies;
  const node = graph.nodes[id] as Node;
  if (node.type.dtype !== 'f32') return mapped(ids, id);
  if (!values.neutral[id] || node.op === 'parameter') return castTo(b, mapped(ids, id), 'f16');
  if (node.op === 'cast') return castTo(b, mapped(ids, node.inputs[0] as number), 'f16');
  return emit(b, node, node.inputs.map((input) => asHalf(copies, input)), 'f16'); // prettier-ignore
}
