/** Data files that live in memory, and builders of their bytes, for the tests. */
import { gunzipSync, gzipSync, inflateRawSync } from 'node:zlib';
import type { DataReader, Dataset } from '../../runtime/data/dataset.ts';
import type { DataSpec, FieldSpec, SourceFiles, Span, StorageType } from '../../runtime/plan-format.ts';

export function memoryReader(files: Record<string, Uint8Array>): DataReader {
  return {
    read: (path) => Promise.resolve(files[path]),
    display: (path) => path,
    gunzip: (bytes) => new Promise((resolve) => resolve(gunzipSync(bytes))),
    inflate: (bytes) => new Promise((resolve) => resolve(inflateRawSync(bytes))),
  };
}

/** An IDX file of unsigned bytes, or of another type byte. */
export function idxFile(shape: number[], data: ArrayLike<number>, type = 0x08): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * shape.length + data.length);
  bytes.set([0, 0, type, shape.length]);
  const view = new DataView(bytes.buffer);
  shape.forEach((size, axis) => view.setUint32(4 + 4 * axis, size));
  bytes.set(Array.from(data), 4 + 4 * shape.length);
  return bytes;
}

export function gzipped(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(gzipSync(bytes));
}

/** An npy file from the text of its header and its content, in a version of the format. */
export function npyFile(header: string, content: Uint8Array, version: 1 | 2 | 3 = 1): Uint8Array {
  const text = new TextEncoder().encode(`${header}\n`);
  const prefix =
    version === 1 ? [text.length & 255, text.length >> 8] : [text.length & 255, text.length >> 8, 0, 0];
  return Uint8Array.from([
    0x93,
    ...new TextEncoder().encode('NUMPY'),
    version,
    0,
    ...prefix,
    ...text,
    ...content,
  ]);
}

export function npyHeader(descr: string, shape: string, fortran = false): string {
  return `{'descr': '${descr}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': ${shape}, }`;
}

export const bytesOf = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

export const spanOn = (line: number): Span => ({
  file: 'digits.net',
  line,
  column: 3,
  endLine: line,
  endColumn: 9,
});

/** Line 1: the block; 2: sources; 3: files; 4: fields; 5: splits. */
export function dataSpec(
  format: 'idx' | 'npy',
  sources: Record<string, Record<string, string>>,
  fields: Omit<FieldSpec, 'span' | 'origin'>[],
  splits: [string, number][] = [],
): DataSpec {
  return {
    name: 'digits',
    sources: Object.entries(sources).map(([split, files]) => ({
      split,
      format,
      files: Object.entries(files).map(([field, path]) => ({ field, path, span: spanOn(3) })),
      span: spanOn(2),
    })),
    splits: splits.map(([split, share]) => ({ split, share, span: spanOn(5) })),
    fields: fields.map((field) => ({ ...field, origin: { kind: 'array' }, span: spanOn(4) })),
    batch: 4,
    shuffle: true,
    span: spanOn(1),
  };
}

/** A data block of one file, with fields of any origin. */
export function fileSpec(
  sources: Readonly<Record<string, SourceFiles>>,
  fields: readonly Omit<FieldSpec, 'span'>[],
  splits: readonly (readonly [string, number])[] = [],
): DataSpec {
  return {
    ...dataSpec(
      'npy',
      {},
      [],
      splits.map(([split, share]) => [split, share]),
    ),
    sources: Object.entries(sources).map(([split, files]) => ({ split, span: spanOn(2), ...files })),
    fields: fields.map((field) => ({ ...field, span: spanOn(4) })),
  };
}

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Values of the first records of a split, as the device gets them. */
export function values(
  dataset: Dataset,
  split: string,
  field: string,
  records: readonly number[],
  recordSize: number,
  storage: StorageType = 'u32',
): number[] {
  const bytes = new Uint8Array(records.length * recordSize * (storage === 'u8' ? 1 : 4));
  dataset.copy(split, field, Uint32Array.from(records), bytes);
  const views = { u8: Uint8Array, u32: Uint32Array, i32: Int32Array, f32: Float32Array };
  return [...new views[storage](bytes.buffer)];
}

export const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
