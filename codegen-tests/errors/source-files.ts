/** One mistake each: csv, text and npz files that do not hold what the program asks for. */
import { encodeNpy } from '../../runtime/data/npy.ts';
import { zipFile } from '../data/zip-file.ts';
import type { WrongProgram } from './wrong-program.ts';

const train = ['train', '--steps', '1'] as const;

/** Line 2 is the first source. */
const table = (sources: readonly string[], x: string, label: string): string => `data d {
  ${sources.join('\n  ')}
  x[B, 2]${x}
  label[B] u32${label}
  batch = 2
}
model net: x[B, 2] -> logits[B, 3] {
  return x -> fc: dense(3)
}
train on d {
  steps = 1
  step {
    loss = cross_entropy(net(x), label)
    minimize loss with adam()
  }
}
`;

const csv = (x = 'columns("a", "b")', label = 'category("kind")', ...sources: string[]): string =>
  table(sources.length > 0 ? sources : ['from train = csv("f.csv")'], ` = ${x}`, ` = ${label}`);

const rows = (...lines: string[]): Record<string, string> => ({
  'f.csv': ['a,b,kind', ...lines, ''].join('\n'),
});
const GOOD = ['1,2,cat', '3,4,dog', '5,6,emu', '7,8,cat'] as const;

const npz = (): string => table(['from train = npz("f.npz")'], '', '');
const x = encodeNpy([2, 2], 'f32', [1, 2, 3, 4]);
const label = encodeNpy([2], 'u32', [0, 1]);
const GOOD_ZIP = { 'x.npy': x, 'label.npy': label };

/** `room` is the size of the vocabulary in the program. */
const text = (options: { sources?: string[]; room?: number } = {}): string => `data d {
  ${(options.sources ?? ['from train = text("f.txt")']).join('\n  ')}
  x[B, 4] u32 = window(4)
  y[B, 4] u32 = window(4, shift = 1)
  batch = 2
}
model net: x[B, 4] u32 -> [B, 4, ${options.room ?? 8}] {
  return x -> tok: embedding(${options.room ?? 8}, 4) -> fc: dense(${options.room ?? 8})
}
train on d {
  steps = 1
  step {
    loss = cross_entropy(net(x), y)
    minimize loss with adam()
  }
}
`;

const CASES: readonly Omit<WrongProgram, 'command'>[] = [
  { name: 'csv-missing', program: csv(), files: {}, code: 'E0401', at: [2, 20] },
  {
    name: 'csv-without-a-column',
    program: csv('columns("a", "bb")'),
    files: rows(...GOOD),
    code: 'E0201',
    at: [3, 13],
  },
  {
    name: 'csv-with-too-few-columns',
    program: csv('columns(0, 3)'),
    files: rows(...GOOD),
    code: 'E0216',
    at: [3, 13],
  },
  {
    name: 'csv-with-two-columns-of-a-name',
    program: csv('columns("a", "b")'),
    files: { 'f.csv': 'a,b,b,kind\n1,2,3,cat\n' },
    code: 'E0202',
    at: [3, 13],
  },
  {
    name: 'csv-with-ragged-rows',
    program: csv(),
    files: rows('1,2,cat', '3,4,dog,7', '5,6,emu'),
    code: 'E0404',
    at: [2, 20],
  },
  {
    name: 'csv-with-words-for-numbers',
    program: csv(),
    files: rows('1,2,cat', '"3","four\nand a half",dog', '5,6,emu'),
    code: 'E0405',
    at: [3, 13],
  },
  {
    name: 'csv-with-an-empty-cell',
    program: csv(),
    files: rows('1,2,cat', '3,,dog', '5,6,emu'),
    code: 'E0405',
    at: [3, 13],
  },
  {
    name: 'csv-with-nan',
    program: csv(),
    files: rows('1,2,cat', '3,NaN,dog', '5,6,emu'),
    code: 'E0405',
    at: [3, 13],
  },
  {
    name: 'csv-label-out-of-range',
    program: csv('columns("a", "b")', 'column("kind")'),
    files: rows('1,2,0', '3,4,3', '5,6,1'),
    code: 'E0405',
    at: [4, 18],
  },
  {
    name: 'csv-with-a-quote-left-open',
    program: csv(),
    files: { 'f.csv': 'a,b,kind\n1,2,cat\n3,4,"dog\n5,6,emu\n' },
    code: 'E0403',
    at: [2, 20],
  },
  {
    name: 'csv-with-text-behind-a-quote',
    program: csv(),
    files: { 'f.csv': 'a,b,kind\n1,2,"cat"s\n' },
    code: 'E0402',
    at: [2, 20],
  },
  {
    name: 'category-only-in-the-test-split',
    program: csv(undefined, undefined, 'from train = csv("f.csv")', 'from test = csv("g.csv")'),
    files: { ...rows(...GOOD), 'g.csv': 'a,b,kind\n1,2,cat\n1,2,owl\n' },
    code: 'E0405',
    at: [5, 18],
  },
  {
    name: 'more-categories-than-classes',
    program: csv(),
    files: rows(...GOOD, '1,1,fox'),
    code: 'E0405',
    at: [4, 18],
  },
  {
    name: 'npz-without-the-array',
    program: npz(),
    files: { 'f.npz': zipFile({ 'x.npy': x, 'lable.npy': label }) },
    code: 'E0201',
    at: [4, 3],
  },
  { name: 'npz-that-is-no-zip', program: npz(), files: { 'f.npz': x }, code: 'E0402', at: [2, 20] },
  {
    name: 'npz-cut-off',
    program: npz(),
    files: { 'f.npz': zipFile(GOOD_ZIP).slice(0, -30) },
    code: 'E0403',
    at: [2, 20],
  },
  {
    name: 'npz-damaged',
    program: npz(),
    files: { 'f.npz': zipFile(GOOD_ZIP).with(30 + 5 + 20 + 128 + 2, 77) },
    code: 'E0402',
    at: [2, 20],
  },
  {
    name: 'npz-of-zip64',
    program: npz(),
    files: { 'f.npz': zipFile(GOOD_ZIP, { zip64: true }) },
    code: 'E0901',
    at: [2, 20],
  },
  {
    name: 'npz-packed-by-bzip2',
    program: npz(),
    files: { 'f.npz': zipFile(GOOD_ZIP, { method: 12 }) },
    code: 'E0901',
    at: [2, 20],
  },
  {
    name: 'npz-of-another-shape',
    program: npz(),
    files: { 'f.npz': zipFile({ ...GOOD_ZIP, 'x.npy': encodeNpy([2, 3], 'f32', [1, 2, 3, 4, 5, 6]) }) },
    code: 'E0404',
    at: [3, 3],
  },
  {
    name: 'text-shorter-than-a-window',
    program: text(),
    files: { 'f.txt': 'abcd' },
    code: 'E0407',
    at: [2, 8],
  },
  {
    name: 'split-shorter-than-a-window',
    program: text({ sources: ['from all = text("f.txt")', 'split valid = 10%'] }),
    files: { 'f.txt': 'abcdefgh'.repeat(5) },
    code: 'E0407',
    at: [3, 9],
  },
  {
    name: 'text-with-more-characters-than-room',
    program: text({ room: 5 }),
    files: { 'f.txt': 'abcde\nabcdef' },
    code: 'E0405',
    at: [3, 17],
  },
  {
    name: 'character-outside-of-the-vocabulary',
    program: text({ sources: ['from train = text("f.txt")', 'from test = text("g.txt")'] }),
    files: { 'f.txt': 'abcdefgabcdefg', 'g.txt': 'abcdef\nabc' },
    code: 'E0405',
    at: [3, 20],
  },
  {
    name: 'text-that-is-not-utf-8',
    program: text(),
    files: { 'f.txt': Uint8Array.of(97, 98, 10, 99, 0xff, 97, 98) },
    code: 'E0402',
    at: [2, 21],
  },
];

export const SOURCE_FILES: readonly WrongProgram[] = CASES.map((wrong) => ({ ...wrong, command: train }));
