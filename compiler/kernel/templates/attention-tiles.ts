/**
 * What the kernels of attention share: a workgroup owns some rows (queries, or keys) of one product and runs over the
 * other side in tiles of 32 columns. A thread holds 4 rows by 4 columns of a tile of scores, and 4 rows by 4 channels of
 * each 32 channels of its results. All products are of tiles in workgroup memory, rows by 32 with 32 by 32.
 *
 * Tiles lie as vec4s: `left` row after row, each of 8 quads along what is summed over; `right` place after place of what
 * is summed over, each of 8 quads of columns. So neighbouring threads read neighbouring vec4s of `right` and one vec4 of
 * `left`. A row or column behind the last repeats the last; who uses a tile leaves out what is not there.
 */
import type { Dimension } from '../../graph/dimension.ts';
import { elementsAt } from '../../graph/dimension.ts';
import { dealOut } from '../deal-out.ts';
import { LANE_INDEX } from '../emitter.ts';
import { LANES, cast, fma, laneOf, literal, spread, vectorOf } from '../expression.ts';
import { minimum, quotient, remainder } from '../index-division.ts';
import { ZERO, constant, indexVariable, scaled, sum, type Index } from '../index-expression.ts';
import type { Expression, ScratchArray } from '../ir.ts';
import { countOf, sizesOf, unflatten } from '../shapes.ts';
import { LOCAL_ID } from '../thread-ids.ts';
import type { KernelShape, Workspace } from '../workspace.ts';
import type { Operand } from './attention-operands.ts';

/** Columns of a tile, and channels that are in workgroup memory at a time. */
export const WIDTH = 32;
/** Quads of a tile's columns, and threads that share four rows. */
export const QUADS = WIDTH / 4;
const TILE = 4;
const VECTOR = { scalar: 'f32', lanes: 4 } as const;

export const ARRAYS = { left: 0, right: 1, partial: 2 } as const;

/** The workgroup's rows, and which of them are the thread's. */
export interface Block {
  readonly workspace: Workspace;
  /** Rows of the workgroup, and all of them. */
  readonly rows: number;
  readonly length: number;
  readonly threads: number;
  /** Coordinates in front of the last two. */
  readonly product: readonly Index[];
  readonly from: Index;
  /** The thread's four rows and its quad of columns, by number in the tile. */
  readonly rowQuad: Index;
  readonly columnQuad: Index;
  readonly leading: readonly Dimension[];
}

/** Rows of a workgroup, from many to few, and the workgroups from which on so many are taken. */
const ROWS = [
  { rows: 64, from: 256 },
  { rows: 32, from: 0 },
] as const;

export function blockOf(workspace: Workspace, leading: readonly Dimension[], length: number): Block {
  const { batch } = workspace.context;
  const products = elementsAt(leading, batch);
  const chosen = ROWS.find(({ rows, from }) => Math.ceil(length / rows) * products >= from);
  const rows = chosen?.rows ?? WIDTH;
  const threads = (rows * WIDTH) / (TILE * TILE);
  const sizes = sizesOf(leading, batch);
  const local = indexVariable(LOCAL_ID, constant(threads));
  return {
    workspace,
    rows,
    length,
    threads,
    product: unflatten(indexVariable('group_z', countOf(sizes)), sizes),
    from: scaled(indexVariable('group_x', constant(Math.ceil(length / rows))), rows),
    rowQuad: quotient(local, constant(QUADS)),
    columnQuad: remainder(local, constant(QUADS)),
    leading,
  };
}

/** Threads and memory of the kernel. */
export function shapeOf({ rows, length, threads, leading }: Block): KernelShape {
  const array = (name: string, vectors: number): ScratchArray => {
    return { name, scalar: 'f32', width: 4, length: vectors };
  };
  return {
    threads: [[Math.ceil(length / rows), threads], [1], leading.length > 0 ? [...leading] : [1]],
    workgroup: [threads, 1, 1],
    scratch: [array('left', rows * QUADS), array('right', WIDTH * QUADS), array('partial', threads)],
  };
}

/** Row `r` of the thread's four, by number in the sequence; behind the end with `kept` the last one. */
export const rowAt = ({ from, rowQuad }: Block, r: number): Index =>
  sum(from, scaled(rowQuad, TILE), constant(r));

export const keptRow = (block: Block, r: number): Index =>
  kept(rowAt(block, r), block.length, block.length % block.rows === 0);

/** The thread's four columns of the tile that starts at `from`, as one index with a lane. */
export const columnsAt = ({ columnQuad }: Block, from: Index): Index =>
  sum(from, scaled(columnQuad, TILE), LANE_INDEX);

export const keptColumns = (block: Block, from: Index, length: number): Index =>
  kept(columnsAt(block, from), length, length % WIDTH === 0);

const kept = (at: Index, length: number, exact: boolean): Index =>
  exact ? at : minimum(at, constant(length - 1));

/** Four sums of a vec4 each. */
export const declareSums = ({ workspace: { emitter } }: Block): readonly Expression[] =>
  LANES.map(() => emitter.declare('var', 'sum', emitter.depth, spread(literal(0, 'f32'), 4)));

/** The sums of a thread's results: four rows of each 32 channels. */
export const declareResults = (block: Block, channels: number): readonly (readonly Expression[])[] =>
  Array.from({ length: Math.ceil(channels / WIDTH) }, () => declareSums(block));

export function toScratch(
  { workspace: { emitter } }: Block,
  array: number,
  index: Index,
  value: Expression,
): void {
  emitter.push({ kind: 'scratch_store', array, index: emitter.index(index), value });
}

/** A value of the moment: what threads have stored since is another one. */
export function fromScratch(
  { workspace: { emitter } }: Block,
  name: string,
  array: number,
  index: Index,
): Expression {
  const value: Expression = { kind: 'scratch_load', type: VECTOR, array, index: emitter.index(index) };
  return emitter.declare('let', name, emitter.depth, value);
}

/** Adds rows · columns over all channels to the sums: a tile of scores. */
export function contract(
  block: Block,
  rows: Operand,
  columns: Operand,
  columnsFrom: Index,
  sums: readonly Expression[],
): void {
  const { emitter } = block.workspace;
  const quads = rows.channels / 4;
  const chunks = Math.ceil(quads / QUADS);
  const part = (chunk: Index, count: Index): void => {
    fillAlong(block, ARRAYS.left, rows, block.from, block.rows, chunk);
    fillTurned(block, columns, columnsFrom, chunk);
    emitter.barrier();
    multiply(block, sums, count);
    emitter.barrier();
  };
  if (chunks === 1) {
    part(ZERO, constant(quads));
    return;
  }
  const name = emitter.fresh('chunk');
  const chunk = indexVariable(name, constant(chunks));
  const left = sum(constant(quads), scaled(chunk, -QUADS));
  const count = quads % QUADS === 0 ? constant(QUADS) : minimum(left, constant(QUADS));
  emitter.loop(name, literal(0, 'u32'), literal(chunks, 'u32'), 1, () => part(chunk, count));
}

/** Adds the tile in `left` times the tile of the columns' tensor to the results, 32 channels at a time. */
export function accumulate(
  block: Block,
  columns: Operand,
  columnsFrom: Index,
  results: readonly (readonly Expression[])[],
): void {
  const { emitter } = block.workspace;
  results.forEach((sums, chunk) => {
    fillAlong(block, ARRAYS.right, columns, columnsFrom, WIDTH, constant(chunk));
    emitter.barrier();
    multiply(block, sums, constant(QUADS));
    emitter.barrier();
  });
}

/** Puts the thread's four rows of a tile of scores into `left`, along the columns. */
export function keepTile(block: Block, values: readonly Expression[]): void {
  values.forEach((value, r) => {
    const row = sum(scaled(block.rowQuad, TILE), constant(r));
    toScratch(block, ARRAYS.left, sum(scaled(row, QUADS), block.columnQuad), value);
  });
}

/** sums += left · right over `quads` quads of places. */
function multiply(block: Block, sums: readonly Expression[], quads: Index): void {
  const { emitter } = block.workspace;
  const name = emitter.fresh('k');
  const quad = indexVariable(name, constant(QUADS));
  emitter.loop(name, literal(0, 'u32'), emitter.index(quads), 1, () => {
    const factors = sums.map((_, r) => {
      const row = sum(scaled(block.rowQuad, TILE), constant(r));
      return fromScratch(block, 'a', ARRAYS.left, sum(scaled(row, QUADS), quad));
    });
    for (const lane of LANES) {
      const place = sum(scaled(quad, 4), constant(lane));
      const values = fromScratch(block, 'b', ARRAYS.right, sum(scaled(place, QUADS), block.columnQuad));
      sums.forEach((total, r) => {
        emitter.assign(total, fma(spread(laneOf(factors[r] as Expression, lane), 4), values, total));
      });
    }
  });
}

/** Rows `from` on of a tensor as they lie: [row][quad of channels]. */
function fillAlong(
  block: Block,
  array: number,
  operand: Operand,
  from: Index,
  count: number,
  chunk: Index,
): void {
  dealOut(block.workspace.emitter, block.threads, count * QUADS, (piece) => {
    const [quad, row] = [remainder(piece, constant(QUADS)), quotient(piece, constant(QUADS))];
    const at = kept(sum(from, row), operand.length, operand.length % count === 0);
    toScratch(block, array, piece, readQuad(block, operand, at, chunk, quad));
  });
}

/** The same with channels and columns exchanged, four by four in registers: [channel][quad of columns]. */
function fillTurned(block: Block, operand: Operand, from: Index, chunk: Index): void {
  dealOut(block.workspace.emitter, block.threads, QUADS * QUADS, (piece) => {
    const [columnQuad, quad] = [remainder(piece, constant(QUADS)), quotient(piece, constant(QUADS))];
    const rows = LANES.map((i) => {
      const at = sum(from, scaled(columnQuad, 4), constant(i));
      return readQuad(block, operand, kept(at, operand.length, operand.length % WIDTH === 0), chunk, quad);
    });
    for (const channel of LANES) {
      const place = sum(scaled(quad, 4), constant(channel));
      const value = vectorOf((lane) => laneOf(rows[lane] as Expression, channel));
      toScratch(block, ARRAYS.right, sum(scaled(place, QUADS), columnQuad), value);
    }
  });
}

/** Four channels of a row as f32. */
function readQuad(block: Block, operand: Operand, row: Index, chunk: Index, quad: Index): Expression {
  const { reader, emitter } = block.workspace;
  const quads = operand.channels / 4;
  const number = kept(sum(scaled(chunk, QUADS), quad), quads, quads % QUADS === 0);
  const value = reader.read(operand.id, [...block.product, row, sum(scaled(number, 4), LANE_INDEX)]);
  return emitter.bind('w', emitter.depth, spread(cast(value, 'f32'), 4));
}
