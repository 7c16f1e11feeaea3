/**
 * Derivative rules of attention. That of the result is two more primitives, its logarithms and its gradients, which
 * need no matrix of all scores (Dao, FlashAttention-2). Those of these two are taken of what they are in primitives.
 */
import { inPrimitives, type AttentionNode } from '../graph/attention-in-primitives.ts';
import { GraphBuilder } from '../graph/builder.ts';
import { binary, castTo, full } from '../graph/convenience.ts';
import { copyNode, mapped } from '../graph/copy.ts';
import { isFloat, nth } from '../graph/op-row.ts';
import type { Emit, VjpContext, VjpRule } from './vjp-rule.ts';

const attention: VjpRule<'attention'> = ({ b, gradient, node }) => {
  const { attributes, inputs } = node;
  const [q, k, v, ...mask] = inputs as [number, number, number, ...number[]];
  let known: { sums: number; delta: number } | undefined;
  const rows = (): { sums: number; delta: number } => {
    if (known) return known;
    const { phase } = b;
    // Worked out with the result, by the kernel of the forward pass.
    b.phase = node.phase;
    const sums = b.add('attention_lse', [q, k, ...mask], attributes, { dtype: 'f32' });
    b.phase = phase;
    const product = binary(b, 'mul', castTo(b, gradient, 'f32'), castTo(b, node.id, 'f32'));
    known = { sums, delta: b.add('reduce_sum', [product], { axes: [node.type.shape.length - 1] }) };
    return known;
  };
  const by = (part: 'queries' | 'keys' | 'values'): Emit => {
    return () => {
      const { sums, delta } = rows();
      return b.add('attention_gradient', [q, k, v, sums, delta, gradient, ...mask], {
        ...attributes,
        by: part,
      });
    };
  };
  return [by('queries'), by('keys'), by('values'), ...mask.map(() => undefined)];
};

/** The derivative of what a node is in primitives, in a graph of its own, where its inputs do not depend on each other. */
function expanded<P extends AttentionNode['op']>(context: VjpContext<P>): readonly (Emit | undefined)[] {
  const { b, walk, gradient } = context;
  const node = context.node as AttentionNode;
  let ids: readonly (number | undefined)[] | undefined;
  const gradients = (): readonly (number | undefined)[] => {
    const graph = new GraphBuilder(b.name);
    graph.phase = b.phase;
    graph.source = b.source;
    const leaves = node.inputs.map((id, index) => graph.add('argument', [], { index }, b.type(id)));
    const seed = graph.add('argument', [], { index: leaves.length }, b.type(gradient));
    const value = inPrimitives(graph, node, leaves);
    const wanted = leaves.filter((_, index) => context.wanted[index]);
    const found = walk(graph, new Map([[value, seed]]), wanted);
    const outside: number[] = [];
    for (const each of graph.nodes) {
      const given = each.op === 'argument' ? [...node.inputs, gradient][each.attributes.index] : undefined;
      outside.push(
        given ??
          copyNode(
            b,
            each,
            each.inputs.map((id) => mapped(outside, id)),
          ),
      );
    }
    return leaves.map((leaf) => {
      const id = found.get(leaf);
      return id === undefined ? undefined : mapped(outside, id);
    });
  };
  return node.inputs.map((id, index) => {
    if (!isFloat(b.type(id).dtype)) return undefined;
    return () => {
      ids ??= gradients();
      return ids[index] ?? zerosLike(b, nth(node.inputs, index));
    };
  });
}

function zerosLike(b: GraphBuilder, id: number): number {
  const { dtype, shape } = b.type(id);
  return full(b, 0, shape, dtype);
}

export const ATTENTION_RULES = {
  attention,
  attention_lse: expanded<'attention_lse'>,
  attention_gradient: expanded<'attention_gradient'>,
};
