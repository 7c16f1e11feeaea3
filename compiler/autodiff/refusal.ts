/**
 * What has no derivative, said at the user's line. In: the ids of y and x and the `gradient` node that asks.
 * Out: nothing, or a CompileError E0302: y or x holds integers or truth values, or y depends on x by way of
 * them alone. That y does not depend on x at all is no error; the gradient is zero.
 */
import { fail } from '../diagnostics.ts';
import type { GraphBuilder } from '../graph/builder.ts';
import type { Node } from '../graph/ir.ts';
import { isFloat } from '../graph/op-row.ts';
import { dependencies, dependents, edge, flowing, programmed } from './dependence.ts';

export function refuseWithoutDerivative(b: GraphBuilder, asking: Node, y: number, x: number): void {
  refuseDtype(b, asking, y, 'what is differentiated');
  refuseDtype(b, asking, x, 'what it is differentiated by');
  const reached = dependents(b, [x], y, flowing);
  if (reached[y] || !dependents(b, [x], y, programmed)[y]) return;
  const culprit = nearestLoss(b, y, x);
  if (!culprit) return;
  const message =
    `no derivative: ${nameOf(b, y, 'the value')} depends on ${nameOf(b, x, 'the variable')} only through ` +
    `${describe(culprit)}, which has none`;
  const [span] = asking.source;
  fail('E0302', culprit.source[0] ?? span, message, {
    help: 'use a differentiable loss, for example cross_entropy(logits, label); a count can be a metric',
    ...(span ? { related: [{ message: 'the derivative is asked for here', span }] } : {}),
  });
}

/** The operator nearest to y that turns floats which depend on x into integers or truth values. */
function nearestLoss(b: GraphBuilder, y: number, x: number): Node | undefined {
  const above = dependents(b, [x], y, programmed);
  const losesDerivative = (node: Node): boolean =>
    node.inputs.some((input, index) => {
      return above[input] && isFloat(b.type(input).dtype) && edge(b, node, index) === 'discrete';
    });
  const below = dependencies(b, [y], (kind, node) => programmed(kind, node) && !losesDerivative(node));
  return b.nodes.find((node) => below[node.id] && losesDerivative(node));
}

function refuseDtype(b: GraphBuilder, asking: Node, id: number, role: string): void {
  const { dtype } = b.type(id);
  if (isFloat(dtype)) return;
  fail('E0302', asking.source[0], `no derivative: ${nameOf(b, id, role)} is ${dtype}`, {
    help: 'only f32 tensors have derivatives; cast the result, or use a loss of f32 values',
  });
}

/** The binding's name, that of the weight or input, or a description. */
function nameOf(b: GraphBuilder, id: number, otherwise: string): string {
  const { label, attributes } = b.node(id);
  return label ?? ('name' in attributes ? attributes.name : otherwise);
}

const SYMBOLS: Readonly<Record<string, string>> = {
  eq: '`==`',
  ne: '`!=`',
  lt: '`<`',
  le: '`<=`',
  gt: '`>`',
  ge: '`>=`',
};

/** The operator as the user writes it. */
function describe(node: Node): string {
  return node.op === 'cast' ? `a cast to ${node.type.dtype}` : (SYMBOLS[node.op] ?? `\`${node.op}\``);
}
