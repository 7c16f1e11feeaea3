/**
 * The header of a safetensors file (github.com/huggingface/safetensors, "Format"). In: the file's bytes.
 * Out: the tensors it lists, in the order of their bytes, and its metadata. Holds afterwards: the listed
 * ranges follow one another without gap or overlap and end where the file ends, every range has the size of
 * its shape and dtype, no name stands twice.
 */
import { RuntimeFailure } from '../failure.ts';

/** Bytes an element. */
const DTYPE_BYTES: Readonly<Record<string, number>> = {
  BOOL: 1, U8: 1, I8: 1, F8_E5M2: 1, F8_E4M3: 1, I16: 2, U16: 2, F16: 2, BF16: 2, I32: 4, U32: 4, F32: 4,
  I64: 8, U64: 8, F64: 8,
}; // prettier-ignore

/** The format's own limit. */
const LARGEST_HEADER = 100_000_000;

export interface ListedTensor {
  name: string;
  dtype: string;
  shape: number[];
  /** Offsets into the file. */
  begin: number;
  end: number;
}

export interface Header {
  tensors: ListedTensor[];
  metadata: Record<string, string>;
}

/** E0502 with what is wrong. */
export function refuse(file: string, what: string): never {
  throw new RuntimeFailure('E0502', `${file} ${what}`);
}

export function readHeader(bytes: Uint8Array, file: string): Header {
  if (bytes.length < 8) refuse(file, `is not a safetensors file: it has ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
  if (bytes.length > 8 && bytes[8] !== 0x7b) {
    refuse(file, 'is not a safetensors file: its header does not begin with {');
  }
  if (length > LARGEST_HEADER) refuse(file, `is not a safetensors file: its header would be ${length} bytes`);
  const start = 8 + length;
  if (bytes.length < start) {
    refuse(file, `is cut off: its header has ${length} bytes, and ${bytes.length - 8} follow`);
  }
  const entries = parseEntries(bytes.subarray(8, start), file);
  const metadata = parseMetadata(entries.get('__metadata__'), file);
  entries.delete('__metadata__');
  const tensors = [...entries].map(([name, entry]) => parseTensor(name, entry, start, file));
  tensors.sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkRanges(tensors, start, bytes.length, file);
  return { tensors, metadata };
}

function parseEntries(bytes: Uint8Array, file: string): Map<string, unknown> {
  let header: unknown;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    header = JSON.parse(text);
    const twice = repeatedKey(text);
    if (twice !== undefined) refuse(file, `is damaged: its header names ${twice} twice`);
  } catch (error) {
    if (error instanceof RuntimeFailure) throw error;
    refuse(file, 'is not a safetensors file: its header is not JSON');
  }
  if (!isRecord(header)) refuse(file, 'is not a safetensors file: its header is not an object');
  return new Map(Object.entries(header));
}

/** JSON.parse takes the last of equal keys in silence. The text is known to be JSON. */
function repeatedKey(text: string): string | undefined {
  const open: (Set<string> | undefined)[] = [];
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"\s*:?|[{}[\]]/g)) {
    if (token === '{') open.push(new Set());
    else if (token === '[') open.push(undefined);
    else if (token === '}' || token === ']') open.pop();
    else if (token.endsWith(':')) {
      const key = JSON.parse(token.slice(0, -1)) as string;
      const keys = open.at(-1);
      if (keys?.has(key)) return key;
      keys?.add(key);
    }
  }
  return undefined;
}

function parseMetadata(entry: unknown, file: string): Record<string, string> {
  if (entry === undefined) return {};
  if (!isRecord(entry)) refuse(file, 'is damaged: its metadata is not an object');
  const metadata: Record<string, string> = {};
  for (const [key, value] of Object.entries(entry)) {
    if (typeof value !== 'string') refuse(file, `is damaged: its metadata ${key} is not a text`);
    metadata[key] = value;
  }
  return metadata;
}

function parseTensor(name: string, entry: unknown, start: number, file: string): ListedTensor {
  const broken = (what: string): never => refuse(file, `is damaged: ${what} of ${name}`);
  if (!isRecord(entry)) return broken('the entry');
  const { dtype, shape, data_offsets: offsets, ...others } = entry;
  if (Object.keys(others).length > 0) return broken('an unknown property');
  const size = typeof dtype === 'string' ? DTYPE_BYTES[dtype] : undefined;
  if (typeof dtype !== 'string' || size === undefined) return broken('the dtype');
  if (!isSizes(shape)) return broken('the shape');
  if (!isSizes(offsets) || offsets.length !== 2) return broken('the range');
  const [begin = 0, end = 0] = offsets;
  const bytes = shape.reduce((product, axis) => product * axis, size);
  if (end - begin !== bytes) {
    refuse(
      file,
      `is damaged: ${name}, ${dtype}[${shape.join(', ')}], needs ${bytes} bytes and has ${end - begin}`,
    );
  }
  return { name, dtype, shape, begin: start + begin, end: start + end };
}

function checkRanges(tensors: readonly ListedTensor[], start: number, length: number, file: string): void {
  let end = start;
  for (const tensor of tensors) {
    if (tensor.begin < end) refuse(file, `is damaged: ${tensor.name} overlaps the tensor before it`);
    if (tensor.begin > end) refuse(file, `is damaged: unused bytes before ${tensor.name}`);
    end = tensor.end;
  }
  if (end > length) refuse(file, `is cut off: it should have ${end} bytes and has ${length}`);
  if (end < length) refuse(file, `goes on for ${length - end} bytes after its last tensor`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && (item as number) >= 0);
}
