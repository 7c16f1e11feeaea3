/** Zip files for the tests, as NumPy writes them: sizes left open in the entries' own headers. */
import { deflateRawSync } from 'node:zlib';
import { crc32 } from '../../runtime/data/crc32.ts';

export interface ZipOptions {
  deflate?: boolean;
  /** Overrides the number of the method. */
  method?: number;
  /** The sizes that a zip64 directory has elsewhere. */
  zip64?: boolean;
  encrypted?: boolean;
  comment?: string;
}

function record(
  bytes: number,
  fields: readonly (readonly [offset: number, size: 2 | 4, value: number])[],
): Uint8Array {
  const view = new DataView(new ArrayBuffer(bytes));
  for (const [offset, size, value] of fields)
    if (size === 2) view.setUint16(offset, value, true);
    else view.setUint32(offset, value, true);
  return new Uint8Array(view.buffer);
}

export function zipFile(files: Readonly<Record<string, Uint8Array>>, options: ZipOptions = {}): Uint8Array {
  const {
    deflate = false,
    method = deflate ? 8 : 0,
    zip64 = false,
    encrypted = false,
    comment = '',
  } = options;
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  const open = 0xffffffff;
  for (const [name, content] of Object.entries(files)) {
    const text = new TextEncoder().encode(name);
    const packed = deflate ? new Uint8Array(deflateRawSync(content)) : content;
    const flags = encrypted ? 1 : 0;
    const own = record(30, [
      ...([
        [0, 4, 0x04034b50],
        [6, 2, flags],
        [8, 2, method],
        [14, 4, crc32(content)],
      ] as const),
      ...([
        [18, 4, open],
        [22, 4, open],
        [26, 2, text.length],
        [28, 2, 20],
      ] as const),
    ]);
    directory.push(
      record(46, [
        ...([
          [0, 4, 0x02014b50],
          [8, 2, flags],
          [10, 2, method],
          [16, 4, crc32(content)],
        ] as const),
        ...([
          [20, 4, zip64 ? open : packed.length],
          [24, 4, content.length],
          [28, 2, text.length],
        ] as const),
        [42, 4, offset],
      ]),
      text,
    );
    // The extra field of 20 bytes where zip64 sizes would stand.
    parts.push(own, text, new Uint8Array(20), packed);
    offset += own.length + text.length + 20 + packed.length;
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  const count = Object.keys(files).length;
  const end = record(22, [
    ...([
      [0, 4, 0x06054b50],
      [8, 2, count],
      [10, 2, count],
      [12, 4, size],
      [16, 4, offset],
    ] as const),
    [20, 2, comment.length],
  ]);
  return Uint8Array.from(
    [...parts, ...directory, end, new TextEncoder().encode(comment)].flatMap((part) => [...part]),
  );
}
