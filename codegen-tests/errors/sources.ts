/** One mistake each: csv, text and npz as a program asks for them. No file is read. */
import type { WrongProgram } from './wrong-program.ts';

const data = (...lines: string[]): string => `data d {
${lines.map((line) => `  ${line}\n`).join('')}  batch = 2
}
`;

const CSV = 'from train = csv("f.csv")';
const TEXT = 'from train = text("f.txt")';

export const SOURCES: readonly WrongProgram[] = [
  { name: 'csv-column-without-an-expression', program: data(CSV, 'x[B]'), code: 'E0201', at: [3, 3] },
  {
    name: 'window-of-a-csv',
    program: data(CSV, 'x[B, 4] u32 = window(4)'),
    code: 'E0213',
    at: [3, 17],
  },
  {
    name: 'csv-column-of-a-text',
    program: data(TEXT, 'x[B] = column("age")'),
    code: 'E0213',
    at: [3, 10],
  },
  {
    name: 'column-by-name-without-a-header',
    program: data('from train = csv("f.csv", header = false)', 'x[B] = column("age")'),
    code: 'E0220',
    at: [3, 10],
  },
  {
    name: 'column-by-a-fraction',
    program: data(CSV, 'x[B] = column(1.5)'),
    code: 'E0213',
    at: [3, 17],
  },
  {
    name: 'columns-of-nothing',
    program: data(CSV, 'x[B, 2] = columns()'),
    code: 'E0212',
    at: [3, 13],
  },
  {
    name: 'more-columns-than-declared',
    program: data(CSV, 'x[B, 2] = columns("a", "b", "c")'),
    code: 'E0208',
    at: [3, 13],
  },
  {
    name: 'category-that-is-declared-f32',
    program: data(CSV, 'label[B] = category("species")'),
    code: 'E0208',
    at: [3, 14],
  },
  {
    name: 'delimiter-of-two-characters',
    program: data('from train = csv("f.csv", delimiter = "::")', 'x[B] = column("age")'),
    code: 'E0220',
    at: [2, 41],
  },
  {
    name: 'column-in-a-step',
    program: `${data(CSV, 'x[B] = column("age")')}model net: x[B] -> [B] {
  return x -> unsqueeze(1) -> dense(1) -> squeeze(1)
}
train on d {
  steps = 1
  step {
    loss = mse(net(x), column("height"))
    minimize loss with adam()
  }
}
`,
    code: 'E0222',
    at: [12, 24],
  },
  {
    name: 'windows-of-different-strides',
    program: data(TEXT, 'x[B, 4] u32 = window(4, stride = 4)', 'y[B, 4] u32 = window(4, shift = 1)'),
    code: 'E0220',
    at: [4, 17],
  },
  { name: 'window-of-no-tokens', program: data(TEXT, 'x[B, 4] u32 = window(0)'), code: 'E0220', at: [3, 24] },
  {
    name: 'shift-to-the-left',
    program: data(TEXT, 'x[B, 4] u32 = window(4, shift = -1)'),
    code: 'E0220',
    at: [3, 35],
  },
  {
    name: 'tokens-that-are-none',
    program: data('from train = text("f.txt", tokens = "chars")', 'x[B, 4] u32 = window(4)'),
    code: 'E0213',
    at: [2, 39],
  },
  {
    name: 'texts-of-different-tokens',
    program: data(TEXT, 'from test = text("g.txt", tokens = bytes())', 'x[B, 4] u32 = window(4)'),
    code: 'E0220',
    at: [3, 8],
  },
  {
    name: 'one-word',
    program: data('from train = text("f.txt", tokens = words(1))', 'x[B, 4] u32 = window(4)'),
    code: 'E0220',
    at: [2, 45],
  },
  {
    name: 'standardized-twice',
    program: data(CSV, 'x[B, 2] = columns("a", "b") -> standardize -> standardize'),
    code: 'E0901',
    at: [3, 49],
  },
  {
    name: 'standardized-whole-numbers',
    program: data(CSV, 'x[B] u32 = category("a") -> standardize'),
    code: 'E0209',
    at: [3, 14],
  },
];
