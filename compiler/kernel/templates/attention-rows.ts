/**
 * One number a row, of the eight threads that share four rows: what each has, handed to the others in workgroup memory and
 * joined in one order by all of them. In: a vec4 a thread, a lane a row. Out: a vec4 that all eight have.
 */
import type { NodeOf } from '../../graph/ir.ts';
import { LANE_INDEX } from '../emitter.ts';
import { acrossLanes, binary, cast, literal, select, spread, vectorOf } from '../expression.ts';
import { minimum } from '../index-division.ts';
import { constant, isConstant, scaled, sum, type Index } from '../index-expression.ts';
import type { Expression } from '../ir.ts';
import { ARRAYS, QUADS, fromScratch, keptRow, toScratch, type Block } from './attention-tiles.ts';

const add = (a: Expression, b: Expression): Expression => binary('add', a, b);

/** What each of the eight threads has. */
export function fromThreads(block: Block, own: Expression): Expression[] {
  const row = scaled(block.rowQuad, QUADS);
  toScratch(block, ARRAYS.partial, sum(row, block.columnQuad), own);
  block.workspace.emitter.barrier();
  return Array.from({ length: QUADS }, (_, i) =>
    fromScratch(block, 'other', ARRAYS.partial, sum(row, constant(i))),
  );
}

export function sumOverThreads(block: Block, own: Expression): Expression {
  const { emitter } = block.workspace;
  return emitter.declare('let', 'total', emitter.depth, fromThreads(block, own).reduce(add));
}

/** The sums of the thread's four rows over their channels, for a sum that the kernel itself takes; each thread reads every eighth quad. */
export function sumOfRows(block: Block, { inputs }: NodeOf<'reduce_sum'>): Expression {
  const { reader } = block.workspace;
  const [input] = inputs as [number];
  const channels = reader.sizes(input).at(-1) as Index;
  if (!isConstant(channels)) throw new Error('internal: heads as wide as the batch');
  const quads = channels.constant / 4;
  const own = vectorOf((r) => acrossLanes(quadsOfRow(block, input, keptRow(block, r), quads), add));
  return sumOverThreads(block, own);
}

/** The thread's quads of a row, added lane by lane. */
function quadsOfRow(block: Block, input: number, row: Index, quads: number): Expression {
  const { reader, emitter } = block.workspace;
  const parts = Array.from({ length: Math.ceil(quads / QUADS) }, (_, i) => {
    const quad = sum(block.columnQuad, constant(i * QUADS));
    const isWhole = (i + 1) * QUADS <= quads;
    const at = isWhole ? quad : minimum(quad, constant(quads - 1));
    const read = reader.read(input, [...block.product, row, sum(scaled(at, 4), LANE_INDEX)]);
    const value = spread(cast(read, 'f32'), 4);
    if (isWhole) return value;
    const isThere = binary('lt', emitter.index(quad), literal(quads, 'u32'));
    return select(spread(isThere, 4), value, spread(literal(0, 'f32'), 4));
  });
  return emitter.declare('let', 'row', emitter.depth, parts.reduce(add));
}
