/**
 * Tensors by formula, for the closed forms that the library is held against: an element is what a function
 * of its index says.
 */
import {
  elementCount,
  hostTensor,
  rowMajorStrides,
  type HostTensor,
} from '../../compiler/graph/host-tensor.ts';

/** A tensor whose elements are given by their index. */
export function build(shape: readonly number[], element: (index: number[]) => number): HostTensor {
  const strides = rowMajorStrides(shape);
  const count = elementCount(shape);
  const data = Array.from({ length: count }, (_, flat) =>
    element(shape.map((size, axis) => Math.floor(flat / (strides[axis] ?? 1)) % size)),
  );
  return hostTensor(shape, data);
}

export function at({ shape, data }: HostTensor, index: readonly number[]): number {
  const strides = rowMajorStrides(shape);
  const flat = index.reduce((sum, i, axis) => sum + i * (strides[axis] ?? 0), 0);
  return data[flat] ?? NaN;
}

/** Element by element; the tensors have one shape. */
export const map = (
  element: (...values: number[]) => number,
  first: HostTensor,
  ...others: HostTensor[]
): HostTensor =>
  hostTensor(
    first.shape,
    Array.from(first.data, (x, i) => element(x, ...others.map(({ data }) => data[i] ?? NaN))),
  );

/** Each vector along an axis to a vector. */
export function along(
  x: HostTensor,
  axis: number,
  change: (vector: number[]) => readonly number[],
): HostTensor {
  const size = x.shape[axis] ?? 1;
  const vector = (index: readonly number[]) =>
    change(Array.from({ length: size }, (_, i) => at(x, index.with(axis, i))));
  const length = vector(x.shape.map(() => 0)).length;
  return build(x.shape.with(axis, length), (index) => vector(index)[index[axis] ?? 0] ?? NaN);
}

/** Each vector along an axis to a number; the axis disappears. */
export function reduced(x: HostTensor, axis: number, change: (vector: number[]) => number): HostTensor {
  const kept = along(x, axis, (vector) => [change(vector)]);
  return { ...kept, shape: kept.shape.toSpliced(axis, 1) };
}

export const scalar = (value: number): HostTensor => hostTensor([], [value]);
export const total = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0);
export const average = (values: ArrayLike<number>): number => total(values) / values.length;

export const softmax = (v: readonly number[]): number[] => {
  const top = Math.max(...v);
  const e = v.map((x) => Math.exp(x - top));
  return e.map((x) => x / total(e));
};

export const logSoftmax = (v: readonly number[]): number[] => {
  const top = Math.max(...v);
  const log = Math.log(total(v.map((x) => Math.exp(x - top)))) + top;
  return v.map((x) => x - log);
};

/** The error function by its series, for small arguments. */
export function erf(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; n < 200; n += 1) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}
