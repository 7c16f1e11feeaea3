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
    // Operator and operands tell most nodes apart; the rest is put together only for those it does not.
    const firsts = new Map<string, Kept>();
    const others = new Map<string, number>();
    return rewriteGraph(graph, (b, node, inputs) => {
      // A node that is copied gets the next id.
      const kept = new Kept(b.nodes.length, node, inputs);
      const first = firsts.get(kept.operands);
      if (!first) firsts.set(kept.operands, kept);
      else if (first.rest === kept.rest) return first.id;
      else {
        const key = `${kept.operands}|${kept.rest}`;
        const found = others.get(key);
        if (found !== undefined) return found;
        others.set(key, kept.id);
      }
      return undefined;
    });
  },
};

/** A node and the id of its copy. Two are the same value where both texts are equal. */
class Kept {
  readonly id: number;
  readonly operands: string;
  private readonly node: Node;
  private text: string | undefined;

  constructor(id: number, node: Node, inputs: readonly number[]) {
    this.id = id;
    this.node = node;
    const ordered = COMMUTATIVE.has(node.op) ? [...inputs].sort((p, q) => p - q) : inputs;
    this.operands = `${node.op} ${ordered.join(' ')}`;
  }

  get rest(): string {
    this.text ??= `${attributeKey(this.node.attributes)}|${printType(this.node.type)}`;
    return this.text;
  }
}
