/**
 * Small compositions of primitives that semantics and autodiff share. Each takes the builder and ids and
 * returns an id; nothing is emitted where nothing is needed.
 */
import type { GraphBuilder } from './builder.ts';
import { broadcastShapes, equalDimensions, equalShapes, shapeProduct, type Dimension } from './dimension.ts';
import type { BinaryOp, DType, UnaryOp } from './ir.ts';
import { broken } from './op-row.ts';

export function constant(b: GraphBuilder, value: Dimension, dtype: DType = 'f32'): number {
  return b.add('constant', [], { value }, { dtype });
}

/** A constant of the dtype and shape of `like`. */
export function constantLike(b: GraphBuilder, like: number, value: Dimension): number {
  const { dtype, shape } = b.type(like);
  return broadcastTo(b, constant(b, value, dtype), shape);
}

/** A tensor of one number. */
export function full(
  b: GraphBuilder,
  value: Dimension,
  shape: readonly Dimension[],
  dtype: DType = 'f32',
): number {
  return broadcastTo(b, constant(b, value, dtype), shape);
}

export function unary(b: GraphBuilder, op: UnaryOp, x: number): number {
  return b.add(op, [x], {});
}

/** Operands of equal shape. */
export function binary(b: GraphBuilder, op: BinaryOp, x: number, y: number): number {
  return b.add(op, [x, y], {});
}

/** x op a number, in x's dtype. */
export function withNumber(b: GraphBuilder, op: BinaryOp, x: number, value: Dimension): number {
  return b.add(op, [x, constantLike(b, x, value)], {});
}

export function castTo(b: GraphBuilder, x: number, dtype: DType): number {
  return b.type(x).dtype === dtype ? x : b.add('cast', [x], {}, { dtype });
}

export function reshapeTo(b: GraphBuilder, x: number, shape: readonly Dimension[]): number {
  return equalShapes(b.type(x).shape, shape) ? x : b.add('reshape', [x], {}, { shape });
}

/** NumPy's broadcast: a reshape adds axes in front, a broadcast repeats those of size 1. */
export function broadcastTo(b: GraphBuilder, x: number, shape: readonly Dimension[]): number {
  const from = b.type(x).shape;
  if (equalShapes(from, shape)) return x;
  if (from.length > shape.length) broken('broadcast to fewer axes');
  const added = new Array<Dimension>(shape.length - from.length).fill(1);
  const aligned = reshapeTo(b, x, [...added, ...from]);
  return equalShapes(b.type(aligned).shape, shape) ? aligned : b.add('broadcast', [aligned], {}, { shape });
}

/** Both values in the shape they share by NumPy's rule. */
export function broadcastTogether(b: GraphBuilder, x: number, y: number): [number, number] {
  const shape = broadcastShapes(b.type(x).shape, b.type(y).shape);
  if (!shape) broken('broadcast of shapes that do not agree');
  return [broadcastTo(b, x, shape), broadcastTo(b, y, shape)];
}

/**
 * The transpose of `broadcastTo`: sums over the axes that a broadcast from `shape` would add or repeat.
 */
export function sumTo(b: GraphBuilder, x: number, shape: readonly Dimension[]): number {
  const from = b.type(x).shape;
  const added = from.length - shape.length;
  const axes = [...from.keys()].filter((axis) => {
    const target = shape[axis - added];
    return (
      target === undefined || (equalDimensions(target, 1) && !equalDimensions(from[axis] as Dimension, 1))
    );
  });
  const sum = axes.length === 0 ? x : b.add('reduce_sum', [x], { axes });
  return reshapeTo(b, sum, shape);
}

/** Gives a reduced value back its reduced axes, with size 1. */
export function keepAxes(
  b: GraphBuilder,
  reduced: number,
  shape: readonly Dimension[],
  axes: readonly number[],
): number {
  return reshapeTo(
    b,
    reduced,
    shape.map((d, axis) => (axes.includes(axis) ? 1 : d)),
  );
}

/** A reduced value repeated along the axes it was reduced over. */
export function spreadOver(
  b: GraphBuilder,
  reduced: number,
  shape: readonly Dimension[],
  axes: readonly number[],
): number {
  return broadcastTo(b, keepAxes(b, reduced, shape, axes), shape);
}

export function swapLastAxes(b: GraphBuilder, x: number): number {
  const axes = [...b.type(x).shape.keys()];
  const rank = axes.length;
  if (rank < 2) broken('swapping the last axes of fewer than two');
  return b.add('transpose', [x], { permutation: [...axes.slice(0, -2), rank - 1, rank - 2] });
}

/** Slices of `source` added to x; f16 is added up in f32. */
export function scatterAdd(
  b: GraphBuilder,
  [x, index, source]: readonly [number, number, number],
  axis: number,
): number {
  const { dtype } = b.type(x);
  if (dtype !== 'f16') return b.add('scatter_add', [x, index, source], { axis });
  const sum = b.add('scatter_add', [castTo(b, x, 'f32'), index, castTo(b, source, 'f32')], { axis });
  return castTo(b, sum, 'f16');
}

/** Sum of all elements, shape []. */
export function sumAll(b: GraphBuilder, x: number): number {
  const rank = b.type(x).shape.length;
  return rank === 0 ? x : b.add('reduce_sum', [x], { axes: [...Array(rank).keys()] });
}

/** Mean over axes; the divisor is the size at run time where the batch is among them. */
export function mean(b: GraphBuilder, x: number, axes: readonly number[]): number {
  if (axes.length === 0) return x;
  const { shape } = b.type(x);
  const sum = b.add('reduce_sum', [x], { axes });
  const sizes = axes.map((axis) => shape[axis] as Dimension);
  const product = shapeProduct(sizes);
  if (product !== undefined) return withNumber(b, 'div', sum, product);
  return sizes.reduce<number>((value, size) => withNumber(b, 'div', value, size), sum);
}
