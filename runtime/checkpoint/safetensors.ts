/**
 * safetensors files: named tensors and text metadata. Writing: f32 tensors in the order given, deterministic
 * to the byte, the data at a multiple of 8, with a hash of everything in the metadata. Reading: every check
 * of the header, then the hash where there is one; a file that fails any is refused whole.
 */
import { alignedBytes, elementCount } from '../data/raw-array.ts';
import { decodeBfloat16, decodeFloat16 } from '../data/half-float.ts';
import { RuntimeFailure } from '../failure.ts';
import { Fnv64 } from '../random/fnv.ts';
import { readHeader, refuse, type ListedTensor } from './safetensors-header.ts';

/** The metadata key of the hash: 64-bit FNV-1a, as 16 hexadecimal digits. */
const HASH_KEY = 'netc_hash';

export interface NamedTensor {
  name: string;
  shape: readonly number[];
  data: Float32Array;
}

export interface SafetensorsFile {
  /** As errors name it. */
  file: string;
  /** In the order of their bytes. */
  tensors: readonly FileTensor[];
  /** Without the hash. */
  metadata: Record<string, string>;
}

/** A tensor of a file; its numbers are read when they are asked for. */
export class FileTensor {
  readonly name: string;
  /** As the file says: F32, BF16 … */
  readonly dtype: string;
  readonly shape: readonly number[];
  private readonly bytes: Uint8Array;
  private readonly file: string;

  constructor({ name, dtype, shape, begin, end }: ListedTensor, bytes: Uint8Array, file: string) {
    this.name = name;
    this.dtype = dtype;
    this.shape = shape;
    this.bytes = bytes.subarray(begin, end);
    this.file = file;
  }

  /** As f32, row-major; a view of the file where that is possible. E0901 for a dtype that is no float. */
  get data(): Float32Array {
    switch (this.dtype) {
      case 'F32':
        return new Float32Array(...this.range(4));
      case 'F16':
        return decodeFloat16(new Uint16Array(...this.range(2)));
      case 'BF16':
        return decodeBfloat16(new Uint16Array(...this.range(2)));
      case 'F64':
        return Float32Array.from(new Float64Array(...this.range(8)));
      default:
        throw new RuntimeFailure(
          'E0901',
          `${this.name} in ${this.file} is of dtype ${this.dtype}, not supported yet`,
          { help: 'Weights of F32, F16, BF16 and F64 are read.' },
        );
    }
  }

  private range(size: number): [ArrayBufferLike, number, number] {
    const bytes = alignedBytes(this.bytes, 0, this.bytes.length, size);
    return [bytes.buffer, bytes.byteOffset, bytes.length / size];
  }
}

/** A file's bytes. Names must differ, and every shape must have as many elements as its data. */
export function encodeSafetensors(
  tensors: readonly NamedTensor[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const names = new Set(tensors.map((tensor) => tensor.name));
  if (names.size !== tensors.length || names.has('__metadata__')) {
    throw new Error('internal: two tensors of one name in a checkpoint');
  }
  let end = 0;
  const entries = tensors.map(({ name, shape, data }) => {
    if (elementCount(shape) !== data.length)
      throw new Error(`internal: ${name} has not the size of its shape`);
    const begin = end;
    end += data.byteLength;
    return `${JSON.stringify(name)}:${JSON.stringify({ dtype: 'F32', shape, data_offsets: [begin, end] })}`;
  });
  const hash = contentHash(
    tensors.map(({ name, shape, data }) => ({ name, dtype: 'F32', shape, bytes: bytesOf(data) })),
    metadata,
  );
  const header = new TextEncoder().encode(
    `{${[`"__metadata__":${JSON.stringify({ ...metadata, [HASH_KEY]: hash })}`, ...entries].join(',')}}`,
  );
  const start = Math.ceil((8 + header.length) / 8) * 8;
  const bytes = new Uint8Array(start + end).fill(0x20, 8 + header.length, start);
  new DataView(bytes.buffer).setUint32(0, start - 8, true);
  bytes.set(header, 8);
  let offset = start;
  for (const { data } of tensors) {
    bytes.set(bytesOf(data), offset);
    offset += data.byteLength;
  }
  return bytes;
}

/** E0502 for every fault of the file; `file` is what errors call it. */
export function decodeSafetensors(bytes: Uint8Array, file: string): SafetensorsFile {
  const { tensors, metadata: all } = readHeader(bytes, file);
  const { [HASH_KEY]: hash, ...metadata } = all;
  if (hash !== undefined) {
    const found = contentHash(
      tensors.map(({ name, dtype, shape, begin, end }) => ({
        name,
        dtype,
        shape,
        bytes: bytes.subarray(begin, end),
      })),
      metadata,
    );
    if (found !== hash) refuse(file, 'is damaged: its contents do not match its hash');
  }
  return { file, tensors: tensors.map((tensor) => new FileTensor(tensor, bytes, file)), metadata };
}

interface Content {
  name: string;
  dtype: string;
  shape: readonly number[];
  bytes: Uint8Array;
}

/** Of names, types, shapes, numbers and metadata, whatever the layout of the header. */
function contentHash(tensors: readonly Content[], metadata: Readonly<Record<string, string>>): string {
  const described = [
    Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1)),
    tensors.map(({ name, dtype, shape }) => [name, dtype, shape]),
  ];
  const hash = new Fnv64().addText(JSON.stringify(described));
  for (const tensor of tensors) hash.add(tensor.bytes);
  return hash.hex();
}

function bytesOf(data: Float32Array): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
