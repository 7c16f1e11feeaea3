/**
 * A model's graph as an ONNX graph. In: the forward graph as it was elaborated, weights. Out: plain data for `encode.ts`.
 * The table is total over the primitives: one without a row does not compile. E0901 at the program's line for what ONNX
 * has no words for.
 */
import type { Span } from '../../diagnostics.ts';
import { expandGradients } from '../../autodiff/gradient.ts';
import { printDimension, type Dimension } from '../../graph/dimension.ts';
import type { Graph, Node, NodeOf, OpName } from '../../graph/ir.ts';
import { nth } from '../../graph/op-row.ts';
import { expandAllAttention } from '../../passes/expand-attention.ts';
import { removeUnused } from '../../passes/remove-unused.ts';
import { share } from '../../passes/share.ts';
import { simplify } from '../../passes/simplify.ts';
import type { OnnxGraph, OnnxValue } from './model.ts';
import { patternOf } from './patterns.ts';
import type { OnnxRow } from './row.ts';
import { ELEMENTWISE } from './rows-elementwise.ts';
import { LEAVES } from './rows-leaves.ts';
import { LOOPS, scanRow } from './rows-loops.ts';
import { PRODUCTS } from './rows-products.ts';
import { SUMS } from './rows-sums.ts';
import { VIEWS } from './rows-views.ts';
import { ELEMENT_OF, tensorBytes } from './tensors.ts';
import { Translation, type Translated } from './translation.ts';
import { GraphWriter } from './writer.ts';

export const ONNX_ROWS: { readonly [P in OpName]: OnnxRow<P> } = {
  ...LEAVES,
  ...ELEMENTWISE,
  ...VIEWS,
  ...SUMS,
  ...PRODUCTS,
  ...LOOPS,
  scan: scanRow(translateAll),
};

export interface OnnxSource {
  /** As elaborated. */
  readonly graph: Graph;
  /** As the file calls it. */
  readonly name: string;
  /** The model's inputs in order; a graph may leave some unread. */
  readonly inputs: readonly OnnxValue[];
  readonly weights: ReadonlyMap<string, Float32Array>;
}

export function onnxGraph({ graph: elaborated, name: title, inputs, weights }: OnnxSource): OnnxGraph {
  const graph = exportable(elaborated);
  const writer = new GraphWriter(title);
  for (const { name } of inputs) writer.take(name);
  // An input of that name comes first; an output of it gets another one.
  const names = graph.outputs.map(({ name }) => writer.fresh(name));
  for (const node of graph.nodes) {
    if (node.op !== 'parameter' && node.op !== 'state') continue;
    const { name } = node.attributes;
    const values = weights.get(name);
    if (values === undefined) throw new Error(`internal: no values for ${name}`);
    writer.initializer(name, 'f32', node.type.shape as readonly number[], tensorBytes(values, 'f32'));
  }
  const t = new Translation(graph, writer);
  const results = translateAll(t);
  const outputs = graph.outputs.map(({ value }, i): OnnxValue => {
    const { dtype, shape } = t.node(value).type;
    const name = writer.nameResult(nth(names, i), nth(results, i));
    return { name, type: ELEMENT_OF[dtype], shape: openShape(shape) };
  });
  return writer.finish(inputs, outputs);
}

/** Sizes as ONNX says them; the batch by its name. */
export const openShape = (shape: readonly Dimension[]): (number | string)[] =>
  shape.map((size) => (typeof size === 'number' ? size : printDimension(size)));

/** In primitives, without what nobody reads. */
function exportable(graph: Graph): Graph {
  const whole = expandGradients(expandAllAttention.run(graph));
  return [simplify, share, simplify, share, removeUnused].reduce((current, pass) => pass.run(current), whole);
}

/** The names of the graph's outputs, in their own shapes. */
function translateAll(t: Translation): string[] {
  const { nodes, outputs } = t.graph;
  const wanted = wantedNodes(t);
  for (const node of nodes) {
    if (!wanted[node.id]) continue;
    t.writer.scope = scopeText(node.scope);
    t.writer.doc = placeText(node.source[0]);
    t.define(node.id, translated(t, node));
  }
  t.writer.scope = '';
  t.writer.doc = undefined;
  return outputs.map(({ value }) => t.value(value));
}

const scopeText = (scope: string | undefined): string => (scope ?? '').replaceAll('.', '/');

const placeText = (span: Span | undefined): string | undefined =>
  span ? `${span.file}:${span.line}` : undefined;

function translated<P extends OpName>(t: Translation, node: NodeOf<P>): Translated {
  const pattern = patternOf(t.graph, node as Node);
  if (!pattern) return ONNX_ROWS[node.op](t, node);
  const { op, inputs, vector = 0, attributes } = pattern;
  return t.writer.add(
    op,
    inputs.map((id, i) => (i === 0 ? t.value(id) : t.reshaped(id, [vector]))),
    attributes,
  );
}

/** What an output depends on, where a pattern reads its inputs alone. */
function wantedNodes({ graph }: Translation): boolean[] {
  const wanted = new Array<boolean>(graph.nodes.length).fill(false);
  for (const { value } of graph.outputs) wanted[value] = true;
  for (const node of [...graph.nodes].reverse()) {
    if (!wanted[node.id]) continue;
    for (const input of patternOf(graph, node)?.inputs ?? node.inputs) wanted[input] = true;
  }
  return wanted;
}
