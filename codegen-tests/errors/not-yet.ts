/** What the language has and the compiler does not do yet: refused by name, at the place that asks for it. */
import type { WrongProgram } from './wrong-program.ts';

const data = (...lines: string[]): string => `data d {
${lines.map((line) => `  ${line}\n`).join('')}}
`;

const train = (...lines: string[]): string => `data d {
  x[B, 4]
  label[B] u32
  batch = 8
}
model net: x[B, 4] -> logits[B, 3] {
  return x -> dense(3)
}
train on d {
${lines.map((line) => `  ${line}\n`).join('')}}
`;

/** All of them are E0901. */
const CASES: readonly Omit<WrongProgram, 'code'>[] = [
  {
    name: 'images',
    program: data('from all = images("photos", size = (32, 32))', 'image[B, 3, 32, 32]', 'batch = 8'),
    at: [2, 14],
  },
  {
    name: 'augment',
    program: data(
      'from train = npy(x = "x.npy")',
      'x[B, 4]',
      'augment x = x + random.normal(B, 4)',
      'batch = 8',
    ),
    at: [4, 3],
  },
  {
    name: 'confusion-metric',
    program: train(
      'steps = 1',
      'step {',
      '  logits = net(x)',
      '  loss = cross_entropy(logits, label)',
      '  metric table = confusion(logits, label)',
      '  minimize loss with adam()',
      '}',
    ),
    at: [14, 20],
  },
];

export const NOT_YET: readonly WrongProgram[] = CASES.map((wrong) => ({ ...wrong, code: 'E0901' }));
