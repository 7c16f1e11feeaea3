/**
 * Common subexpressions: of nodes with the same operator, attributes, operands and type the first stays.
 * Every primitive is a pure function of these within a step, random bits too (stream and shape tell them).
 */
import type { Node, OpName } from '../graph/ir.ts';
import { attributeKey, printType } from '../graph/print.ts';
import { rewriteGraph, type Pass } from './rewrite.ts';

const COMMUTATIVE: ReadonlySet<OpName> = new Set<OpName>([
  'add',
  'mul',
  'min',
  'max',
  'and',
  'or',
  'eq',
  'ne',
]);

export const share: Pass = {
  name: 'share',
  run(graph) {
    const seen = new Map<string, number>();
    return rewriteGraph(graph, (b, node, inputs) => {
      const key = keyOf(node, inputs);
      const found = seen.get(key);
      // A node that is copied gets the next id.
      if (found === undefined) seen.set(key, b.nodes.length);
      return found;
    });
  },
};

function keyOf(node: Node, inputs: readonly number[]): string {
  const operands = COMMUTATIVE.has(node.op) ? [...inputs].sort((p, q) => p - q) : inputs;
  return [node.op, operands.join(' '), attributeKey(node.attributes), printType(node.type)].join('|');
}
