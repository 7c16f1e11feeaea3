/**
 * Sizes of blocks and tiles of the packed product, and where a thread's block lies. In: the sizes of the product. Out:
 * the tile of registers, tiles a block, the depth of a block; for each side the indices of a tile's rows or columns.
 */
import { dimensionAt, type Dimension } from '../../graph/dimension.ts';
import { LANE, type Emitter } from '../emitter.ts';
import { LANES, binary, literal, U32, variable } from '../expression.ts';
import { minimum } from '../index-division.ts';
import {
  constant,
  dividedExactly,
  fromAtom,
  fromDimension,
  indexVariable,
  isMultiple,
  scaled,
  sum,
  type Index,
} from '../index-expression.ts';
import type { Expression } from '../ir.ts';

export interface Tiling {
  /** Rows and columns of a tile, multiples of four. */
  readonly rows: number;
  readonly columns: number;
  /** Tiles of a block along both sides. */
  readonly rowTiles: number;
  readonly columnTiles: number;
  /** Elements along K that are packed at a time; a multiple of four. */
  readonly depth: number;
}

/**
 * The tile: 8 sums of four lanes, with 4 rows spread out and 8 columns of what is multiplied. These and one product on
 * its way are the 15 registers that V8 gives out on x86; with larger tiles, or two places of K a turn, it keeps some of
 * them in memory and is a third slower.
 */
const TILE_ROWS = 4;
const TILE_COLUMNS = 8;

/** A block's rows and columns: panels of both fit the second-level cache together. */
const MOST_ROWS = 128;
const MOST_COLUMNS = 256;
const MOST_DEPTH = 256;
/** Blocks wanted, so that several threads have about the same to do. */
const WANTED_BLOCKS = 8;
/** Multiplications below which a block is not divided further. */
const LEAST_WORK = 2 ** 17;

export function chooseTiling(m: number, n: number, k: number, products: number): Tiling {
  const [rows, columns] = [TILE_ROWS, TILE_COLUMNS];
  const rowTilesInAll = Math.ceil(m / rows);
  const columnTilesInAll = Math.ceil(n / columns);
  let rowTiles = evenly(rowTilesInAll, Math.floor(MOST_ROWS / rows));
  let columnTiles = evenly(columnTilesInAll, Math.floor(MOST_COLUMNS / columns));
  const blocks = (): number =>
    Math.ceil(rowTilesInAll / rowTiles) * Math.ceil(columnTilesInAll / columnTiles) * products;
  const work = (): number => rowTiles * rows * columnTiles * columns * k;
  while (blocks() < WANTED_BLOCKS && work() >= 2 * LEAST_WORK && rowTiles * columnTiles > 1) {
    if (rowTiles * rows >= columnTiles * columns && rowTiles > 1) rowTiles = Math.ceil(rowTiles / 2);
    else if (columnTiles > 1) columnTiles = Math.ceil(columnTiles / 2);
    else rowTiles = Math.ceil(rowTiles / 2);
  }
  const blocksOfK = Math.ceil(k / MOST_DEPTH);
  const depth = 4 * Math.ceil(k / blocksOfK / 4);
  return { rows, columns, rowTiles, columnTiles, depth };
}

/** So many a block that blocks of at most `most` are about equal. */
const evenly = (all: number, most: number): number => Math.ceil(all / Math.ceil(all / Math.max(1, most)));

export interface BlockSide {
  /** Blocks along the side, threads of the grid. */
  readonly blocks: number;
  /** Tiles of this thread's block. */
  readonly tilesHere: Expression;
  /** Of the largest block. */
  readonly tiles: number;
  readonly tile: number;
  /** Present where there may be more threads than blocks: the batch is smaller than the largest. */
  readonly guard: Expression | undefined;
  /** Whether four neighbours along the side start at a multiple of four. */
  readonly wide: boolean;
  /** Rows or columns of a tile of the block. */
  at(tile: Index): Index[];
  /** Four columns of a tile: each, and as one index with a lane where they are neighbours. */
  quad(tile: Index, quad: number): { at: readonly Index[]; lanes: Index | undefined };
}

const LANE_INDEX = fromAtom({ kind: 'variable', key: LANE, name: LANE, maximum: constant(3) });

export function blockSide(
  emitter: Emitter,
  thread: 'x' | 'y',
  d: Dimension,
  tile: number,
  tiles: number,
  limit: number,
): BlockSide {
  const size = fromDimension(d, limit);
  const inAll = Math.ceil(dimensionAt(d, limit) / tile);
  const blocks = Math.ceil(inAll / tiles);
  const block = indexVariable(thread, constant(blocks));
  const last = sum(size, constant(-1));
  const wide = isMultiple(size, 4);
  const first = (t: Index): Index => scaled(sum(scaled(block, tiles), t), tile);
  const here = binary('mul', variable(thread, U32), literal(tiles, 'u32'));
  const even = typeof d === 'number' && inAll % tiles === 0;
  const count = binary('div', emitter.index(sum(size, constant(tile - 1))), literal(tile, 'u32'));
  const least = (a: Expression, b: Expression): Expression => binary('min', a, b);
  return {
    blocks,
    tile,
    tiles,
    wide,
    tilesHere: even ? literal(tiles, 'u32') : least(binary('sub', count, here), literal(tiles, 'u32')),
    guard: typeof d === 'number' ? undefined : binary('lt', here, count),
    at: (t) => Array.from({ length: tile }, (_, i) => minimum(sum(first(t), constant(i)), last)),
    quad(t, quad) {
      const start = sum(first(t), constant(4 * quad));
      if (!wide) {
        const at = Array.from({ length: 4 }, (_, i) => minimum(sum(start, constant(i)), last));
        return { at, lanes: undefined };
      }
      const number = minimum(dividedExactly(start, 4), sum(dividedExactly(size, 4), constant(-1)));
      const lanes = sum(scaled(number, 4), LANE_INDEX);
      return { at: LANES.map((i) => sum(scaled(number, 4), constant(i))), lanes };
    },
  };
}
