/**
 * NumPy's npy files, versions 1 to 3 (numpy.lib.format). Reading: the bytes of a file to a shape and its
 * numbers in row-major order, in place where the file allows. Writing: every dtype of the language, version 1.0.
 */
import { RuntimeFailure } from '../failure.ts';
import type { DType } from '../plan-format.ts';
import { decodeFloat16, encodeFloat16 } from './half-float.ts';
import { checkLength } from './idx.ts';
import { alignedBytes, elementCount, type FilePlace, type RawArray } from './raw-array.ts';

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

type Elements = RawArray['data'];

/** What stands in a file: bytes an element, and the view of little-endian bytes. */
const DTYPES: Readonly<Record<string, { size: number; read: (bytes: Uint8Array) => Elements }>> = {
  b1: { size: 1, read: (bytes) => new Uint8Array(...range(bytes, 1)) },
  u1: { size: 1, read: (bytes) => new Uint8Array(...range(bytes, 1)) },
  i1: { size: 1, read: (bytes) => new Int8Array(...range(bytes, 1)) },
  u2: { size: 2, read: (bytes) => new Uint16Array(...range(bytes, 2)) },
  i2: { size: 2, read: (bytes) => new Int16Array(...range(bytes, 2)) },
  u4: { size: 4, read: (bytes) => new Uint32Array(...range(bytes, 4)) },
  i4: { size: 4, read: (bytes) => new Int32Array(...range(bytes, 4)) },
  i8: { size: 8, read: (bytes) => new BigInt64Array(...range(bytes, 8)) },
  f2: { size: 2, read: (bytes) => decodeFloat16(new Uint16Array(...range(bytes, 2))) },
  f4: { size: 4, read: (bytes) => new Float32Array(...range(bytes, 4)) },
  f8: { size: 8, read: (bytes) => new Float64Array(...range(bytes, 8)) },
};

/** E0402: not such a file, or too long; E0403: too short; E0901: another dtype. */
export function parseNpy(bytes: Uint8Array, place: FilePlace): RawArray {
  const { text, start } = readHeader(bytes, place);
  const { shape, dtype, bigEndian, fortran } = parseHeader(text, place);
  const { size, read } = dtype;
  checkLength(bytes.length - start, elementCount(shape) * size, shape, place);
  let content = alignedBytes(bytes, start, bytes.length - start, size);
  if (bigEndian && size > 1) content = swapBytes(content, size);
  const data = read(content);
  return { format: 'npy', shape, data: fortran && shape.length > 1 ? rowMajor(data, shape) : data };
}

function readHeader(bytes: Uint8Array, { file, span }: FilePlace): { text: string; start: number } {
  const known = Math.min(bytes.length, MAGIC.length);
  if (MAGIC.slice(0, known).some((byte, i) => bytes[i] !== byte)) {
    throw new RuntimeFailure('E0402', `${file} is not an npy file`, {
      span,
      help: 'numpy.save writes npy files.',
    });
  }
  const cutOff = (): never => {
    throw new RuntimeFailure('E0403', `${file} is cut off inside its header`, { span });
  };
  const [major = 0, minor = 0] = bytes.subarray(6, 8);
  const prefix = major === 1 ? 10 : 12;
  if (bytes.length < 8) return cutOff();
  if (major < 1 || major > 3 || minor !== 0) {
    throw new RuntimeFailure('E0901', `${file} is an npy file of version ${major}.${minor}`, {
      span,
      help: 'Versions 1.0, 2.0 and 3.0 are read.',
    });
  }
  if (bytes.length < prefix) return cutOff();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = prefix + (major === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (bytes.length < start) return cutOff();
  return { text: new TextDecoder().decode(bytes.subarray(prefix, start)), start };
}

/** The header is a Python dictionary of three entries: descr, fortran_order, shape. */
function parseHeader(text: string, { file, span }: FilePlace) {
  const shapeItems = /["']shape["']\s*:\s*\(([\d\s,L]*)\)/.exec(text)?.[1];
  const order = /["']fortran_order["']\s*:\s*(True|False)/.exec(text)?.[1];
  const descr = /["']descr["']\s*:\s*(["'][^"']*["']|\[)/.exec(text)?.[1];
  if (shapeItems === undefined || order === undefined || descr === undefined) {
    throw new RuntimeFailure('E0402', `${file} is not an npy file: its header cannot be understood`, {
      span,
    });
  }
  const [, byteOrder, kind = ''] = /^["']([<>|=])(\w+)["']$/.exec(descr) ?? [];
  const dtype = DTYPES[kind];
  if (dtype === undefined) {
    const name = descr === '[' ? 'records (a structured dtype)' : `dtype ${descr.replaceAll(/["']/g, '')}`;
    throw new RuntimeFailure('E0901', `${file} holds ${name}, not supported yet`, {
      span,
      help: 'Convert it in NumPy, for example with x.astype("float32").',
    });
  }
  const shape = shapeItems
    .split(',')
    .filter((item) => item.trim() !== '')
    .map((item) => Number.parseInt(item, 10));
  return { shape, dtype, bigEndian: byteOrder === '>', fortran: order === 'True' };
}

function range(bytes: Uint8Array, size: number): [ArrayBufferLike, number, number] {
  return [bytes.buffer, bytes.byteOffset, bytes.byteLength / size];
}

/** A copy with the bytes of every element turned round. */
function swapBytes(bytes: Uint8Array, size: number): Uint8Array {
  const swapped = new Uint8Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) swapped[i] = bytes[i - (i % size) + size - 1 - (i % size)] ?? 0;
  return swapped;
}

/** From Fortran's order, where the first axis is the fastest, to row-major. */
function rowMajor<T extends Elements>(data: T, shape: readonly number[]): T {
  const strides = shape.map((_, axis) => elementCount(shape.slice(0, axis)));
  const result = data.slice() as T;
  const index = shape.map(() => 0);
  let from = 0;
  for (let to = 0; to < data.length; to++) {
    result[to] = data[from] ?? 0;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const next = (index[axis] ?? 0) + 1;
      from += strides[axis] ?? 0;
      if (next < (shape[axis] ?? 0)) {
        index[axis] = next;
        break;
      }
      from -= next * (strides[axis] ?? 0);
      index[axis] = 0;
    }
  }
  return result;
}

/** A file of version 1.0; row-major. A `bool` is written for every number, true where it is not 0. */
export function encodeNpy(shape: readonly number[], dtype: DType, data: ArrayLike<number>): Uint8Array {
  const [descr, content] = encodeElements(dtype, data);
  const axes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const dictionary = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${axes}), }`;
  // The header ends in a newline, and the data begins at a multiple of 64.
  const start = Math.ceil((10 + dictionary.length + 1) / 64) * 64;
  const bytes = new Uint8Array(start + content.byteLength);
  bytes.set([...MAGIC, 1, 0, (start - 10) & 0xff, (start - 10) >> 8]);
  bytes.set(new TextEncoder().encode(`${dictionary.padEnd(start - 11)}\n`), 10);
  bytes.set(new Uint8Array(content.buffer, content.byteOffset, content.byteLength), start);
  return bytes;
}

function encodeElements(
  dtype: DType,
  data: ArrayLike<number>,
): [string, Float32Array | Uint16Array | Int32Array | Uint32Array | Uint8Array] {
  switch (dtype) {
    case 'f32':
      return ['<f4', Float32Array.from(data)];
    case 'f16':
      return ['<f2', encodeFloat16(data)];
    case 'i32':
      return ['<i4', Int32Array.from(data)];
    case 'u32':
      return ['<u4', Uint32Array.from(data)];
    case 'bool':
      return ['|b1', Uint8Array.from(data, (value) => (value === 0 ? 0 : 1))];
    default:
      return dtype satisfies never;
  }
}
