import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { folderReader } from '../../runtime/node/data-reader.ts';
import type { Dataset } from '../../runtime/data/dataset.ts';
import { encodeNpy } from '../../runtime/data/npy.ts';
import { openDataset, splitNames } from '../../runtime/data/open-dataset.ts';
import type { StorageType } from '../../runtime/plan-format.ts';
import { bytesOf, dataSpec, gzipped, idxFile, memoryReader, npyFile, npyHeader } from './memory-reader.ts';
import { failureText } from '../support/failure.ts';

const IMAGE = { name: 'image', shape: [2, 3], storage: 'u8' as const };
const LABEL = { name: 'label', shape: [], storage: 'u8' as const, below: 10 };

/** `count` images whose bytes tell their record, and labels record % 10. */
const images = (count: number): Uint8Array =>
  idxFile(
    [count, 2, 3],
    Array.from({ length: count * 6 }, (_, i) => (Math.floor(i / 6) * 7 + (i % 6)) % 256),
  );
const labels = (count: number): Uint8Array =>
  idxFile(
    [count],
    Array.from({ length: count }, (_, i) => i % 10),
  );

function copied(
  dataset: Dataset,
  split: string,
  field: string,
  records: number[],
  bytes: number,
): Uint8Array {
  const target = new Uint8Array(bytes);
  dataset.copy(split, field, Uint32Array.from(records), target);
  return target;
}

describe('openDataset', () => {
  test('idx, plain and gzipped, uploaded as bytes', async () => {
    const spec = dataSpec('idx', { train: { image: 'i.gz', label: 'l' } }, [IMAGE, LABEL]);
    const dataset = await openDataset(spec, memoryReader({ 'i.gz': gzipped(images(20)), l: labels(20) }), 1);
    expect([...dataset.splits]).toEqual([['train', 20]]);
    expect([...copied(dataset, 'train', 'image', [3, 0], 12)]).toEqual([
      21, 22, 23, 24, 25, 26, 0, 1, 2, 3, 4, 5,
    ]);
    expect([...copied(dataset, 'train', 'label', [3, 0, 19], 3)]).toEqual([3, 0, 9]);
  });

  test.each([[[2, 3]], [[1, 2, 3]], [[6]], [[2, 1, 3, 1]]])(
    'images of 2 x 3 declared as %j',
    async (shape) => {
      const spec = dataSpec('idx', { train: { image: 'i' } }, [{ ...IMAGE, shape }]);
      const dataset = await openDataset(spec, memoryReader({ i: images(5) }), 1);
      expect(dataset.splits.get('train')).toBe(5);
    },
  );

  test.each([
    ['u1', Uint8Array.of(1, 2, 3, 4, 5, 250), [1, 2, 3, 4, 5, 250]],
    [
      '<f8',
      bytesOf(Float64Array.of(0.5, 0.1, -3, 4, 5, -Infinity)),
      [0.5, Math.fround(0.1), -3, 4, 5, -Infinity],
    ],
    ['<f4', bytesOf(Float32Array.of(0.5, 2, -3, 4, 5, 1e-20)), [0.5, 2, -3, 4, 5, Math.fround(1e-20)]],
    [
      '<i8',
      bytesOf(BigInt64Array.of(1n, 2n, -3n, 4n, 16777216n, 2n ** 40n)),
      [1, 2, -3, 4, 16777216, 2 ** 40],
    ],
    ['<i2', bytesOf(Int16Array.of(1, 2, -3, 4, 5, 6)), [1, 2, -3, 4, 5, 6]],
  ])('npy of %s becomes f32, without scaling', async (descr, content, expected) => {
    const file = npyFile(npyHeader(descr.replace(/^u/, '|u'), '(3, 2)'), content);
    const spec = dataSpec('npy', { train: { x: 'x' } }, [{ name: 'x', shape: [2], storage: 'f32' }]);
    const dataset = await openDataset(spec, memoryReader({ x: file }), 1);
    const target = copied(dataset, 'train', 'x', [0, 1, 2], 24);
    expect([...new Float32Array(target.buffer)]).toEqual(expected);
  });

  test('npy to u32, i32 and bytes; a label may stand in a column of its own', async () => {
    for (const [storage, bytes, expected] of [
      ['u32', 4, Uint32Array.of(200, 0, 7)],
      ['i32', 4, Int32Array.of(200, 0, 7)],
      ['u8', 1, Uint8Array.of(200, 0, 7)],
    ] as const) {
      for (const [descr, content] of [
        ['<i8', bytesOf(BigInt64Array.of(7n, 0n, 200n))],
        ['<f8', bytesOf(Float64Array.of(7, 0, 200))],
        ['<f4', bytesOf(Float32Array.of(7, 0, 200))],
        ['|u1', Uint8Array.of(7, 0, 200)],
      ] as const) {
        const spec = dataSpec('npy', { train: { y: 'y' } }, [{ name: 'y', shape: [], storage }]);
        const file = npyFile(npyHeader(descr, '(3, 1)'), content);
        const dataset = await openDataset(spec, memoryReader({ y: file }), 1);
        expect(copied(dataset, 'train', 'y', [2, 1, 0], 3 * bytes)).toEqual(bytesOf(expected));
      }
    }
  });

  test('a round trip through encodeNpy', async () => {
    const values = Float32Array.from({ length: 12 }, (_, i) => Math.sin(i));
    const spec = dataSpec('npy', { train: { x: 'x' } }, [{ name: 'x', shape: [4], storage: 'f32' }]);
    const dataset = await openDataset(spec, memoryReader({ x: encodeNpy([3, 4], 'f32', values) }), 1);
    expect(new Float32Array(copied(dataset, 'train', 'x', [0, 1, 2], 48).buffer)).toEqual(values);
  });
});

describe('splits', () => {
  const open = (
    seed: number,
    base = 'train',
    splits: [string, number][] = [
      ['valid', 0.1],
      ['extra', 0.26],
    ],
  ) =>
    openDataset(
      dataSpec(
        'idx',
        { [base]: { image: 'i', label: 'l' }, test: { image: 't', label: 'u' } },
        [IMAGE, LABEL],
        splits,
      ),
      memoryReader({ i: images(35), l: labels(35), t: images(4), u: labels(4) }),
      seed,
    );
  /** Which records of the file a split holds: their first byte is 7 times the number. */
  const records = (dataset: Dataset, split: string): number[] => {
    const count = dataset.splits.get(split) ?? 0;
    const order = Array.from({ length: count }, (_, i) => i);
    return [...copied(dataset, split, 'image', order, count * 6)]
      .filter((_, i) => i % 6 === 0)
      .map((b) => b / 7);
  };

  test.each(['train', 'all'])('shares of %s: disjoint, complete, in file order', async (base) => {
    const dataset = await open(3, base);
    expect([...dataset.splits]).toEqual([
      ['train', 22],
      ['valid', 4],
      ['extra', 9],
      ['test', 4],
    ]);
    const parts = ['train', 'valid', 'extra'].map((split) => records(dataset, split));
    for (const part of parts) expect(part).toEqual([...part].sort((a, b) => a - b));
    expect(parts.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: 35 }, (_, i) => i));
    expect(records(dataset, 'test')).toEqual([0, 1, 2, 3]);
  });

  test('columns of one record stay together', async () => {
    const dataset = await open(3);
    const valid = records(dataset, 'valid');
    expect([...copied(dataset, 'valid', 'label', [0, 1, 2, 3], 4)]).toEqual(
      valid.map((record) => record % 10),
    );
  });

  test('the seed decides', async () => {
    expect(records(await open(3), 'valid')).toEqual(records(await open(3), 'valid'));
    expect(records(await open(3), 'valid')).not.toEqual(records(await open(4), 'valid'));
  });

  test('all without a split is train', async () => {
    expect([...(await open(1, 'all', [])).splits]).toEqual([
      ['train', 35],
      ['test', 4],
    ]);
  });

  test('only what is asked for is read', async () => {
    const spec = dataSpec(
      'idx',
      { train: { image: 'missing' }, test: { image: 't' } },
      [IMAGE],
      [['valid', 0.5]],
    );
    const dataset = await openDataset(spec, memoryReader({ t: images(4) }), 1, { only: ['test'] });
    expect([...dataset.splits]).toEqual([['test', 4]]);
    expect(splitNames(spec)).toEqual(['train', 'valid', 'test']);
    const unknown = (): Promise<Dataset> => openDataset(spec, memoryReader({}), 1, { only: ['tset'] });
    expect(await failureText(unknown)).toBe('E0408 1: the data digits has no split tset');
  });

  test.each([
    [[['valid', 0.01]], 'E0407 5: the split valid stays empty: its share of 35 records is less than one'],
    [
      [
        ['valid', 0.8],
        ['extra', 0.4],
      ],
      'E0407 5: the split extra asks for 14 records of 35, and 7 are left',
    ],
  ] as [[string, number][], string][])('shares %j', async (splits, expected) => {
    expect(await failureText(() => open(1, 'train', splits))).toBe(expected);
  });

  test('a name that stands for two splits', async () => {
    expect(await failureText(() => open(1, 'train', [['test', 0.5]]))).toBe(
      'E0202 5: the split test is there already',
    );
    const spec = dataSpec('idx', { train: { image: 'i' }, all: { image: 'i' } }, [IMAGE]);
    expect(await failureText(() => openDataset(spec, memoryReader({ i: images(4) }), 1))).toMatch(
      /^E0202 2:/,
    );
  });

  test('a source with a column that is not declared', async () => {
    const spec = dataSpec('idx', { train: { image: 'i', lable: 'l' } }, [IMAGE]);
    expect(await failureText(() => openDataset(spec, memoryReader({ i: images(4) }), 1))).toBe(
      'E0201 3: the data declares no column lable',
    );
  });

  test('a source without one of the columns', async () => {
    const spec = dataSpec('idx', { train: { image: 'i' } }, [IMAGE, LABEL]);
    expect(await failureText(() => openDataset(spec, memoryReader({ i: images(4) }), 1))).toBe(
      'E0219 2: the source train has no file for the column label',
    );
  });

  test('nothing to divide', async () => {
    expect(await failureText(() => open(1, 'other'))).toMatch(/^E0408 5:/);
  });
});

describe('wrong files', () => {
  const open = (files: Record<string, Uint8Array>): Promise<Dataset> =>
    openDataset(
      dataSpec('idx', { train: { image: 'i.gz', label: 'l.gz' } }, [IMAGE, LABEL]),
      memoryReader(files),
      1,
    );
  const good = { 'i.gz': gzipped(images(20)), 'l.gz': gzipped(labels(20)) };

  test('missing', async () => {
    expect(await failureText(() => open({ 'i.gz': good['i.gz'] }))).toBe('E0401 3: there is no file l.gz');
  });

  test('a file that cannot be read is reported where the program names it', async () => {
    const reader = folderReader(fileURLToPath(new URL('..', import.meta.url)));
    const spec = dataSpec('idx', { train: { image: 'data' } }, [IMAGE]);
    expect(await failureText(() => openDataset(spec, reader, 1))).toMatch(
      /^E0702 3: .*data cannot be read: it is a folder$/,
    );
  });

  test('gzip cut anywhere', async () => {
    for (let length = 0; length < good['l.gz'].length; length++) {
      expect(await failureText(() => open({ ...good, 'l.gz': good['l.gz'].slice(0, length) }))).toMatch(
        /^E0403 3: l.gz is cut off/,
      );
    }
  });

  test('gzip damaged', async () => {
    const damaged = good['i.gz'].with(good['i.gz'].length - 5, (good['i.gz'].at(-5) ?? 0) ^ 1);
    expect(await failureText(() => open({ ...good, 'i.gz': damaged }))).toMatch(/^E0402 3: i.gz is damaged/);
  });

  test('another shape', async () => {
    expect(await failureText(() => open({ ...good, 'i.gz': idxFile([20, 3, 2], new Uint8Array(120)) }))).toBe(
      'E0404 4: i.gz holds records of shape [3, 2]; the column image declares [2, 3]',
    );
    expect(await failureText(() => open({ ...good, 'l.gz': idxFile([20, 2], new Uint8Array(40)) }))).toBe(
      'E0404 4: l.gz holds records of shape [2]; the column label declares []',
    );
  });

  test('a label out of range', async () => {
    const bytes = labels(20).with(8 + 17, 10);
    expect(await failureText(() => open({ ...good, 'l.gz': bytes }))).toBe(
      'E0405 4: l.gz, record 17 (counting from 0), column label: 10 is out of range: there are 10 classes, 0 to 9',
    );
  });

  test('different lengths', async () => {
    expect(await failureText(() => open({ ...good, 'l.gz': labels(19) }))).toBe(
      'E0406 2: i.gz has 20 records, l.gz has 19',
    );
  });

  const npy =
    (storage: StorageType, descr: string, content: Uint8Array, shape = '(2, 2)', below?: number) =>
    () =>
      openDataset(
        dataSpec('npy', { train: { x: 'x.npy' } }, [{ name: 'x', shape: [2], storage, below }]),
        memoryReader({ 'x.npy': npyFile(npyHeader(descr, shape), content) }),
        1,
      );

  test.each([
    [
      'NaN',
      npy('f32', '<f4', bytesOf(Float32Array.of(0, 1, 2, NaN))),
      'record 1 (counting from 0), column x, element [1]: NaN',
    ],
    [
      'NaN in float16',
      npy('f32', '<f2', bytesOf(Uint16Array.of(0, 0x7e00, 0, 0))),
      'record 0 (counting from 0), column x, element [1]: NaN',
    ],
    [
      'NaN for a whole number',
      npy('u32', '<f8', bytesOf(Float64Array.of(0, 1, NaN, 1))),
      'element [0]: NaN is not a whole number',
    ],
    [
      'beyond f32',
      npy('f32', '<f8', bytesOf(Float64Array.of(0, -1e39, 0, 1))),
      '-1e+39 is beyond the range of f32',
    ],
    [
      'not exact in f32',
      npy('f32', '<i4', bytesOf(Int32Array.of(0, 16777217, 0, 1))),
      '16777217 is not exact in f32',
    ],
    [
      'a fraction',
      npy('u32', '<f4', bytesOf(Float32Array.of(0, 1, 2.5, 1))),
      '2.5 is not a whole number from 0 to 4294967295 (u32)',
    ],
    [
      'negative',
      npy('u32', '<i8', bytesOf(BigInt64Array.of(0n, -1n, 0n, 1n))),
      '-1 is not a whole number from 0',
    ],
    [
      'above i32',
      npy('i32', '<u4', bytesOf(Uint32Array.of(0, 2147483648, 0, 1))),
      '2147483648 is not a whole number',
    ],
    [
      'above a byte',
      npy('u8', '<i2', bytesOf(Int16Array.of(0, 256, 0, 1))),
      '256 is not a whole number from 0 to 255',
    ],
    [
      'out of range',
      npy('u32', '<i4', bytesOf(Int32Array.of(0, 1, 2, 3)), '(2, 2)', 3),
      '3 is out of range: there are 3 classes',
    ],
  ])('npy: %s', async (_, work, expected) => {
    const found = await failureText(work);
    expect(found).toMatch(/^E0405 4: x\.npy, record \d \(counting from 0\), column x, element/);
    expect(found).toContain(expected);
  });

  test('npy of another shape', async () => {
    expect(await failureText(npy('f32', '<f4', new Uint8Array(24), '(2, 3)'))).toBe(
      'E0404 4: x.npy holds records of shape [3]; the column x declares [2]',
    );
    expect(await failureText(npy('f32', '<f4', new Uint8Array(4), '()'))).toBe(
      'E0404 4: x.npy holds a single number, not records; the column x declares [2]',
    );
  });
});
