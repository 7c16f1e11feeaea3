/**
 * Which values depend on which, and how: along edges where a gradient flows, along edges where it is zero,
 * and along edges where there is none to speak of (integers, truth values).
 */
import type { GraphBuilder } from '../graph/builder.ts';
import type { Node } from '../graph/ir.ts';
import { isFloat } from '../graph/op-row.ts';
import { VJP_RULES } from './vjp-rules.ts';

export type Edge = 'flows' | 'zero' | 'discrete';

/** How `node` depends on its input at `index`. */
export function edge(b: GraphBuilder, node: Node, index: number): Edge {
  const derivative = VJP_RULES[node.op];
  if (derivative === 'zero' || derivative === 'leaf') return 'zero';
  const input = b.type(node.inputs[index] as number);
  const flows = derivative !== 'discrete' && isFloat(node.type.dtype) && isFloat(input.dtype);
  return flows ? 'flows' : 'discrete';
}

export type Accept = (edge: Edge, node: Node) => boolean;

/** Where gradients go. */
export const flowing: Accept = (edge) => edge === 'flows';

/**
 * What the program itself computes, integers and truth values included. Nodes of derivative rules are left
 * out: that a gradient depends on x by a mask alone (as that of relu does) makes its derivative zero.
 */
export const programmed: Accept = (edge, node) => edge !== 'zero' && node.phase !== 'backward';

/** True at ids that depend on one of `from` along accepted edges, up to and including `last`. */
export function dependents(
  b: GraphBuilder,
  from: readonly number[],
  last: number,
  accepts: Accept,
): boolean[] {
  const reached = new Array<boolean>(last + 1).fill(false);
  for (const id of from) if (id <= last) reached[id] = true;
  for (let id = Math.min(last, ...from) + 1; id <= last; id++) {
    const node = b.node(id);
    if (reached[id]) continue;
    reached[id] = node.inputs.some((input, index) => reached[input] && accepts(edge(b, node, index), node));
  }
  return reached;
}

/** True at ids that one of `ends` depends on along accepted edges, themselves included. */
export function dependencies(b: GraphBuilder, ends: readonly number[], accepts: Accept): boolean[] {
  const last = Math.max(...ends);
  const reached = new Array<boolean>(last + 1).fill(false);
  for (const end of ends) reached[end] = true;
  for (let id = last; id >= 0; id--) {
    if (!reached[id]) continue;
    const node = b.node(id);
    node.inputs.forEach((input, index) => {
      if (accepts(edge(b, node, index), node)) reached[input] = true;
    });
  }
  return reached;
}
