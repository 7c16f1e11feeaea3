/**
 * A matmul with few results and a long contraction leaves a parallel machine idle (the derivative by a
 * convolution's weights: a handful of tiles, each a sum over all pixels of all records). It becomes several
 * products over parts of K and a sum over the parts: [M, K] [K, N] -> [parts, M, N] -> [M, N]. Chains of
 * roundings get shorter by it, too. Sizes with the batch in them stay as they are.
 */
import type { GraphBuilder } from '../graph/builder.ts';
import { castTo, reshapeTo } from '../graph/convenience.ts';
import { elementsAt, type Dimension } from '../graph/dimension.ts';
import type { DType } from '../graph/ir.ts';
import { nth } from '../graph/op-row.ts';
import type { DeviceClass } from '../kernel/profile.ts';
import { rewriteGraph, type Pass } from './rewrite.ts';

/** Contractions of fewer terms stay. */
const LONG = 4096;
/** The least number of terms of a part. */
const LEAST = 512;
/** Products of as many tiles of results have threads enough. */
const TILES: { readonly [C in DeviceClass]: number } = {
  cpu: 1024,
  software: 1024,
  small: 2048,
  large: 8192,
};
/** Rows and columns of a tile. */
const TILE = 4;

export const splitLongProducts = (deviceClass: DeviceClass): Pass => ({
  name: 'split long products',
  run: (graph) =>
    rewriteGraph(graph, (b, node, inputs) =>
      node.op === 'matmul'
        ? split(b, nth(inputs, 0), nth(inputs, 1), node.type.dtype, TILES[deviceClass])
        : undefined,
    ),
});

/** Partial products of f16 are f32; only the whole is rounded. */
function split(b: GraphBuilder, x: number, y: number, dtype: DType, enough: number): number | undefined {
  const [left, right] = [b.type(x).shape, b.type(y).shape];
  if ([...left, ...right].some((d) => typeof d !== 'number')) return undefined;
  const leading = left.slice(0, -2);
  const [rows, depth] = left.slice(-2) as [number, number];
  const columns = right.at(-1) as number;
  const tiles = elementsAt(leading, 1) * Math.ceil(rows / TILE) * Math.ceil(columns / TILE);
  if (depth < LONG || tiles >= enough) return undefined;
  const most = Math.min(Math.ceil(enough / tiles), Math.floor(depth / LEAST));
  const whole = largestDivisor(outermostSize(b, x, depth), most);
  const parts = whole > 1 ? whole : largestDivisor(depth, most);
  if (parts === 1) return undefined;
  const length = depth / parts;
  const rank = left.length;
  // Both operands with the parts as their first axis.
  const cut = (id: number, sizes: readonly Dimension[], axis: number): number => {
    const table = reshapeTo(b, id, sizes);
    const others = [...sizes.keys()].filter((i) => i !== axis);
    return b.add('transpose', [table], { permutation: [axis, ...others] });
  };
  const partial = b.add(
    'matmul',
    [
      cut(x, [...leading, rows, parts, length], rank - 1),
      cut(y, [...leading, parts, length, columns], rank - 2),
    ],
    {},
    b.type(x).dtype === 'f16' ? { dtype: 'f32' } : {},
  );
  return castTo(b, b.add('reduce_sum', [partial], { axes: [0] }), dtype);
}

/** The outermost of the axes that a reshape merges into the last one, K: the records, between which to cut. */
function outermostSize(b: GraphBuilder, x: number, depth: number): number {
  const node = b.node(x);
  if (node.op !== 'reshape') return 1;
  const from = b.type(nth(node.inputs, 0)).shape as readonly number[];
  const first = from.findLastIndex((_, i) => elementsAt(from.slice(i), 1) === depth && from[i] !== 1);
  return from[first] ?? 1;
}

function largestDivisor(n: number, most: number): number {
  for (let d = most; d > 1; d--) if (n % d === 0) return d;
  return 1;
}
