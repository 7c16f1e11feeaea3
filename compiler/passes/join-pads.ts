/**
 * Parts that are padded with zeros to lie side by side, and added up, are a concat: the derivative of a value that is
 * split into parts. In: a sum. Out: the concat that it is, if it is one.
 */
import type { GraphBuilder } from '../graph/builder.ts';
import type { Node, NodeOf } from '../graph/ir.ts';
import { uniformNumber } from './rewrite.ts';

export function joinPads(b: GraphBuilder, node: Node, inputs: readonly number[]): number | undefined {
  if (node.op !== 'add') return undefined;
  const pads = addends(b, inputs);
  const axis = pads?.[0] && paddedAxis(pads[0]);
  if (!pads || axis === undefined) return undefined;
  const parts = [...pads].sort((p, q) => marginBefore(p, axis) - marginBefore(q, axis));
  let end = 0;
  for (const part of parts) {
    const size = b.type(part.inputs[0] as number).shape[axis];
    if (typeof size !== 'number' || paddedAxis(part) !== axis || marginBefore(part, axis) !== end)
      return undefined;
    end += size;
  }
  if (end !== node.type.shape[axis]) return undefined;
  return b.add(
    'concat',
    parts.map((part) => part.inputs[0] as number),
    { axis },
  );
}

/** The terms of sums of sums; undefined where one is no padding with zeros, or stands there twice. */
function addends(b: GraphBuilder, terms: readonly number[]): NodeOf<'pad'>[] | undefined {
  const found: NodeOf<'pad'>[] = [];
  const open = [...terms];
  const seen = new Set<number>();
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (seen.has(id)) return undefined;
    seen.add(id);
    const node = b.node(id);
    if (node.op === 'add') open.push(...node.inputs);
    else if (node.op === 'pad' && uniformNumber(b, node.inputs[1] as number) === 0) found.push(node);
    else return undefined;
  }
  return found;
}

const marginBefore = ({ attributes }: NodeOf<'pad'>, axis: number): number => attributes.before[axis] ?? 0;

/** The only axis along which a pad adds something, at its ends. */
function paddedAxis({ attributes: { before, after, interior } }: NodeOf<'pad'>): number | undefined {
  const padded = [...before.keys()].filter((axis) => before[axis] !== 0 || after[axis] !== 0);
  return padded.length === 1 && interior.every((n) => n === 0) ? padded[0] : undefined;
}
