/**
 * Reverse-mode differentiation of graphs. In: a graph with `gradient` nodes, d(sum of y) / d(x). Out: the
 * same graph with each replaced by primitives; other nodes keep their order, labels and sources, outputs
 * their names and roles. Gradient nodes are replaced in topological order, so one may differentiate what
 * another gave. All gradients of one y share one reverse walk, which visits only nodes between them and y.
 *
 * New nodes have the phase `backward` and the source and origin of the forward node they belong to.
 */
import { GraphBuilder } from '../graph/builder.ts';
import { full } from '../graph/convenience.ts';
import { copyNode, copyOutputs, mapped } from '../graph/copy.ts';
import type { Graph, Node } from '../graph/ir.ts';
import { nth } from '../graph/op-row.ts';
import { openToGradients } from './gradients-in-loops.ts';
import { refuseWithoutDerivative } from './refusal.ts';
import { reverseWalk } from './reverse-walk.ts';

/** Throws a CompileError E0302 at the user's line where a derivative that is asked for does not exist. */
export function expandGradients(graph: Graph): Graph {
  const b = new GraphBuilder(graph.name);
  const ids: number[] = [];
  const walks = new Map<number, ReadonlyMap<number, number>>();
  for (const given of graph.nodes) {
    const inputs = given.inputs.map((input) => mapped(ids, input));
    const { node, inputs: operands } = withoutGradientsInside(b, given, inputs);
    if (node.op !== 'gradient') {
      ids.push(copyNode(b, node, operands));
      continue;
    }
    const [y, x] = [nth(inputs, 0), nth(inputs, 1)];
    refuseWithoutDerivative(b, node, y, x);
    b.phase = 'backward';
    b.source = node.source;
    b.origin = undefined;
    const wanted = wantedOf(graph, nth(node.inputs, 0), ids);
    const walk = walks.get(y) ?? reverseWalk(b, new Map([[y, onesLike(b, y)]]), wanted);
    walks.set(y, walk);
    const found = walk.get(x) ?? zeros(b, node, x);
    if (node.label !== undefined) b.label(found, node.label);
    ids.push(found);
  }
  copyOutputs(b, graph, ids);
  return b.finish();
}

/** Everything that gradients of y are asked for; what is not copied yet cannot be part of y. */
function wantedOf(graph: Graph, y: number, ids: readonly number[]): number[] {
  const wanted = new Set<number>();
  for (const node of graph.nodes) {
    if (node.op !== 'gradient' || node.inputs[0] !== y) continue;
    const x = ids[nth(node.inputs, 1)];
    if (x !== undefined) wanted.add(x);
  }
  return [...wanted];
}

/** A derivative taken inside of a scan is one of that turn. `inputs`: the node's, in `b`. */
function withoutGradientsInside(
  b: GraphBuilder,
  given: Node,
  inputs: readonly number[],
): { node: Node; inputs: readonly number[] } {
  if (given.op !== 'scan') return { node: given, inputs };
  const { node, inputs: wider } = openToGradients(b, { node: given, inputs });
  const { attributes } = node;
  return {
    node: { ...node, attributes: { ...attributes, body: expandGradients(attributes.body) } },
    inputs: wider,
  };
}

function onesLike(b: GraphBuilder, y: number): number {
  const { dtype, shape } = b.type(y);
  return full(b, 1, shape, dtype);
}

function zeros(b: GraphBuilder, node: Node, x: number): number {
  b.source = node.source;
  const { dtype, shape } = b.type(x);
  return full(b, 0, shape, dtype);
}
