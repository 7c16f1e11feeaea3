/** One mistake each: data blocks, their sources, columns and settings. */
import type { WrongProgram } from './wrong-program.ts';

const data = (...lines: string[]): string => `data d {
${lines.map((line) => `  ${line}\n`).join('')}}
`;

export const DATA_BLOCKS: readonly WrongProgram[] = [
  { name: 'unknown-setting-of-data', program: data('x[B, 4]', 'batchsize = 8'), code: 'E0206', at: [3, 3] },
  { name: 'setting-missing-in-data', program: data('x[B, 4]', 'shuffle = true'), code: 'E0219', at: [1, 6] },
  {
    name: 'setting-of-another-kind',
    program: data('x[B, 4]', 'batch = 8, shuffle = 1'),
    code: 'E0213',
    at: [3, 24],
  },
  { name: 'batch-of-zero', program: data('x[B, 4]', 'batch = 0'), code: 'E0220', at: [3, 11] },
  {
    name: 'shares-that-leave-nothing',
    program: data('from all = npy(x = "x.npy")', 'split valid = 50%, test = 50%', 'x[B, 4]', 'batch = 8'),
    code: 'E0220',
    at: [3, 22],
  },
  {
    name: 'share-above-one',
    program: data('from all = npy(x = "x.npy")', 'split valid = 10', 'x[B, 4]', 'batch = 8'),
    code: 'E0220',
    at: [3, 17],
  },
  {
    name: 'split-with-two-meanings',
    program: data(
      'from train = npy(x = "x.npy")',
      'from valid = npy(x = "v.npy")',
      'split valid = 10%',
      'x[B, 4]',
      'batch = 8',
    ),
    code: 'E0202',
    at: [4, 9],
  },
  {
    name: 'split-of-nothing',
    program: data('from test = npy(x = "x.npy")', 'split valid = 10%', 'x[B, 4]', 'batch = 8'),
    code: 'E0408',
    at: [3, 9],
  },
  {
    name: 'column-twice',
    program: data('x[B, 4]', 'x[B, 5]', 'batch = 8'),
    code: 'E0202',
    at: [3, 3],
  },
  {
    name: 'column-without-the-batch',
    program: data('x[4]', 'batch = 8'),
    code: 'E0213',
    at: [2, 5],
  },
  {
    name: 'column-without-a-source',
    program: data('from train = npy(x = "x.npy")', 'x[B, 4]', 'label[B] u32', 'batch = 8'),
    code: 'E0201',
    at: [4, 3],
  },
  {
    name: 'file-without-a-column',
    program: data('from train = npy(x = "x.npy", lable = "y.npy")', 'x[B, 4]', 'batch = 8'),
    code: 'E0201',
    at: [2, 41],
  },
  {
    name: 'source-without-a-file-for-a-column',
    program: data(
      'from train = npy(x = "x.npy", label = "y.npy")',
      'from test = npy(x = "x.npy")',
      'x[B, 4]',
      'label[B] u32',
      'batch = 8',
    ),
    code: 'E0219',
    at: [3, 8],
  },
  {
    name: 'not-a-data-source',
    program: data('from train = "x.npy"', 'x[B, 4]', 'batch = 8'),
    code: 'E0213',
    at: [2, 16],
  },
  {
    name: 'column-expression-of-another-shape',
    program: `data d {
  from train = idx(image = "i.gz")
  image[B, 784] = sum(image, axis = 1)
  batch = 8
}
model net: image[B, 784] -> [B, 1] {
  return image -> dense(1)
}
train on d {
  steps = 1
  step {
    loss = mean(net(image))
    minimize loss with adam()
  }
}
`,
    code: 'E0208',
    at: [3, 19],
  },
];
