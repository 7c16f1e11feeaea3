/**
 * Reverse-mode differentiation of graphs. In: a graph with `gradient` nodes, d(sum of y) / d(x). Out: the
 * same graph with each replaced by primitives; other nodes keep their order, labels and sources, outputs
 * their names and roles. Gradient nodes are replaced in topological order, so one may differentiate what
 * another gave. All gradients of one y share one reverse walk, which visits only nodes between them and y.
 *
 * New nodes have the phase `backward` and the source and origin of the forward node they belong to.
 */
import { GraphBuilder } from '../graph/builder.ts';
import { binary, full } from '../graph/convenience.ts';
import { copyNode, copyOutputs, mapped } from '../graph/copy.ts';
import type { Graph, Node, NodeOf, OpName } from '../graph/ir.ts';
import { broken, nth } from '../graph/op-row.ts';
import { dependencies, dependents, edge, flowing } from './dependence.ts';
import { refuseWithoutDerivative } from './refusal.ts';
import { VjpContext, type Emit } from './vjp-rule.ts';
import { VJP_RULES } from './vjp-rules.ts';

/** Throws a CompileError E0302 at the user's line where a derivative that is asked for does not exist. */
export function expandGradients(graph: Graph): Graph {
  const b = new GraphBuilder(graph.name);
  const ids: number[] = [];
  const walks = new Map<number, ReadonlyMap<number, number>>();
  for (const node of graph.nodes) {
    if (node.op !== 'gradient') {
      ids.push(
        copyNode(
          b,
          node,
          node.inputs.map((input) => mapped(ids, input)),
        ),
      );
      continue;
    }
    const [y, x] = [mapped(ids, nth(node.inputs, 0)), mapped(ids, nth(node.inputs, 1))];
    refuseWithoutDerivative(b, node, y, x);
    b.phase = 'backward';
    b.source = node.source;
    b.origin = undefined;
    const walk = walks.get(y) ?? reverseWalk(b, y, wantedOf(graph, nth(node.inputs, 0), ids));
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

/** Gradients of the sum of y by id, for each of `wanted` that y depends on. */
function reverseWalk(b: GraphBuilder, y: number, wanted: readonly number[]): ReadonlyMap<number, number> {
  const above = dependents(b, wanted, y, flowing);
  const below = dependencies(b, y, flowing);
  const isActive = (id: number) => above[id] === true && below[id] === true;
  const found = new Map<number, number>();
  if (!isActive(y)) return found;

  const { dtype, shape } = b.type(y);
  const sums = new Map<number, number>([[y, full(b, 1, shape, dtype)]]);
  for (let id = y; id >= 0; id--) {
    const gradient = sums.get(id);
    if (gradient === undefined) continue;
    if (wanted.includes(id)) found.set(id, gradient);
    const node = b.node(id);
    b.source = node.source;
    b.origin = node.origin;
    const emits = inputGradients(b, node, gradient);
    node.inputs.forEach((input, index) => {
      if (!isActive(input) || edge(b, node, index) !== 'flows') return;
      const emit = emits[index] ?? broken(`${node.op} has no derivative by its input ${index}`);
      const part = emit();
      const sum = sums.get(input);
      sums.set(input, sum === undefined ? part : binary(b, 'add', sum, part));
    });
  }
  return found;
}

function inputGradients<P extends OpName>(
  b: GraphBuilder,
  node: NodeOf<P>,
  gradient: number,
): readonly (Emit | undefined)[] {
  const rule = VJP_RULES[node.op];
  return typeof rule === 'string' ? [] : rule(new VjpContext<P>(b, node, gradient));
}

function zeros(b: GraphBuilder, node: Node, x: number): number {
  b.source = node.source;
  const { dtype, shape } = b.type(x);
  return full(b, 0, shape, dtype);
}
