/**
 * What a data file holds, before it is fitted to a column: a shape whose first axis counts the records, and
 * the numbers as the file stores them. Typed arrays are read in place, so the host must be little-endian,
 * as every host with WebGPU is.
 */
import type { Span } from '../plan-format.ts';

export type NumberArray =
  Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | Float32Array | Float64Array;

export interface RawArray {
  format: 'idx' | 'npy' | 'csv';
  shape: number[];
  /** Row-major. */
  data: NumberArray | BigInt64Array;
}

/** The file an error names, as the user knows it, and the place in the program that asks for it. */
export interface FilePlace {
  file: string;
  span?: Span;
  /** Where a value stands, for files whose records have names and lines; else by record and column. */
  locate?: (record: number, element: number) => string;
}

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** As the program writes shapes: `[1, 28, 28]`. */
export function shapeText(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}

/** The bytes from `start` on, moved only where they do not lie on a multiple of `size`. */
export function alignedBytes(bytes: Uint8Array, start: number, length: number, size: number): Uint8Array {
  const part = bytes.subarray(start, start + length);
  return part.byteOffset % size === 0 ? part : new Uint8Array(part);
}
