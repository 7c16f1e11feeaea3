/**
 * What a value of a loop adds up to over all turns, computed after the loop. In: a node of the body, and values
 * of all turns for what it is made of. Out: the sum; a product of two matrices a turn becomes one product
 * with the turns in its inner dimension.
 */
import type { GraphBuilder } from '../graph/builder.ts';
import { binary, reshapeTo } from '../graph/convenience.ts';
import { copyNode } from '../graph/copy.ts';
import { multiplyDimensions, type Dimension } from '../graph/dimension.ts';
import type { Graph, Node, NodeOf } from '../graph/ir.ts';
import { nth } from '../graph/op-row.ts';
import type { Batched } from './batching-rules.ts';

/** Whether the sum of a node over all turns needs less than the node of every turn. */
export const addsUpWell = (body: Graph, id: number): boolean =>
  terms(body, id).every((term) => isSum(nth(body.nodes, term)));

/** Of what the values of all turns are asked for. */
export const addedUp = (body: Graph, id: number): readonly number[] =>
  terms(body, id).flatMap((term) => (isSum(nth(body.nodes, term)) ? nth(body.nodes, term).inputs : [term]));

/** Its sum over the turns is a larger product or sum. */
const isSum = ({ op }: Node): boolean => op === 'matmul' || op === 'reduce_sum';

/** Operators of one value whose sum over the turns is the operator on the sum. */
const ALIKE: readonly Node['op'][] = ['reshape', 'transpose', 'broadcast', 'slice', 'reverse', 'neg'];
const isAlike = ({ op }: Node): boolean => ALIKE.includes(op);

/** What a node is made of by operators whose sum over the turns is the same operator on the sums; each once. */
function terms(body: Graph, id: number): readonly number[] {
  const seen = new Set<number>([id]);
  const found: number[] = [];
  for (const each of seen) {
    const node = nth(body.nodes, each);
    // A set is walked with what is added meanwhile.
    if (isAlike(node) || node.op === 'add' || node.op === 'sub')
      for (const input of node.inputs) seen.add(input);
    else found.push(each);
  }
  return found;
}

/** `of` gives the value of a body's node for all turns; `turns` of them. */
export function sumOverTurns(
  b: GraphBuilder,
  body: Graph,
  id: number,
  of: (id: number) => Batched,
  turns: number,
): number {
  const node = nth(body.nodes, id);
  const inner = (index: number): number => sumOverTurns(b, body, nth(node.inputs, index), of, turns);
  switch (node.op) {
    case 'matmul':
      return product(b, node, of, turns) ?? plain(b, of(id), turns);
    case 'reduce_sum': {
      const { id: input, varies } = of(nth(node.inputs, 0));
      stamp(b, node);
      if (!varies) return plain(b, of(id), turns);
      return b.add('reduce_sum', [input], { axes: [0, ...node.attributes.axes.map((axis) => axis + 1)] });
    }
    case 'add':
    case 'sub': {
      const [x, y] = [inner(0), inner(1)];
      stamp(b, node);
      return binary(b, node.op, x, y);
    }
    default:
      if (isAlike(node)) return copyNode(b, node, [inner(0)]);
      stamp(b, node);
      return plain(b, of(id), turns);
  }
}

function stamp(b: GraphBuilder, { phase, source, origin }: Node): void {
  b.phase = phase;
  b.source = source;
  b.origin = origin;
}

function plain(b: GraphBuilder, { id, varies }: Batched, turns: number): number {
  if (varies) return b.add('reduce_sum', [id], { axes: [0] });
  const { dtype, shape } = b.type(id);
  const factor = b.add('constant', [], { value: turns }, { dtype });
  const ones = reshapeTo(
    b,
    factor,
    shape.map(() => 1),
  );
  return binary(b, 'mul', id, shape.length === 0 ? factor : b.add('broadcast', [ones], {}, { shape }));
}

/** [T, M, K] x [T, K, N], summed over T, is [M, T * K] x [T * K, N]. */
function product(
  b: GraphBuilder,
  node: NodeOf<'matmul'>,
  of: (id: number) => Batched,
  turns: number,
): number | undefined {
  const [left, right] = [of(nth(node.inputs, 0)), of(nth(node.inputs, 1))];
  if (node.type.shape.length !== 2 || !left.varies || !right.varies) return undefined;
  const [rows, columns] = node.type.shape as [Dimension, Dimension];
  const depth = multiplyDimensions(turns, b.type(right.id).shape[1] as Dimension);
  if (depth === undefined) return undefined;
  stamp(b, node);
  const rowsFirst = b.add('transpose', [left.id], { permutation: [1, 0, 2] });
  return b.add(
    'matmul',
    [reshapeTo(b, rowsFirst, [rows, depth]), reshapeTo(b, right.id, [depth, columns])],
    {},
  );
}
