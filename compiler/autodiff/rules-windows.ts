/** Derivative rules of windows and of the diagonal: each is linear, and its rule is its transpose. */
import { broadcastTo, constantLike, reshapeTo } from '../graph/convenience.ts';
import {
  equalDimensions,
  multiplyDimensions,
  subtractDimensions,
  type Dimension,
} from '../graph/dimension.ts';
import type { GraphBuilder } from '../graph/builder.ts';
import { broken, nth } from '../graph/op-row.ts';
import type { VjpRule } from './vjp-rule.ts';

/**
 * An element is the sum over the windows that hold it: x[i] of g[p, k] with p * stride + k * dilation = i.
 * With g stretched by the stride, that is a window again, of one offset k each, running backwards: the
 * diagonal of its offset and of g's own k. One sum, nothing stored, no order of additions left open.
 */
const windows: VjpRule<'windows'> = ({ b, gradient, node }) => [
  () => {
    const { axes, sizes, strides, dilations } = node.attributes;
    const from = b.type(nth(node.inputs, 0)).shape;
    const rank = from.length;
    const folded = axes.reduce((g, axis, i) => {
      const [size, stride, dilation] = [nth(sizes, i), nth(strides, i), nth(dilations, i)];
      return gatherOffsets(b, g, {
        axis,
        own: rank + i,
        length: from[axis] as Dimension,
        size,
        stride,
        dilation,
      });
    }, gradient);
    return b.add('reduce_sum', [folded], { axes: axes.map((_, i) => rank + i) });
  },
];

interface Fold {
  readonly axis: number;
  /** The axis of the window's own elements. */
  readonly own: number;
  /** Of the axis before windows were taken. */
  readonly length: Dimension;
  readonly size: number;
  readonly stride: number;
  readonly dilation: number;
}

/** g[…, p, …, k] -> y[…, i, …, k]: what the element i is in a window as its k-th, or 0. */
function gatherOffsets(b: GraphBuilder, g: number, fold: Fold): number {
  const { axis, own, size, stride, dilation } = fold;
  const { dtype, shape } = b.type(g);
  const margin = (size - 1) * dilation;
  const places = multiplyDimensions(subtractDimensions(shape[axis] as Dimension, 1), stride) as Dimension;
  const after = subtractDimensions(fold.length, places);
  if (typeof after !== 'number') broken('windows whose places do not grow with their axis');
  const only = (amount: number): number[] => shape.map((_, i) => (i === axis ? amount : 0));
  const zero = b.add('constant', [], { value: 0 }, { dtype });
  const stretched = b.add('pad', [g, zero], {
    before: only(margin),
    after: only(after - 1),
    interior: only(stride - 1),
  });
  const sliding = b.add('windows', [stretched], {
    axes: [axis],
    sizes: [size],
    strides: [1],
    dilations: [dilation],
  });
  const last = shape.length;
  const backwards = b.add('reverse', [sliding], { axes: [last] });
  return b.add('diagonal', [backwards], { first: own, second: last });
}

/** The gradient on the diagonal of zeros. */
const diagonal: VjpRule<'diagonal'> = ({ b, m, gradient, node }) => [
  () => {
    const { first, second } = node.attributes;
    const { shape } = b.type(nth(node.inputs, 0));
    const one = equalDimensions(shape[first] as Dimension, 1);
    const aligned = reshapeTo(
      b,
      gradient,
      shape.map((d, axis) => (axis === second ? 1 : d)),
    );
    if (one) return aligned;
    const spread = broadcastTo(b, aligned, shape);
    const index = (axis: number): number => b.add('iota', [], { axis }, { shape });
    return m.select(m.compare('eq', index(first), index(second)), spread, constantLike(b, spread, 0));
  },
];

export const WINDOW_RULES = { windows, diagonal } as const;
