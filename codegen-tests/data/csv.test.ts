import { describe, expect, test } from 'vitest';
import { ByteTable, compareBytes } from '../../runtime/data/byte-table.ts';
import { parseNumber } from '../../runtime/data/numbers-in-text.ts';
import type { Dataset } from '../../runtime/data/dataset.ts';
import { openDataset } from '../../runtime/data/open-dataset.ts';
import { tablesFromMetadata, tablesToMetadata, type DataTables } from '../../runtime/data/tables.ts';
import type { FieldOrigin, FieldSpec, SourceFiles } from '../../runtime/plan-format.ts';
import { fileSpec, gzipped, memoryReader, spanOn, upTo, utf8, values } from './memory-reader.ts';
import { failureText } from '../support/failure.ts';

const csv = (path: string, options: { header?: boolean; delimiter?: string } = {}): SourceFiles => ({
  format: 'csv',
  file: { path, span: spanOn(3) },
  header: options.header ?? true,
  delimiter: options.delimiter ?? ',',
});

const field = (
  name: string,
  origin: FieldOrigin,
  extra: Partial<FieldSpec> = {},
): Omit<FieldSpec, 'span'> => ({
  name,
  shape: [],
  storage: 'f32',
  origin,
  ...extra,
});
const column = (name: string | number, extra: Partial<FieldSpec> = {}): Omit<FieldSpec, 'span'> =>
  field('x', { kind: 'columns', columns: [name] }, extra);
const KIND = field('kind', { kind: 'category', column: 'kind' }, { storage: 'u32' });

async function read(text: string, wanted: Omit<FieldSpec, 'span'>, options = {}): Promise<number[]> {
  const dataset = await openDataset(
    fileSpec({ train: csv('f', options) }, [wanted]),
    memoryReader({ f: utf8(text) }),
    1,
  );
  const count = dataset.splits.get('train') ?? 0;
  const size = wanted.shape.reduce((a, b) => a * b, 1);
  return values(dataset, 'train', wanted.name, upTo(count), size, wanted.storage);
}

describe('csv', () => {
  test.each([
    ['a plain file', 'a,b\n1,2\n3,4\n'],
    ['no line end at the end', 'a,b\n1,2\n3,4'],
    ['CRLF', 'a,b\r\n1,2\r\n3,4\r\n'],
    ['a byte order mark', '\uFEFFa,b\n1,2\n3,4\n'],
    ['quotes', '"a","b"\n"1","2"\n3,"4"\n'],
    ['blanks around numbers and names', 'a, b \n1, 2\n3,\t4 \n'],
    ['empty lines', '\na,b\n\n1,2\n\r\n3,4\n\n'],
    ['delimiters, quotes and line ends in cells', 'x,b\n"1,""5""\r\n",2\n"\n",4\n'],
  ])('%s', async (_, text) => {
    expect(await read(text, column('b'))).toEqual([2, 4]);
  });

  test('by position, from both ends, without a header', async () => {
    const text = '1;2;3\n4;5;6\n';
    const options = { header: false, delimiter: ';' };
    expect(await read(text, column(1), options)).toEqual([2, 5]);
    expect(await read(text, column(-1), options)).toEqual([3, 6]);
    expect(await read(text, column(0), { delimiter: ';' })).toEqual([4]);
  });

  test('several columns in the order asked for, and a range of them', async () => {
    const text = 'a,b,c,d\n1,2,3,4\n5,6,7,8\n';
    const some = field('x', { kind: 'columns', columns: ['d', 'a'] }, { shape: [2] });
    expect(await read(text, some)).toEqual([4, 1, 8, 5]);
    const range = field('x', { kind: 'column_range', first: 'b', count: 3 }, { shape: [3] });
    expect(await read(text, range)).toEqual([2, 3, 4, 6, 7, 8]);
    const beyond = field('x', { kind: 'column_range', first: 'c', count: 3 }, { shape: [3] });
    expect(await failureText(() => read(text, beyond))).toBe(
      'E0216 4: f has 2 columns from that one on, not 3',
    );
  });

  test('whole numbers, and what is none', async () => {
    const whole = column('a', { storage: 'u32' });
    expect(await read('a\n7\n4e3\n4294967295\n', whole)).toEqual([7, 4000, 4294967295]);
    expect(await failureText(() => read('a\n7\n\n2.5\n', whole))).toMatch(
      /^E0405 4: f, record 1 \(counting from 0, line 4\), column a: 2.5 is not a whole number/,
    );
    expect(await read('a\n1e400\n-inf\n', column('a'))).toEqual([Infinity, -Infinity]);
    expect(await failureText(() => read('a\n1e39\n', column('a')))).toMatch(
      /1e\+39 is beyond the range of f32/,
    );
  });

  test('gzipped', async () => {
    const dataset = await openDataset(
      fileSpec({ train: csv('f') }, [column('a')]),
      memoryReader({ f: gzipped(utf8('a\n1.5\n')) }),
      1,
    );
    expect(values(dataset, 'train', 'x', [0], 1, 'f32')).toEqual([1.5]);
  });

  test('hundreds of thousands of rows', async () => {
    const rows = Array.from({ length: 200_000 }, (_, i) => `${i},name ${i % 50},${i / 8}`).join('\n');
    const fields = [column('a'), KIND];
    const dataset = await openDataset(
      fileSpec({ all: csv('f') }, fields, [['valid', 0.1]]),
      memoryReader({ f: utf8(`i,kind,a\n${rows}`) }),
      1,
    );
    expect([...dataset.splits]).toEqual([
      ['train', 180_000],
      ['valid', 20_000],
    ]);
    expect(dataset.tables?.categories['kind']).toHaveLength(50);
  });
});

describe('numbers in text', () => {
  const parse = (text: string): number | undefined => parseNumber(utf8(text), 0, utf8(text).length);

  test.each([
    '0',
    '-0',
    '+5',
    '.5',
    '5.',
    '1e3',
    '1E-3',
    '-1.25e+2',
    '123456789012345678901234567890',
    '1e-320',
    '0.1',
  ])('%s', (text) => expect(parse(text)).toBe(Number(text)));
  test.each(['', '-', '.', 'e5', '1e', '1e+', '1 2', '0x10', '1,5', 'one', '1_000', '--1', 'in', 'toString'])(
    '%s is none',
    (text) => expect(parse(text)).toBeUndefined(),
  );
  test('as JavaScript rounds them', () => {
    let state = 1;
    const draw = (): number => (state = Math.imul(state, 48271) >>> 1) / 2 ** 31;
    for (let i = 0; i < 3000; i++) {
      const exponent = Math.floor(60 * draw() - 30);
      const text = `${(draw() * 10).toFixed(Math.floor(18 * draw()))}${draw() < 0.5 ? '' : `e${exponent}`}`;
      expect(parse(text), text).toBe(Number(text));
    }
  });
});

describe('categories', () => {
  const open = (
    files: Record<string, string>,
    split: number | undefined,
    tables?: DataTables,
  ): Promise<Dataset> =>
    openDataset(
      fileSpec(
        { train: csv('f'), ...('g' in files ? { test: csv('g') } : {}) },
        [KIND],
        split === undefined ? [] : [['valid', split]],
      ),
      memoryReader(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, utf8(text)]))),
      1,
      { tables },
    );

  test('in the order of code points', async () => {
    const dataset = await open({ f: 'kind\ncat\n"b,""c"\nDog\ncat\nélan\n' }, undefined);
    expect(dataset.tables?.categories).toEqual({ kind: ['Dog', 'b,"c', 'cat', 'élan'] });
    expect(values(dataset, 'train', 'kind', upTo(5), 1)).toEqual([2, 1, 0, 2, 3]);
  });

  test('numbers in their own order', async () => {
    const dataset = await open({ f: 'kind\n10\n9\n-1\n10.5\n' }, undefined);
    expect(dataset.tables?.categories).toEqual({ kind: ['-1', '9', '10', '10.5'] });
  });

  test('are those of the training part alone', async () => {
    const plain = `kind\n${'a\nb\n'.repeat(20)}`;
    const valid = await open({ f: plain }, 0.2);
    expect(valid.splits.get('valid')).toBe(8);
    // Every record is once the only one of its category: it is known where it fell into the training part.
    const outcomes = await Promise.all(
      upTo(40).map((i) => {
        const lines = plain.split('\n');
        lines[i + 1] = 'rare';
        const opened = open({ f: lines.join('\n') }, 0.2);
        return opened.then(
          () => undefined,
          () => failureText(opened),
        );
      }),
    );
    expect(outcomes.filter((outcome) => outcome === undefined)).toHaveLength(32);
    const refused = outcomes
      .map((outcome, i) => [i, outcome] as const)
      .filter(([, text]) => text !== undefined);
    for (const [i, text] of refused) {
      expect(text).toBe(
        `E0405 4: f, record ${i} (counting from 0, line ${i + 2}), column kind: the category "rare" in the split valid does not occur in the training split`,
      );
    }
  });

  test('of trained weights stand in place of those of the file', async () => {
    const files = { f: 'kind\nb\na\n', g: 'kind\nb\n' };
    const tables = { categories: { kind: ['c', 'b', 'a'] } };
    const dataset = await open(files, undefined, tables);
    expect(values(dataset, 'train', 'kind', [0, 1], 1)).toEqual([1, 2]);
    expect(dataset.tables).toEqual(tables);
    expect(await failureText(() => open({ ...files, g: 'kind\nd\n' }, undefined, tables))).toMatch(
      /^E0405 4: g, record 0 .*the category "d" is none of those that the weights were trained with$/,
    );
  });

  test('one split of another file needs the training file, unless the weights have the tables', async () => {
    const spec = fileSpec({ train: csv('f'), test: csv('g') }, [KIND]);
    const reader = memoryReader({ g: utf8('kind\na\n') });
    expect(await failureText(() => openDataset(spec, reader, 1, { only: ['test'] }))).toMatch(/^E0401/);
    const tables = { categories: { kind: ['a'] } };
    const dataset = await openDataset(spec, reader, 1, { only: ['test'], tables });
    expect([...dataset.splits]).toEqual([['test', 1]]);
    const alone = fileSpec({ test: csv('g') }, [KIND]);
    expect(await failureText(() => openDataset(alone, reader, 1))).toMatch(
      /^E0408 2: there is no training split/,
    );
  });

  test('pass through the metadata of a weights file', () => {
    const tables: DataTables = {
      categories: { kind: ['a', '"', 'é'] },
      vocabulary: { kind: 'words', words: ['the', 'of'], unknown: 2 },
    };
    expect(tablesFromMetadata(tablesToMetadata(tables), 'w')).toEqual(tables);
    expect(tablesToMetadata({ categories: {} })).toEqual({});
    expect(tablesFromMetadata({}, 'w')).toBeUndefined();
  });

  test.each(['', '[]', '{"categories":3}', '{"categories":{"a":[1]}}', '{"categories":{},"vocabulary":{}}'])(
    'broken metadata: %s',
    async (text) => {
      expect(await failureText(() => tablesFromMetadata({ netc_data: text }, 'w'))).toMatch(
        /^E0502 -: w: its tables/,
      );
    },
  );
});

test('a byte table numbers what it sees by first occurrence', () => {
  const table = new ByteTable();
  const words = Array.from({ length: 5000 }, (_, i) => utf8(`w${i % 1000}`));
  expect(words.map((word) => table.intern(word))).toEqual(words.map((_, i) => i % 1000));
  expect(table.size).toBe(1000);
  expect(table.find(utf8('w999'))).toBe(999);
  expect(table.find(utf8('w1000'))).toBe(-1);
  expect(new TextDecoder().decode(table.bytes(12))).toBe('w12');
  expect(compareBytes(utf8('ab'), utf8('abc'))).toBeLessThan(0);
});
