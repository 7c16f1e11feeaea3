/**
 * Attention as two products and a softmax between them, which store all scores. In: any graph, and which of its
 * attentions stay nodes for a kernel of their own. Out: a graph without the others. Derivatives are taken afterwards:
 * those of what is expanded are what they are of any program.
 */
import { inPrimitives } from '../graph/attention-in-primitives.ts';
import type { Graph, NodeOf } from '../graph/ir.ts';
import { rewriteGraph, type Pass } from './rewrite.ts';

/** `stays`: whether there is a kernel for it. In the body of a scan there is none. */
export function expandAttention(stays: (graph: Graph, node: NodeOf<'attention'>) => boolean): Pass {
  return {
    name: 'expand attention',
    run: (graph) =>
      rewriteGraph(graph, (b, node, inputs) => {
        switch (node.op) {
          case 'scan': {
            const body = expandAllAttention.run(node.attributes.body);
            return b.add('scan', inputs, { ...node.attributes, body }, node.type);
          }
          case 'attention':
            return stays(graph, node) ? undefined : inPrimitives(b, node, inputs);
          case 'attention_lse':
          case 'attention_gradient':
            return inPrimitives(b, node, inputs);
          default:
            return undefined;
        }
      }),
  };
}

/** For devices without such kernels. */
export const expandAllAttention: Pass = expandAttention(() => false);
