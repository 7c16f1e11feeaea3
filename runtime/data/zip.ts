/**
 * Zip files, as far as npz needs them (PKWARE, APPNOTE.TXT). In: a file's bytes. Out: its entries; the content
 * of one, stored or deflated, held against its length and CRC-32. Lengths come from the central directory:
 * NumPy leaves them open in the entries' own headers. Zip64, encryption and other methods are refused by name.
 */
import { RuntimeFailure } from '../failure.ts';
import { crc32 } from './crc32.ts';
import type { DataReader } from './dataset.ts';
import type { FilePlace } from './raw-array.ts';

export interface ZipEntry {
  name: string;
  method: number;
  encrypted: boolean;
  crc: number;
  packed: number;
  unpacked: number;
  /** Of the entry's own header. */
  offset: number;
}

const ENTRY = 0x04034b50;
const DIRECTORY_ENTRY = 0x02014b50;
const DIRECTORY_END = 0x06054b50;
const ENTRY_BYTES = 30;
const DIRECTORY_ENTRY_BYTES = 46;
const DIRECTORY_END_BYTES = 22;
/** The end of the directory is followed by a comment of at most so many bytes. */
const LONGEST_COMMENT = 0xffff;
const STORED = 0;
const DEFLATED = 8;
const METHODS: Readonly<Record<number, string>> = {
  9: 'Deflate64',
  12: 'bzip2',
  14: 'LZMA',
  93: 'Zstandard',
};

/** E0402: not a zip file or damaged; E0403: cut off; E0901: zip64. */
export function zipEntries(bytes: Uint8Array, place: FilePlace): ZipEntry[] {
  const view = viewOf(bytes);
  const end = directoryEnd(bytes, view, place);
  const count = view.getUint16(end + 10, true);
  const size = view.getUint32(end + 12, true);
  const start = view.getUint32(end + 16, true);
  if (count === 0xffff || size === 0xffffffff || start === 0xffffffff) refuseZip64(place);
  if (start + size > end) refuse('E0403', 'is cut off: its directory lies outside the file', place);
  const entries: ZipEntry[] = [];
  let at = start;
  for (let i = 0; i < count; i++) {
    if (at + DIRECTORY_ENTRY_BYTES > end || view.getUint32(at, true) !== DIRECTORY_ENTRY)
      refuse('E0402', 'is damaged: its directory cannot be read', place);
    const nameLength = view.getUint16(at + 28, true);
    const next =
      at + DIRECTORY_ENTRY_BYTES + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    const entry = {
      name: new TextDecoder().decode(
        bytes.subarray(at + DIRECTORY_ENTRY_BYTES, at + DIRECTORY_ENTRY_BYTES + nameLength),
      ),
      method: view.getUint16(at + 10, true),
      encrypted: (view.getUint16(at + 8, true) & 1) === 1,
      crc: view.getUint32(at + 16, true),
      packed: view.getUint32(at + 20, true),
      unpacked: view.getUint32(at + 24, true),
      offset: view.getUint32(at + 42, true),
    };
    if ([entry.packed, entry.unpacked, entry.offset].includes(0xffffffff)) refuseZip64(place);
    entries.push(entry);
    at = next;
  }
  return entries;
}

/** E0402: damaged; E0403: cut off; E0901: packed in a way that is not read. */
export async function unpackEntry(
  bytes: Uint8Array,
  entry: ZipEntry,
  reader: Pick<DataReader, 'inflate'>,
  place: FilePlace,
): Promise<Uint8Array> {
  const { name, method, offset, packed } = entry;
  if (entry.encrypted) refuse('E0901', `holds ${name} encrypted, not supported yet`, place);
  const view = viewOf(bytes);
  if (offset + ENTRY_BYTES > bytes.length || view.getUint32(offset, true) !== ENTRY)
    refuse('E0402', `is damaged: there is no ${name} where its directory says`, place);
  const start = offset + ENTRY_BYTES + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true);
  if (start + packed > bytes.length) refuse('E0403', `is cut off inside ${name}`, place);
  const content = bytes.subarray(start, start + packed);
  const unpacked = await unpackContent(content, name, method, reader, place);
  if (unpacked.length !== entry.unpacked || crc32(unpacked) !== entry.crc)
    refuse('E0402', `is damaged: ${name} does not match its checksum`, place);
  return unpacked;
}

async function unpackContent(
  content: Uint8Array,
  name: string,
  method: number,
  reader: Pick<DataReader, 'inflate'>,
  place: FilePlace,
): Promise<Uint8Array> {
  if (method === STORED) return content;
  if (method !== DEFLATED) {
    const called = METHODS[method] ?? `method ${method}`;
    return refuse('E0901', `holds ${name} packed by ${called}, not supported yet`, place);
  }
  try {
    return await reader.inflate(content);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return refuse('E0402', `is damaged: ${name}: ${reason}`, place);
  }
}

/** Where the end of the directory stands, searched from the back of the file. */
function directoryEnd(bytes: Uint8Array, view: DataView, place: FilePlace): number {
  const last = bytes.length - DIRECTORY_END_BYTES;
  for (let at = last; at >= Math.max(0, last - LONGEST_COMMENT); at--) {
    if (
      view.getUint32(at, true) === DIRECTORY_END &&
      at + DIRECTORY_END_BYTES + view.getUint16(at + 20, true) <= bytes.length
    )
      return at;
  }
  const begins = bytes[0] === 0x50 && bytes[1] === 0x4b;
  return begins
    ? refuse('E0403', 'is cut off: it has no directory at its end', place)
    : refuse(
        'E0402',
        'is not a zip file',
        place,
        'An npz file is a zip file of npy files; numpy.savez writes it.',
      );
}

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function refuseZip64(place: FilePlace): never {
  return refuse('E0901', 'is a zip64 file, not supported yet', place, 'Files below 4 GB do not need zip64.');
}

function refuse(code: string, what: string, { file, span }: FilePlace, help?: string): never {
  const again = code === 'E0403' ? 'Copy or download the file again.' : help;
  throw new RuntimeFailure(code, `${file} ${what}`, { span, help: again });
}
