/**
 * Convolutions as products of matrices that are never written: the input is padded and read in windows,
 * which are views, and the one matmul kernel does the rest (implicit GEMM). In: any graph. Out: a graph
 * without `conv` nodes. Forward and derivatives come the same way, as the primitive is closed under them.
 *
 * The matmul contracts the channels and the kernel. Its loops nest in the order in which the axes are merged
 * here: over the offsets of a small kernel outside, so that the margins are checked there, and the channels
 * inside; over a kernel that is an image itself (the derivative by the weights) along its rows.
 */
import type { GraphBuilder } from '../graph/builder.ts';
import { broadcastTo, reshapeTo } from '../graph/convenience.ts';
import { shapeProduct, type Dimension } from '../graph/dimension.ts';
import type { NodeOf } from '../graph/ir.ts';
import { broken, nth } from '../graph/op-row.ts';
import { LEADING } from '../graph/ops-convolution.ts';
import { slidingWindows } from '../graph/sliding-windows.ts';
import { rewriteGraph, type Pass } from './rewrite.ts';

/** Kernels of so many elements are run over outside of the channels. */
const SMALL_KERNEL = 25;
/** Images of fewer elements are joined over the records into one row of a matrix. */
const SMALL_IMAGE = 64;

export const expandConvolutions: Pass = {
  name: 'expand convolutions',
  run: (graph) =>
    rewriteGraph(graph, (b, node, inputs) => {
      if (node.op !== 'conv') return undefined;
      b.origin = 'conv';
      return expand(b, node, nth(inputs, 0), nth(inputs, 1));
    }),
};

function expand(b: GraphBuilder, node: NodeOf<'conv'>, x: number, w: number): number {
  const { strides, kernelDilations } = node.attributes;
  const kernel = b.type(w).shape.slice(LEADING) as number[];
  const windows = slidingWindows(
    b,
    stretched(b, node, x),
    strides.map((stride, i) => ({
      axis: LEADING + i,
      size: nth(kernel, i),
      stride,
      dilation: nth(kernelDilations, i),
    })),
  );
  const count = strides.length;
  const image = strides.map((_, i) => LEADING + i);
  const offsets = image.map((axis) => axis + count);
  const channelsLast = kernel.reduce((n, d) => n * d, 1) <= SMALL_KERNEL;
  /** Axes of the windows and of the weight in the order in which they are contracted. */
  const contracted = channelsLast ? [...offsets, 2] : [2, ...offsets];
  const weight = channelsLast ? [0, 1, ...image, 2] : [0, 1, 2, ...image];
  const [records, groups, channels, ...size] = node.type.shape as [
    Dimension,
    Dimension,
    Dimension,
    ...number[],
  ];
  const depth = product(b.type(w).shape.slice(2));
  const pixels = size.reduce((n, d) => n * d, 1);

  const rows = reshapeTo(b, b.add('transpose', [w], { permutation: weight }), [groups, channels, depth]);
  if (isWide(pixels)) {
    // One product a record and group: the result lies as it should.
    const columns = b.add('transpose', [windows], { permutation: [0, 1, ...contracted, ...image] });
    const left = broadcastTo(b, rows, [records, groups, channels, depth]);
    const right = reshapeTo(b, columns, [records, groups, depth, pixels]);
    return reshapeTo(b, b.add('matmul', [left, right], {}, { dtype: node.type.dtype }), node.type.shape);
  }
  const columns = b.add('transpose', [windows], { permutation: [1, ...contracted, 0, ...image] });
  const right = reshapeTo(b, columns, [groups, depth, product([records, pixels])]);
  const result = reshapeTo(b, b.add('matmul', [rows, right], {}, { dtype: node.type.dtype }), [
    groups,
    channels,
    records,
    ...size,
  ]);
  return b.add('transpose', [result], { permutation: [2, 0, 1, ...image] });
}

/** Whether one image makes a matrix of columns enough: whole tiles of the matmul, or many. */
const isWide = (pixels: number): boolean => pixels >= SMALL_IMAGE || (pixels % 4 === 0 && pixels >= 16);

const product = (sizes: readonly Dimension[]): Dimension =>
  shapeProduct(sizes) ?? broken('a convolution with the batch twice');

/** The input with zeros between its elements and around, or with its margins cut off. */
function stretched(b: GraphBuilder, node: NodeOf<'conv'>, x: number): number {
  const { before, after, inputDilations } = node.attributes;
  const lead = new Array<number>(LEADING).fill(0);
  const positive = (list: readonly number[]): number[] => [...lead, ...list.map((n) => Math.max(0, n))];
  const negative = (list: readonly number[]): number[] => [...lead, ...list.map((n) => Math.max(0, -n))];
  const zero = b.add('constant', [], { value: 0 }, { dtype: b.type(x).dtype });
  const interior = positive(inputDilations.map((n) => n - 1));
  const padded = b.add('pad', [x, zero], { before: positive(before), after: positive(after), interior });
  const cut = [negative(before), negative(after)] as const;
  if (cut.every((list) => list.every((n) => n === 0))) return padded;
  const { shape } = b.type(padded);
  return b.add('slice', [padded], {
    starts: cut[0],
    limits: shape.map((d, axis) => (axis < LEADING ? d : (d as number) - nth(cut[1], axis))),
    steps: shape.map(() => 1),
  });
}
