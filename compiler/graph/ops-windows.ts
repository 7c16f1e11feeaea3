/**
 * Rows of the views that read an element at several places or at none: windows that slide along axes, and
 * the diagonal of two axes. Both are index arithmetic, like the views of `ops-views.ts`.
 */
import {
  addDimensions,
  divideDown,
  equalDimensions,
  isAtLeast,
  printDimension,
  printShape,
  subtractDimensions,
  type Dimension,
} from './dimension.ts';
import { readStrided, rowMajorStrides } from './host-tensor.ts';
import { broken, nth, type OpRow } from './op-row.ts';

/** Elements that a window reaches over. */
export const windowExtent = (size: number, dilation: number): number => (size - 1) * dilation + 1;

/** Places of a window along an axis; undefined where they are no affine size or there are none. */
export function windowCount(
  length: Dimension,
  size: number,
  stride: number,
  dilation: number,
): Dimension | undefined {
  const room = subtractDimensions(length, windowExtent(size, dilation));
  if (!isAtLeast(room, 0)) return undefined;
  const steps = divideDown(room, stride);
  return steps === undefined ? undefined : addDimensions(steps, 1);
}

const windows: OpRow<'windows'> = {
  kind: 'view',
  arity: 1,
  infer(inputs, { axes, sizes, strides, dilations }) {
    const { dtype, shape } = nth(inputs, 0);
    const ascending = axes.every((axis, i) => axis > (axes[i - 1] ?? -1) && axis < shape.length);
    const count = axes.length;
    if (!ascending || sizes.length !== count || strides.length !== count || dilations.length !== count) {
      broken(`windows along axes [${axes.join(', ')}] of ${printShape(shape)}`);
    }
    const result = [...shape];
    axes.forEach((axis, i) => {
      const [size, stride, dilation] = [nth(sizes, i), nth(strides, i), nth(dilations, i)];
      const length = shape[axis] as Dimension;
      const places =
        Math.min(size, stride, dilation) < 1 ? undefined : windowCount(length, size, stride, dilation);
      if (places === undefined) {
        broken(`windows of ${size} by ${stride}, ${dilation} apart, along ${printDimension(length)}`);
      }
      result[axis] = places;
    });
    return { dtype, shape: [...result, ...sizes] };
  },
  evaluate(e) {
    const x = nth(e.inputs, 0);
    const { axes, strides, dilations } = e.attributes;
    const own = rowMajorStrides(x.shape);
    const moved = own.map((s, axis) => s * (strides[axes.indexOf(axis)] ?? 1));
    const inside = axes.map((axis, i) => (own[axis] as number) * nth(dilations, i));
    return readStrided(x.data, e.shape, [...moved, ...inside]);
  },
};

const diagonal: OpRow<'diagonal'> = {
  kind: 'view',
  arity: 1,
  infer(inputs, { first, second }) {
    const { dtype, shape } = nth(inputs, 0);
    const [a, b] = [shape[first], shape[second]];
    if (first >= second || a === undefined || b === undefined || !equalDimensions(a, b)) {
      broken(`diagonal of axes ${first} and ${second} of ${printShape(shape)}`);
    }
    return { dtype, shape: shape.filter((_, axis) => axis !== second) };
  },
  evaluate(e) {
    const x = nth(e.inputs, 0);
    const { first, second } = e.attributes;
    const strides = rowMajorStrides(x.shape);
    strides[first] = (strides[first] as number) + (strides[second] as number);
    return readStrided(
      x.data,
      e.shape,
      strides.filter((_, axis) => axis !== second),
    );
  },
};

export const WINDOW_ROWS = { windows, diagonal };
