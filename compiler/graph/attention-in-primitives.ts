/**
 * Attention in primitives, with the matrix of all scores: what devices compute for which no kernel does without it, and
 * what the second derivative is taken of. In: a node of the family and ids in the builder's graph in the place of its
 * inputs. Out: the id of a value of the node's type.
 */
import type { GraphBuilder } from './builder.ts';
import {
  binary,
  broadcastTo,
  broadcastTogether,
  castTo,
  constant,
  full,
  keepAxes,
  reshapeTo,
  spreadOver,
  swapLastAxes,
  unary,
  withNumber,
} from './convenience.ts';
import type { Dimension } from './dimension.ts';
import type { AttentionAttributes, NodeOf } from './ir.ts';
import { nth } from './op-row.ts';

export type AttentionNode = NodeOf<'attention'> | NodeOf<'attention_lse'> | NodeOf<'attention_gradient'>;

/** A large number in place of -inf: no infinity reaches the arithmetic, and its exponential is 0. */
const NOTHING = -1e30;

export function inPrimitives(b: GraphBuilder, node: AttentionNode, inputs: readonly number[]): number {
  const { op, attributes, type } = node;
  const wide = inputs.map((id) => (b.type(id).dtype === 'bool' ? id : castTo(b, id, 'f32')));
  switch (op) {
    case 'attention':
      return castTo(b, result(b, attributes, wide), type.dtype);
    case 'attention_lse':
      return castTo(b, logarithms(b, attributes, wide), type.dtype);
    case 'attention_gradient':
      return castTo(b, gradient(b, attributes, wide), type.dtype);
    default:
      return op satisfies never;
  }
}

/** Scores where they are allowed, NOTHING elsewhere; the condition is undefined where all are. */
interface Scores {
  readonly scores: number;
  readonly allowed: number | undefined;
}

function scoresOf(
  b: GraphBuilder,
  { scale, causal }: AttentionAttributes,
  [q, k]: readonly [number, number],
  mask: number | undefined,
): Scores {
  const scores = withNumber(b, 'mul', b.add('matmul', [q, swapLastAxes(b, k)], {}), scale);
  const { shape } = b.type(scores);
  let allowed = mask;
  if (causal) {
    const before = pairsBefore(b, shape.at(-2) as Dimension, shape.at(-1) as Dimension);
    allowed = mask === undefined ? before : binary(b, 'and', ...broadcastTogether(b, before, mask));
  }
  return { scores: allowed === undefined ? scores : where(b, allowed, scores, NOTHING), allowed };
}

/** Whether the key stands at the query's place or before it. */
function pairsBefore(b: GraphBuilder, queries: Dimension, keys: Dimension): number {
  const key = b.add('iota', [], { axis: 0 }, { shape: [keys] });
  const query = reshapeTo(b, b.add('iota', [], { axis: 0 }, { shape: [queries] }), [queries, 1]);
  return binary(b, 'le', ...broadcastTogether(b, key, query));
}

function where(b: GraphBuilder, condition: number, x: number, otherwise: number): number {
  const number = constant(b, otherwise);
  const { shape } = b.type(x);
  return b.add('select', [broadcastTo(b, condition, shape), x, broadcastTo(b, number, shape)], {});
}

/** exp(x - the largest along the last axis), that largest, and the axis. */
function exponentials(b: GraphBuilder, x: number): { e: number; largest: number; axes: readonly number[] } {
  const { shape } = b.type(x);
  const axes = [shape.length - 1];
  const largest = b.add('detach', [keepAxes(b, b.add('reduce_max', [x], { axes }), shape, axes)], {});
  return { e: unary(b, 'exp', binary(b, 'sub', x, broadcastTo(b, largest, shape))), largest, axes };
}

/** The text of softmax(scores) @ v. */
function result(b: GraphBuilder, attributes: AttentionAttributes, inputs: readonly number[]): number {
  const [q, k, v] = [nth(inputs, 0), nth(inputs, 1), nth(inputs, 2)];
  const mask = inputs[3];
  const { scores, allowed } = scoresOf(b, attributes, [q, k], mask);
  const { e, axes } = exponentials(b, scores);
  const total = b.add('reduce_sum', [e], { axes });
  const share = binary(b, 'div', e, spreadOver(b, total, b.type(e).shape, axes));
  // A row that allows nothing has equal shares of all.
  const kept = mask === undefined || allowed === undefined ? share : where(b, allowed, share, 0);
  return b.add('matmul', [kept, v], {});
}

function logarithms(b: GraphBuilder, attributes: AttentionAttributes, inputs: readonly number[]): number {
  const mask = inputs[2];
  const { scores, allowed } = scoresOf(b, attributes, [nth(inputs, 0), nth(inputs, 1)], mask);
  const { e, largest, axes } = exponentials(b, scores);
  const kept = mask === undefined || allowed === undefined ? e : where(b, allowed, e, 0);
  const total = b.add('reduce_sum', [kept], { axes });
  const { shape } = b.type(total);
  const offset = reshapeTo(b, largest, shape);
  if (mask === undefined) return binary(b, 'add', unary(b, 'log', total), offset);
  const isEmpty = binary(b, 'eq', total, full(b, 0, shape));
  const sum = b.add('select', [isEmpty, full(b, 1, shape), total], {});
  const logarithm = binary(b, 'add', unary(b, 'log', sum), offset);
  return b.add('select', [isEmpty, full(b, 0, shape), logarithm], {});
}

function gradient(
  b: GraphBuilder,
  attributes: NodeOf<'attention_gradient'>['attributes'],
  inputs: readonly number[],
): number {
  const [q, k, v] = [nth(inputs, 0), nth(inputs, 1), nth(inputs, 2)];
  const [sums, delta, g] = [nth(inputs, 3), nth(inputs, 4), nth(inputs, 5)];
  const { scores } = scoresOf(b, attributes, [q, k], inputs[6]);
  const { shape } = b.type(scores);
  const axes = [shape.length - 1];
  const over = (row: number): number => spreadOver(b, row, shape, axes);
  const share = unary(b, 'exp', binary(b, 'sub', scores, over(sums)));
  if (attributes.by === 'values') return b.add('matmul', [swapLastAxes(b, share), g], {});
  const change = binary(b, 'sub', b.add('matmul', [g, swapLastAxes(b, v)], {}), over(delta));
  const slope = withNumber(b, 'mul', binary(b, 'mul', share, change), attributes.scale);
  return attributes.by === 'queries'
    ? b.add('matmul', [slope, k], {})
    : b.add('matmul', [swapLastAxes(b, slope), q], {});
}
