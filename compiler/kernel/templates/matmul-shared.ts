/**
 * The matrix product of devices with workgroup memory: a workgroup computes a tile of one product from tiles of the
 * operands that its threads bring in together, a thread some rows by columns of it in registers. In: a matmul node
 * whose operands are read through their views, so that NN, NT, TN, TT and convolutions differ in the bringing in alone,
 * and the shape of the tile. Out: threads (column tiles, row tiles, products), the scratch array and the body.
 *
 * With slices, several threads share an element, each with its own part of the places of K; their sums are joined
 * pairwise in a fixed order. Rows and columns behind the last are guarded where they are stored.
 */
import type { Dimension } from '../../graph/dimension.ts';
import { dimensionAt } from '../../graph/dimension.ts';
import { LANES, binary, fma, laneOf, literal, spread } from '../expression.ts';
import { quotient, remainder } from '../index-division.ts';
import {
  ZERO,
  constant,
  fromDimension,
  indexVariable,
  isConstant,
  scaled,
  sum,
  type Index,
} from '../index-expression.ts';
import type { Expression, ScratchArray } from '../ir.ts';
import { countOf, sizesOf, unflatten } from '../shapes.ts';
import { LOCAL_ID } from '../thread-ids.ts';
import { sliceThreads, type TileShape } from '../tile-shape.ts';
import type { KernelShape, Workspace } from '../workspace.ts';
import { productOf, readWide } from './product-results.ts';
import { acrossAt, alongAt, fillPanel, planPanel, type DepthOfPanels, type Panel } from './shared-panels.ts';
import { storeAll, storeSums, type Sums, type Thread } from './shared-results.ts';

const ARRAY = 0;
const VECTOR = { scalar: 'f32', lanes: 4 } as const;

export function lowerSharedMatmul(workspace: Workspace, tile: TileShape): KernelShape {
  const { context, emitter, reader } = workspace;
  const node = productOf(workspace);
  const { shape } = node.type;
  const [left, right] = node.inputs as [number, number];
  const leading = shape.slice(0, -2);
  const leadingSizes = sizesOf(leading, context.batch);
  const product = unflatten(indexVariable('group_z', countOf(leadingSizes)), leadingSizes);
  const [m, n] = shape.slice(-2) as [Dimension, Dimension];
  const tiles = (d: Dimension, each: number): number => Math.ceil(dimensionAt(d, context.batch) / each);
  const [rowTiles, columnTiles] = [tiles(m, tile.rows), tiles(n, tile.columns)];
  const rowsFrom = scaled(indexVariable('group_y', constant(rowTiles)), tile.rows);
  const columnsFrom = scaled(indexVariable('group_x', constant(columnTiles)), tile.columns);

  const threads = sliceThreads(tile) * tile.slices;
  const inner = reader.node(left).type.shape.at(-1) as Dimension;
  const depth: DepthOfPanels = { size: fromDimension(inner, context.batch), tile: tile.depth, threads };
  const rows = planPanel(
    workspace,
    {
      of: 'rows',
      size: fromDimension(m, context.batch),
      tile: tile.rows,
      start: rowsFrom,
      read: (from, at, k) => readWide(from, left, [...product, at, k]),
    },
    depth,
    0,
  );
  const columns = planPanel(
    workspace,
    {
      of: 'columns',
      size: fromDimension(n, context.batch),
      tile: tile.columns,
      start: columnsFrom,
      read: (from, at, k) => readWide(from, right, [...product, k, at]),
    },
    depth,
    rows.length,
  );
  const thread = threadIn(tile, threads);
  const joined = (Math.floor(tile.slices / 2) * tile.rows * tile.columns) / 4;
  const length = Math.max(rows.length + columns.length, joined, threads);
  const array: ScratchArray = { name: 'tiles', scalar: 'f32', width: 4, length };
  let scratch = [array];

  const build = (): void => {
    const sums = declareSums(workspace, tile);
    overTiles(workspace, depth, tiles(inner, tile.depth), (start) => {
      fillPanel(workspace, rows, depth, start);
      fillPanel(workspace, columns, depth, start);
      emitter.barrier();
      multiply(workspace, tile, thread, rows, columns, sums);
      emitter.barrier();
    });
    joinSlices(workspace, tile, thread, sums);
    whenIn(workspace, thread.slice, tile.slices, () =>
      storeAll(workspace, { thread, rows, columns, product, sums }),
    );
    scratch = storeSums(workspace, columns, array, threads);
  };
  // Fewer records than the largest batch: whole workgroups behind the last row or column.
  const guards = [
    ...(typeof m === 'number' ? [] : [binary('lt', emitter.index(rowsFrom), emitter.index(rows.size))]),
    ...(typeof n === 'number' ? [] : [binary('lt', emitter.index(columnsFrom), emitter.index(columns.size))]),
  ];
  if (guards.length === 0) build();
  else
    emitter.when(
      guards.reduce((a, b) => binary('and', a, b)),
      build,
    );
  return {
    threads: [[columnTiles, threads], [rowTiles], leading.length > 0 ? [...leading] : [1]],
    workgroup: [threads, 1, 1],
    scratch,
  };
}

function threadIn(tile: TileShape, threads: number): Thread {
  const each = sliceThreads(tile);
  const local = indexVariable(LOCAL_ID, constant(threads));
  const inSlice = remainder(local, constant(each));
  const across = tile.columns / tile.threadColumns;
  const down = tile.rows / tile.threadRows;
  const column = remainder(inSlice, constant(across));
  const row = quotient(inSlice, constant(across));
  // A thread's quads lie apart, so that neighbouring threads read neighbouring vec4s.
  const quads = (first: Index, count: number, step: number): Index[] =>
    Array.from({ length: count }, (_, i) => sum(first, constant(i * step)));
  return {
    rowQuads: quads(row, tile.threadRows / 4, down),
    columnQuads: quads(column, tile.threadColumns / 4, across),
    slice: quotient(local, constant(each)),
    inSlice,
  };
}

function declareSums({ emitter }: Workspace, tile: TileShape): Sums {
  return Array.from({ length: tile.threadRows }, () =>
    Array.from({ length: tile.threadColumns / 4 }, () =>
      emitter.declare('var', 'sum', emitter.depth, spread(literal(0, 'f32'), 4)),
    ),
  );
}

/** The loop over tiles along K, of which there are `most` at the largest batch. */
function overTiles(
  { emitter }: Workspace,
  { size, tile }: DepthOfPanels,
  most: number,
  build: (start: Index) => void,
): void {
  const turns = quotient(sum(size, constant(tile - 1)), constant(tile));
  if (isConstant(turns) && turns.constant === 1) return build(ZERO);
  const name = emitter.fresh('tile');
  emitter.loop(name, literal(0, 'u32'), emitter.index(turns), 1, () =>
    build(scaled(indexVariable(name, constant(most)), tile)),
  );
}

/** Adds what the tiles in workgroup memory give: four places of K a turn. */
function multiply(
  workspace: Workspace,
  tile: TileShape,
  thread: Thread,
  rows: Panel,
  columns: Panel,
  sums: Sums,
): void {
  const { emitter } = workspace;
  const turns = tile.depth / 4 / tile.slices;
  const load = (base: string, at: Index): Expression =>
    emitter.declare('let', base, emitter.depth, {
      kind: 'scratch_load',
      type: VECTOR,
      array: ARRAY,
      index: emitter.index(at),
    });
  const turn = (quad: Index): void => {
    const along =
      rows.way === 'along' ? sums.map((_, r) => load('a', alongAt(rows, rowOf(thread, r), quad))) : undefined;
    for (const lane of LANES) {
      const place = sum(scaled(quad, 4), constant(lane));
      const across = along ? [] : thread.rowQuads.map((at) => load('a', acrossAt(rows, at, place)));
      const factors = sums.map((_, r) =>
        along
          ? laneOf(along[r] as Expression, lane)
          : laneOf(across[Math.floor(r / 4)] as Expression, LANES[(r % 4) as 0]),
      );
      const values = thread.columnQuads.map((at) => load('b', acrossAt(columns, at, place)));
      sums.forEach((row, r) =>
        row.forEach((total, c) => {
          emitter.assign(total, fma(spread(factors[r] as Expression, 4), values[c] as Expression, total));
        }),
      );
    }
  };
  const first = scaled(thread.slice, turns);
  if (turns === 1) return turn(first);
  const name = emitter.fresh('k');
  emitter.loop(name, literal(0, 'u32'), literal(turns, 'u32'), 1, () =>
    turn(sum(first, indexVariable(name, constant(turns)))),
  );
}

const rowOf = (thread: Thread, r: number): Index =>
  sum(scaled(thread.rowQuads[Math.floor(r / 4)] as Index, 4), constant(r % 4));

/** The sums of all slices end up in those of the first: the upper half hands its sums to the lower, then again. */
function joinSlices(workspace: Workspace, tile: TileShape, thread: Thread, sums: Sums): void {
  const { emitter } = workspace;
  const each = sliceThreads(tile);
  const all = sums.flat();
  for (let half = tile.slices / 2; half >= 1; half /= 2) {
    const at = (slice: Index, i: number): Expression =>
      emitter.index(sum(constant(i * half * each), scaled(slice, each), thread.inSlice));
    const slice = emitter.index(thread.slice);
    const upper = binary('and', binary('ge', slice, literal(half, 'u32')), binary('lt', slice, literal(2 * half, 'u32'))); // prettier-ignore
    emitter.when(upper, () => {
      all.forEach((value, i) => {
        const index = at(sum(thread.slice, constant(-half)), i);
        emitter.push({ kind: 'scratch_store', array: ARRAY, index, value });
      });
    });
    emitter.barrier();
    emitter.when(binary('lt', slice, literal(half, 'u32')), () => {
      all.forEach((total, i) => {
        const other: Expression = {
          kind: 'scratch_load',
          type: VECTOR,
          array: ARRAY,
          index: at(thread.slice, i),
        };
        emitter.assign(total, binary('add', total, other));
      });
    });
    if (half > 1) emitter.barrier();
  }
}

/** What the first slice does alone. */
function whenIn({ emitter }: Workspace, slice: Index, slices: number, build: () => void): void {
  if (slices === 1) build();
  else emitter.when(binary('eq', emitter.index(slice), literal(0, 'u32')), build);
}
