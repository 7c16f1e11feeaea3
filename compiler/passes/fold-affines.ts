/**
 * Factors and offsets behind a product with weights, moved into the weights: (x @ W) * s + t is x @ (W * s) + t. So is a
 * batch normalization by its state, behind a dense layer or a convolution. In: a graph that only predicts, simplified.
 * Out: the same outputs up to rounding, with one product and at most one sum in the place of a chain. What is new in it
 * depends on weights alone, and `split-prepared.ts` has it computed once.
 * Weights in half precision stay as they are: a small factor would cost them digits, a large one overflow. There the
 * chain becomes one factor and one sum behind the product.
 */
import { GraphBuilder } from '../graph/builder.ts';
import { binary, broadcastTo, full, reshapeTo, unary } from '../graph/convenience.ts';
import { copyNode, copyOutputs, mapped } from '../graph/copy.ts';
import { equalDimensions, shapeProduct, type Dimension } from '../graph/dimension.ts';
import type { Graph, Node, NodeOf } from '../graph/ir.ts';
import { nth } from '../graph/op-row.ts';
import { knowledgeOf, type Knowledge } from './known-values.ts';
import type { Pass } from './rewrite.ts';

export const foldAffines: Pass = {
  name: 'fold affines',
  run(graph) {
    const chains = chainsOf(graph);
    if (chains.size === 0) return graph;
    const b = new GraphBuilder(graph.name);
    const ids: number[] = [];
    for (const node of graph.nodes) {
      const chain = chains.get(node.id);
      const inputs = node.inputs.map((input) => mapped(ids, input));
      const id = chain ? folded(b, chain, node, ids) : copyNode(b, node, inputs);
      ids.push(id);
    }
    copyOutputs(b, graph, ids);
    return b.finish();
  },
};

/** Element i of the value belongs to channel floor(i / behind) mod count, through every reshape. */
interface Channels {
  readonly count: number;
  readonly behind: Dimension;
}

/** One operation with a number a channel: `value` holds those, or one for all. */
type Step =
  | { readonly op: 'mul' | 'div' | 'add' | 'sub' | 'subtracted from'; readonly value: number }
  | { readonly op: 'neg' };

interface Chain {
  readonly product: NodeOf<'matmul'> | NodeOf<'conv'>;
  /** Which of its inputs is made of weights. */
  readonly weight: 0 | 1;
  readonly channels: Channels;
  readonly steps: readonly Step[];
}

/** By their last nodes, the chains that are worth folding. What is read elsewhere as well is no part of one. */
function chainsOf(graph: Graph): Map<number, Chain> {
  const known = knowledgeOf(graph);
  const uses = usesOf(graph);
  const chains = new Map<number, Chain>();
  for (const node of graph.nodes) {
    if (known[node.id] !== 'varies') continue;
    const start = startOf(graph, node, known);
    if (start) chains.set(node.id, start);
    for (const input of start ? [] : node.inputs) {
      const chain = chains.get(input);
      const longer = chain && uses[input] === 1 ? extended(graph, chain, node, input, known) : undefined;
      if (!longer) continue;
      chains.delete(input);
      chains.set(node.id, longer);
    }
  }
  const isWorthIt = ({ steps }: Chain): boolean =>
    steps.length > 1 || steps.some(({ op }) => op === 'mul' || op === 'div');
  return new Map([...chains].filter(([, chain]) => isWorthIt(chain)));
}

function usesOf({ nodes, outputs }: Graph): number[] {
  const uses = new Array<number>(nodes.length).fill(0);
  for (const id of [...nodes.flatMap(({ inputs }) => inputs), ...outputs.map(({ value }) => value)])
    uses[id] = (uses[id] ?? 0) + 1;
  return uses;
}

/** A product of something with weights: its channels are those of the weights. */
function startOf({ nodes }: Graph, node: Node, known: readonly Knowledge[]): Chain | undefined {
  if (node.op !== 'matmul' && node.op !== 'conv') return undefined;
  const weight = [0, 1].find((side) => known[nth(node.inputs, side)] === 'weights') as 0 | 1 | undefined;
  if (weight === undefined || (node.op === 'conv' && weight === 0)) return undefined;
  const { shape } = node.type;
  const of = nodes[nth(node.inputs, weight)]?.type.shape as readonly number[];
  const rank = shape.length;
  // A batch axis of a product is none of its channels: there the weights are read as they are.
  const [count, behind] =
    node.op === 'conv'
      ? [nth(of, 0) * nth(of, 1), shapeProduct(shape.slice(3))]
      : weight === 1
        ? [nth(of, rank - 1), 1]
        : [nth(of, rank - 2), shape[rank - 1]];
  if (behind === undefined) return undefined;
  return { product: node, weight, channels: { count, behind }, steps: [] };
}

function extended(
  graph: Graph,
  chain: Chain,
  node: Node,
  input: number,
  known: readonly Knowledge[],
): Chain | undefined {
  const { channels, steps } = chain;
  const { shape } = node.type;
  if (node.op === 'reshape') return axesOf(shape, channels) ? chain : undefined;
  if (node.op === 'neg') return { ...chain, steps: [...steps, { op: 'neg' }] };
  if (node.op !== 'mul' && node.op !== 'div' && node.op !== 'add' && node.op !== 'sub') return undefined;
  const isLeft = nth(node.inputs, 0) === input;
  const other = nth(node.inputs, isLeft ? 1 : 0);
  const value = perChannel(graph, other, shape, channels, known);
  if (value === undefined || (node.op === 'div' && !isLeft)) return undefined;
  const op = node.op === 'sub' && !isLeft ? 'subtracted from' : node.op;
  return { ...chain, steps: [...steps, { op, value }] };
}

/** The axes that the channels are, from the first to the last; undefined where they are no axes of their own. */
function axesOf(
  shape: readonly Dimension[],
  { count, behind }: Channels,
): readonly [first: number, last: number] | undefined {
  for (let last = shape.length - 1; last >= 0; last--) {
    const rest = shapeProduct(shape.slice(last + 1));
    if (rest === undefined || !equalDimensions(rest, behind)) continue;
    for (let first = last; first >= 0; first--) {
      const size = shapeProduct(shape.slice(first, last + 1));
      if (size !== undefined && equalDimensions(size, count)) return [first, last];
    }
  }
  return undefined;
}

/** What an operand of that shape is a broadcast of, where that has a number a channel or one for all. */
function perChannel(
  { nodes }: Graph,
  id: number,
  shape: readonly Dimension[],
  channels: Channels,
  known: readonly Knowledge[],
): number | undefined {
  const node = nodes[id] as Node;
  const source = node.op === 'broadcast' ? nth(node.inputs, 0) : id;
  if (known[source] === 'varies') return undefined;
  const from = nodes[source]?.type.shape ?? [];
  if (from.every((size) => size === 1)) return source;
  const axes = axesOf(shape, channels);
  if (!axes) return undefined;
  const [first, last] = axes;
  const fits = from.every((size, axis) =>
    axis < first || axis > last ? size === 1 : equalDimensions(size, nth(shape, axis)),
  );
  return fits ? source : undefined;
}

function folded(
  b: GraphBuilder,
  { product, weight, channels, steps }: Chain,
  end: Node,
  ids: readonly number[],
): number {
  // prettier-ignore
  b.phase = end.phase;
  b.source = end.source;
  b.origin = undefined;
  const { dtype, shape } = end.type;
  const vector = (id: number): number => {
    const value = mapped(ids, id);
    const isOne = b.type(value).shape.every((size) => size === 1);
    return broadcastTo(b, reshapeTo(b, value, [isOne ? 1 : channels.count]), [channels.count]);
  };
  let factor: number | undefined;
  let offset: number | undefined;
  const both = (change: (value: number) => number): void => {
    factor = change(factor ?? full(b, 1, [channels.count], dtype));
    offset = offset === undefined ? undefined : change(offset);
  };
  for (const step of steps) {
    const value = step.op === 'neg' ? undefined : vector(step.value);
    if (value === undefined) both((each) => unary(b, 'neg', each));
    else if (step.op === 'mul' || step.op === 'div') both((each) => binary(b, step.op as 'mul', each, value));
    else if (step.op === 'add') offset = offset === undefined ? value : binary(b, 'add', offset, value);
    else if (step.op === 'sub')
      offset = offset === undefined ? unary(b, 'neg', value) : binary(b, 'sub', offset, value);
    else {
      both((each) => unary(b, 'neg', each));
      offset = offset === undefined ? value : binary(b, 'add', value, offset);
    }
  }
  const operands = product.inputs.map((id) => mapped(ids, id)) as [number, number];
  const isHalf = b.type(operands[weight]).dtype === 'f16';
  if (factor !== undefined && !isHalf)
    operands[weight] = scaled(b, product, weight, operands[weight], factor);
  b.source = product.source;
  const { shape: made } = product.type;
  const result = b.add(product.op, operands, product.attributes, { shape: made, dtype }); // prettier-ignore
  b.source = end.source;
  const [first, last] = axesOf(shape, channels) as readonly [number, number];
  const alone = shape.map((size, axis) => (axis < first || axis > last ? 1 : size));
  const everywhere = (value: number): number => broadcastTo(b, reshapeTo(b, value, alone), shape);
  let value = reshapeTo(b, result, shape);
  if (factor !== undefined && isHalf) value = binary(b, 'mul', value, everywhere(factor));
  if (offset !== undefined) value = binary(b, 'add', value, everywhere(offset));
  if (end.label !== undefined) b.label(value, end.label);
  return value;
}

/** The weights times a factor for each of their channels. */
function scaled(
  b: GraphBuilder,
  { op }: Chain['product'],
  weight: 0 | 1,
  id: number,
  factor: number,
): number {
  const { shape } = b.type(id);
  const rank = shape.length;
  const isChannel = (axis: number): boolean =>
    op === 'conv' ? axis < 2 : axis === (weight === 1 ? rank - 1 : rank - 2);
  const alone = shape.map((size, axis) => (isChannel(axis) ? size : 1));
  return binary(b, 'mul', id, broadcastTo(b, reshapeTo(b, factor, alone), shape));
}
