import { crc32 as zlibCrc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { crc32 } from '../../runtime/data/crc32.ts';
import type { Dataset } from '../../runtime/data/dataset.ts';
import { encodeNpy } from '../../runtime/data/npy.ts';
import { openDataset } from '../../runtime/data/open-dataset.ts';
import { fileSpec, memoryReader, spanOn, utf8, values } from './memory-reader.ts';
import { zipFile } from './zip-file.ts';
import { failureText } from '../support/failure.ts';

const FIELDS = [
  { name: 'x', shape: [2], storage: 'f32', origin: { kind: 'array' } },
  { name: 'label', shape: [], storage: 'u32', origin: { kind: 'array' } },
] as const;

const open = (file: Uint8Array): Promise<Dataset> =>
  openDataset(
    fileSpec(
      { train: { format: 'npz', file: { path: 'f.npz', span: spanOn(3) } } },
      FIELDS.map((field) => ({ ...field, shape: [...field.shape] })),
    ),
    memoryReader({ 'f.npz': file }),
    1,
  );

const FILES = {
  'unused.npy': encodeNpy([1], 'f32', [0]),
  'x.npy': encodeNpy([3, 2], 'f32', [1, 2, 3, 4, 5, 6]),
  'label.npy': encodeNpy([3], 'i32', [7, 8, 9]),
};

describe('npz', () => {
  test.each([
    ['stored', {}],
    ['deflated', { deflate: true }],
    ['with a comment', { comment: 'made by hand' }],
  ])('%s', async (_, options) => {
    const dataset = await open(zipFile(FILES, options));
    expect([...dataset.splits]).toEqual([['train', 3]]);
    expect(values(dataset, 'train', 'x', [2, 0], 2, 'f32')).toEqual([5, 6, 1, 2]);
    expect(values(dataset, 'train', 'label', [2, 0], 1)).toEqual([9, 7]);
  });

  test('cut anywhere', async () => {
    const whole = zipFile(FILES, { deflate: true });
    for (let length = 2; length < whole.length; length++)
      expect(await failureText(() => open(whole.slice(0, length))), String(length)).toMatch(
        /^E0403 3: f.npz is cut off/,
      );
  });

  test('any byte of an array changed', async () => {
    const whole = zipFile(FILES, { deflate: true });
    const start = whole.length - 22 - 3 * 46 - 'unused.npyx.npylabel.npy'.length;
    for (let at = start - 60; at < start; at += 7) {
      const damaged = whole.with(at, (whole[at] ?? 0) ^ 0x55);
      expect(await failureText(() => open(damaged)), String(at)).toMatch(
        /^E0402 3: f.npz is damaged: label.npy/,
      );
    }
  });

  test('encrypted', async () => {
    expect(await failureText(() => open(zipFile(FILES, { encrypted: true })))).toMatch(
      /^E0901 3: .*encrypted/,
    );
  });

  test('arrays of different lengths', async () => {
    const file = zipFile({ ...FILES, 'label.npy': encodeNpy([2], 'u32', [0, 1]) });
    expect(await failureText(() => open(file))).toBe(
      'E0406 2: f.npz/x.npy has 3 records, f.npz/label.npy has 2',
    );
  });
});

test('CRC-32 is zlib’s', () => {
  for (const text of ['', 'a', '123456789', 'x'.repeat(1000)])
    expect(crc32(utf8(text))).toBe(zlibCrc32(text));
});

test('CRC-32 of the check string', () => {
  expect(crc32(utf8('123456789'))).toBe(0xcbf43926);
});
