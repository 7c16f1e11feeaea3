/**
 * Tensors as the interpreter holds them: row-major, every element a double. u32 and i32 are exact in a
 * double; bool is 0 or 1; f16 is rounded to its numbers; f32 is not, so that results can serve as the
 * reference for f32 kernels.
 */
import type { DType } from './ir.ts';

export interface HostTensor {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly data: Float64Array;
  /** Of a `scan`: what it gives, final carries first. */
  readonly results?: readonly HostTensor[];
}

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((n, d) => n * d, 1);
}

/** Builds a tensor from numbers; the number of elements must fit the shape. */
export function hostTensor(
  shape: readonly number[],
  data: ArrayLike<number>,
  dtype: DType = 'f32',
): HostTensor {
  if (data.length !== elementCount(shape)) {
    throw new Error(`internal: ${data.length} elements for a tensor of shape [${shape.join(', ')}]`);
  }
  return { shape, dtype, data: Float64Array.from(data) };
}

/** Elements between neighbours along each axis of a row-major tensor. */
export function rowMajorStrides(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) {
    strides[axis] = (strides[axis + 1] as number) * (shape[axis + 1] as number);
  }
  return strides;
}

/**
 * Positions in a buffer of the elements of `shape` in row-major order: offset plus the sum of index times
 * stride. Strides may be 0 (repeat) or negative (reverse).
 */
export function positions(shape: readonly number[], strides: readonly number[], offset = 0): Int32Array {
  const result = new Int32Array(elementCount(shape));
  if (result.length === 0) return result;
  result[0] = offset;
  let filled = 1;
  // From the last axis outwards: the block built so far is repeated along the next axis.
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis] as number;
    const stride = strides[axis] as number;
    for (let i = 1; i < size; i++) {
      const shift = i * stride;
      const base = i * filled;
      for (let j = 0; j < filled; j++) result[base + j] = (result[j] as number) + shift;
    }
    filled *= size;
  }
  return result;
}

/** The elements a strided view reads, in row-major order of `shape`. */
export function readStrided(
  data: Float64Array,
  shape: readonly number[],
  strides: readonly number[],
  offset = 0,
): Float64Array {
  const at = positions(shape, strides, offset);
  const result = new Float64Array(at.length);
  for (let i = 0; i < at.length; i++) result[i] = data[at[i] as number] as number;
  return result;
}
