/** PNG files. In: 8-bit grey or RGB pixels. Out: bytes, the same on every machine. */
import { constants, deflateSync } from 'node:zlib';
import { crc32 } from '../data/crc32.ts';

export interface Pixels {
  width: number;
  height: number;
  /** 1: grey, 3: red, green, blue. */
  channels: 1 | 3;
  /** Row by row from the top, the channels of a pixel side by side. */
  bytes: Uint8Array;
}

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const GREY = 0;
const RGB = 2;

/** After the specification of W3C (PNG, third edition): header, one block of data, end; rows are not filtered. */
export function encodePng({ width, height, channels, bytes }: Pixels): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, channels === 1 ? GREY : RGB], 8);
  const row = width * channels;
  const rows = Buffer.alloc((row + 1) * height);
  for (let y = 0; y < height; y++) rows.set(bytes.subarray(y * row, (y + 1) * row), y * (row + 1) + 1);
  // Runs only: the search for matches differs between processors.
  const packed = deflateSync(rows, { level: 9, memLevel: 9, strategy: constants.Z_RLE });
  return Buffer.concat([
    Uint8Array.from(SIGNATURE),
    chunk('IHDR', header),
    chunk('IDAT', packed),
    chunk('IEND', new Uint8Array()),
  ]);
}

function chunk(kind: string, data: Uint8Array): Buffer {
  const named = Buffer.concat([Buffer.from(kind, 'latin1'), data]);
  const edges = Buffer.alloc(8);
  edges.writeUInt32BE(data.length, 0);
  edges.writeUInt32BE(crc32(named), 4);
  return Buffer.concat([edges.subarray(0, 4), named, edges.subarray(4)]);
}
