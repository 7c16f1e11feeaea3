/**
 * Tiles of the matrix product on devices with workgroup memory, by device class. In: the sizes of a product. Out: the
 * tile that a workgroup computes, and what of it a thread does; undefined where the product is too small for any.
 *
 * Large tiles read each operand seldom; small ones give many workgroups. So the list goes from large to small, and the
 * first tile is taken of which there are enough to fill the device. Those of large devices follow one of them
 * (bench/RESULTS.md: 128x128x8 and 128x64x16 were nowhere surely faster, and up to three times slower at 4096 cubed);
 * those of small ones are estimates. `bench/gpu-check.mjs` times every tile of a list.
 */
import type { DeviceClass, TargetProfile } from './profile.ts';
import type { TileShape } from './tile-shape.ts';

const tile = (
  rows: number,
  columns: number,
  depth: number,
  threadRows: number,
  threadColumns: number,
  slices: number,
  from: number,
): TileShape => ({ rows, columns, depth, threadRows, threadColumns, slices, from });

/** From large to small. Classes without a list have other schedules. */
const TILES: { readonly [C in DeviceClass]: readonly TileShape[] } = {
  cpu: [],
  software: [],
  small: [tile(64, 64, 16, 4, 4, 1, 32), tile(32, 32, 32, 4, 4, 2, 8), tile(16, 16, 64, 4, 4, 8, 0)],
  large: [tile(64, 64, 16, 4, 4, 1, 128), tile(32, 32, 32, 4, 4, 4, 48), tile(16, 16, 64, 4, 4, 8, 0)],
};

export const tilesOf = ({ deviceClass, tiles }: TargetProfile): readonly TileShape[] =>
  tiles ?? TILES[deviceClass];

/** Products of fewer multiplications an element have nothing to share. */
const LEAST_DEPTH = 8;

export function chooseTile(
  profile: TargetProfile,
  m: number,
  n: number,
  k: number,
  products: number,
): TileShape | undefined {
  if (k < LEAST_DEPTH) return undefined;
  const groups = (t: TileShape): number => Math.ceil(m / t.rows) * Math.ceil(n / t.columns) * products;
  // A tile that reaches far past the edge works for nothing.
  const used = (t: TileShape): boolean =>
    4 * m * n * products >= t.rows * t.columns * groups(t) || t.rows * t.columns <= LEAST_TILE;
  return tilesOf(profile).find((t) => groups(t) >= t.from && used(t));
}

/** Elements of a tile so small that it is worth its while however few of them are used. */
const LEAST_TILE = 256;
