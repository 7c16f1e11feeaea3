import { describe, expect, test } from 'vitest';
import type { Dataset } from '../../runtime/data/dataset.ts';
import { openDataset } from '../../runtime/data/open-dataset.ts';
import type { DataTables } from '../../runtime/data/tables.ts';
import { CodePoints } from '../../runtime/data/utf8.ts';
import type { FieldSpec, SourceFiles, StorageType, TokensSpec } from '../../runtime/plan-format.ts';
import { fileSpec, gzipped, memoryReader, spanOn, upTo, utf8, values } from './memory-reader.ts';
import { failureText } from '../support/failure.ts';

const text = (path: string, tokens: TokensSpec): SourceFiles => ({
  format: 'text',
  file: { path, span: spanOn(3) },
  tokens,
});

interface WindowOptions {
  shift?: number;
  stride?: number;
  storage?: StorageType;
  below?: number;
}

const window = (name: string, length: number, options: WindowOptions = {}): Omit<FieldSpec, 'span'> => {
  const { shift = 0, stride = 1, storage = 'u32', ...rest } = options;
  return { name, shape: [length], storage, origin: { kind: 'window', length, shift, stride }, ...rest };
};

interface Options {
  tokens?: TokensSpec;
  fields?: Omit<FieldSpec, 'span'>[];
  splits?: [string, number][];
  other?: string;
  tables?: DataTables;
}

function open(content: string | Uint8Array, options: Options = {}): Promise<Dataset> {
  const { tokens = { kind: 'chars' }, fields = [window('x', 3)], splits = [], other, tables } = options;
  const files: Record<string, Uint8Array> = { f: typeof content === 'string' ? utf8(content) : content };
  if (other !== undefined) files['g'] = utf8(other);
  const sources = { all: text('f', tokens), ...(other === undefined ? {} : { test: text('g', tokens) }) };
  return openDataset(fileSpec(sources, fields, splits), memoryReader(files), 1, { tables });
}

/** All tokens of a split, by windows of one token. */
async function tokensOf(content: string | Uint8Array, options: Options = {}): Promise<number[]> {
  const dataset = await open(content, { ...options, fields: [window('x', 1)] });
  return values(dataset, 'train', 'x', upTo(dataset.splits.get('train') ?? 0), 1);
}

describe('tokens', () => {
  test('characters in the order of their code points', async () => {
    const dataset = await open('b😀aé\n￿');
    expect(dataset.tables?.vocabulary).toEqual({ kind: 'chars', characters: '\nabé￿😀' });
    expect(await tokensOf('b😀aé\n￿')).toEqual([2, 5, 1, 3, 0, 4]);
    expect(await tokensOf(utf8('\uFEFFab'))).toEqual([0, 1]);
    expect(await tokensOf(gzipped(utf8('ba')))).toEqual([1, 0]);
  });

  test('more than 256 and more than 65,536 characters', async () => {
    for (const count of [1000, 70_000]) {
      // From U+10000 on, so that no surrogate is met.
      const points = upTo(count).map((i) => 0x10000 + i);
      const content = points.map((point) => String.fromCodePoint(point)).join('');
      expect(await tokensOf(content)).toEqual(upTo(count));
    }
  });

  test('words by how often they occur, then by alphabet', async () => {
    const tokens = { kind: 'words' } as const;
    const content = ' the cat\n\tthe dog and\r\n the dog,  a cat';
    const dataset = await open(content, { tokens });
    expect(dataset.tables?.vocabulary).toEqual({
      kind: 'words',
      words: ['the', 'cat', 'a', 'and', 'dog', 'dog,'],
    });
    expect(await tokensOf(content, { tokens })).toEqual([0, 1, 0, 4, 3, 0, 5, 2, 1]);
  });

  test('words(n) keeps n - 1 and gives the others the last number', async () => {
    const tokens = { kind: 'words', limit: 3 } as const;
    const content = 'the cat the dog and the cat';
    expect(await tokensOf(content, { tokens })).toEqual([0, 1, 0, 2, 2, 0, 1]);
    const dataset = await open(content, { tokens, other: 'the owl the cat', fields: [window('x', 4)] });
    expect(values(dataset, 'test', 'x', [0], 4)).toEqual([0, 2, 0, 1]);
    const fewer = await open('a b', {
      tokens: { kind: 'words', limit: 9 },
      other: 'a c',
      fields: [window('x', 2)],
    });
    expect(values(fewer, 'test', 'x', [0], 2)).toEqual([0, 8]);
  });

  test('bytes as they are, whatever they are', async () => {
    const fields = [window('x', 4, { storage: 'u8' })];
    const dataset = await open(Uint8Array.of(0xef, 0xbb, 0xbf, 255, 0), {
      tokens: { kind: 'bytes' },
      fields,
    });
    expect(values(dataset, 'train', 'x', [0, 1], 4, 'u8')).toEqual([
      0xef, 0xbb, 0xbf, 255, 0xbb, 0xbf, 255, 0,
    ]);
    expect(dataset.tables?.vocabulary).toEqual({ kind: 'bytes' });
  });

  test('the vocabulary of trained weights stands in place of the text’s', async () => {
    const tables: DataTables = { categories: {}, vocabulary: { kind: 'chars', characters: 'abcdef' } };
    expect(await tokensOf('fed', { tables })).toEqual([5, 4, 3]);
    expect(await failureText(() => open('fedg', { tables }))).toBe(
      'E0405 3: f, line 1, character 4: the character "g" (U+0067) is not in the vocabulary of the training text',
    );
    expect(await failureText(() => open('fed', { tables, tokens: { kind: 'words' } }))).toBe(
      'E0405 3: the weights were trained on chars, and f is read as words',
    );
  });
});

describe('windows', () => {
  test('one record starts `stride` tokens behind the other', async () => {
    const fields = [window('x', 3, { stride: 2 }), window('y', 3, { shift: 1, stride: 2 })];
    const dataset = await open('abcdefghi', { fields });
    expect(dataset.splits.get('train')).toBe(3);
    expect(values(dataset, 'train', 'x', [0, 1, 2], 3)).toEqual([0, 1, 2, 2, 3, 4, 4, 5, 6]);
    expect(values(dataset, 'train', 'y', [2, 0], 3)).toEqual([5, 6, 7, 1, 2, 3]);
  });

  test('every token is used where the text is as long as its windows', async () => {
    for (const [length, stride] of [
      [8, 1],
      [8, 4],
      [9, 4],
      [4, 1],
    ] as const) {
      const dataset = await open('abcdefghi'.slice(0, length), {
        fields: [window('x', 3, { shift: 1, stride })],
      });
      expect(dataset.splits.get('train')).toBe(Math.floor((length - 4) / stride) + 1);
    }
  });

  test('a text is divided at its tail, in the order of the splits, and no window crosses a cut', async () => {
    const content = upTo(100)
      .map((i) => String.fromCodePoint(0x100 + i))
      .join('');
    const splits: [string, number][] = [
      ['valid', 0.2],
      ['test', 0.1],
    ];
    const dataset = await open(content, { splits, fields: [window('x', 4)] });
    const spans = ['train', 'valid', 'test'].map((split) => {
      const count = dataset.splits.get(split) ?? 0;
      const all = values(dataset, split, 'x', upTo(count), 4);
      return [count, Math.min(...all), Math.max(...all)];
    });
    expect(spans).toEqual([
      [67, 0, 69],
      [17, 70, 89],
      [7, 90, 99],
    ]);
  });

  test('another file has its own records and the same vocabulary', async () => {
    const dataset = await open('abcabc', { other: 'cba', fields: [window('x', 2)] });
    expect([...dataset.splits]).toEqual([
      ['train', 5],
      ['test', 2],
    ]);
    expect(values(dataset, 'test', 'x', [0, 1], 2)).toEqual([2, 1, 1, 0]);
  });

  test('a code that the program has no room for', async () => {
    const fields = [window('x', 2, { below: 9 }), window('y', 2, { below: 2 })];
    expect(await failureText(() => open('ab\nba\nc', { fields }))).toBe(
      'E0405 4: f, line 1, character 2, column y: the character "b" (U+0062) is token 2, and the program has room for 2, 0 to 1',
    );
  });

  test('a megabyte', async () => {
    const content = 'To be, or not to be.\n'.repeat(50_000);
    const dataset = await open(content, {
      fields: [window('x', 64), window('y', 64, { shift: 1 })],
      splits: [['valid', 0.1]],
    });
    expect(dataset.splits.get('train')).toBe(945_000 - 64);
    expect(dataset.splits.get('valid')).toBe(105_000 - 64);
  });
});

describe('UTF-8', () => {
  const points = (bytes: Uint8Array): { points: number[]; broken: boolean } => {
    const reader = new CodePoints(bytes, 0);
    const found: number[] = [];
    for (let point = reader.next(); point >= 0; point = reader.next()) found.push(point);
    return { points: found, broken: reader.broken };
  };

  test('every length at its limits', () => {
    const limits = [0, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff];
    expect(points(utf8(String.fromCodePoint(...limits)))).toEqual({ points: limits, broken: false });
  });

  test.each([
    [0x80],
    [0xc0, 0x80],
    [0xc1, 0xbf],
    [0xc3],
    [0xc3, 0x28],
    [0xe0, 0x80, 0x80],
    [0xed, 0xa0, 0x80],
    [0xe2, 0x82],
    [0xf0, 0x80, 0x80, 0x80],
    [0xf4, 0x90, 0x80, 0x80],
    [0xf8, 0x88, 0x80, 0x80],
    [0xff],
  ])('%i … is refused, as TextDecoder refuses it', (...bytes) => {
    const text = Uint8Array.from(bytes);
    expect(() => new TextDecoder('utf-8', { fatal: true }).decode(text)).toThrow();
    expect(points(text).broken).toBe(true);
  });
});
