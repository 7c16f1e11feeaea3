/**
 * What passes share: a walk over a graph that copies it node by node and lets a rule put something else in
 * a node's place, and a look through views for numbers.
 */
import { GraphBuilder } from '../graph/builder.ts';
import { copyNode, copyOutputs, mapped } from '../graph/copy.ts';
import type { Dimension } from '../graph/dimension.ts';
import type { Graph, Node } from '../graph/ir.ts';

export interface Pass {
  readonly name: string;
  /** Pure; the outputs keep names, roles, types and values. */
  readonly run: (graph: Graph) => Graph;
}

/**
 * What stands in for `node`: the id of a value of the same type, or undefined for a plain copy. `inputs`
 * are the node's inputs in the new graph. New nodes take the node's phase, source and origin.
 */
export type Rewrite = (b: GraphBuilder, node: Node, inputs: readonly number[]) => number | undefined;

export function rewriteGraph(graph: Graph, rewrite: Rewrite): Graph {
  const b = new GraphBuilder(graph.name);
  const ids: number[] = [];
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((input) => mapped(ids, input));
    b.phase = node.phase;
    b.source = node.source;
    b.origin = node.origin;
    b.scope = node.scope;
    const found = rewrite(b, node, inputs);
    // A weight or an input has a name of its own.
    const isNamed = found !== undefined && b.node(found).inputs.length > 0;
    if (isNamed && node.label !== undefined) b.label(found, node.label);
    ids.push(found ?? copyNode(b, node, inputs));
  }
  copyOutputs(b, graph, ids);
  return b.finish();
}

/** The number that every element of a value is, where views of a constant say so. */
export function uniformValue(b: GraphBuilder, id: number): Dimension | undefined {
  const node = b.node(id);
  switch (node.op) {
    case 'constant':
      return node.attributes.value;
    case 'reshape':
    case 'broadcast':
    case 'transpose':
    case 'slice':
    case 'reverse':
    case 'windows':
    case 'diagonal':
      return uniformValue(b, node.inputs[0] as number);
    default:
      return undefined;
  }
}

/** The same where it is a plain number. */
export function uniformNumber(b: GraphBuilder, id: number): number | undefined {
  const value = uniformValue(b, id);
  return typeof value === 'number' ? value : undefined;
}
