/** One mistake each about f16: settings, dtypes, numbers that do not fit. */
import type { WrongProgram } from './wrong-program.ts';

const model = (value: string, input: string, output: string, ...before: string[]): string =>
  `model net: ${input} -> ${output} {
${before.map((line) => `  ${line}\n`).join('')}  return ${value}
}
`;

/** Settings from line 10, the step from there on. */
const training = (loss: string, ...lines: string[]): string =>
  `data d {
  x[B, 4] f16
  label[B] u32
  batch = 8
}
model net: x[B, 4] -> logits[B, 3] {
  return x -> dense(3)
}
train on d {
${lines.map((line) => `  ${line}\n`).join('')}  step {
    loss = ${loss}
    minimize loss with adam()
  }
}
`;

const LOSS = 'cross_entropy(net(f32(x)), label)';

export const HALF_PRECISION: readonly WrongProgram[] = [
  {
    name: 'precision-of-64-bits',
    program: training(LOSS, 'steps = 10', 'precision = f64'),
    code: 'E0213',
    at: [11, 15],
  },
  {
    name: 'precision-as-text',
    program: training(LOSS, 'steps = 10', 'precision = "f16"'),
    code: 'E0213',
    at: [11, 15],
  },
  {
    name: 'precision-twice',
    program: training(LOSS, 'precision = f16', 'precision = f32', 'steps = 10'),
    code: 'E0218',
    at: [11, 3],
  },
  {
    name: 'half-into-a-model-of-f32',
    program: training('cross_entropy(net(x), label)', 'steps = 10'),
    code: 'E0209',
    at: [12, 30],
  },
  {
    name: 'loss-of-half-precision',
    program: training('sum(x)', 'steps = 10'),
    code: 'E0209',
    at: [13, 14],
  },
  {
    name: 'weight-of-half-precision',
    program: model('x', 'x[B, 4] f16', '[B, 4] f16', 'param w[4] f16 = zeros()'),
    code: 'E0209',
    at: [2, 14],
  },
  {
    name: 'half-and-single-in-a-sum',
    program: model('x + f32(x)', 'x[B, 4] f16', '[B, 4]'),
    code: 'E0209',
    at: [2, 10],
  },
  {
    name: 'half-and-single-in-a-product',
    program: model('x @ w', 'x[B, 4] f16', '[B, 2]', 'param w[4, 2] = zeros()'),
    code: 'E0209',
    at: [3, 10],
  },
  {
    name: 'half-where-single-is-declared',
    program: model('x * 2', 'x[B, 4] f16', '[B, 4]'),
    code: 'E0208',
    at: [2, 10],
  },
  {
    name: 'number-too-large-for-half',
    program: model('x * 1e5', 'x[B, 4] f16', '[B, 4] f16'),
    code: 'E0220',
    at: [2, 14],
  },
  {
    name: 'cast-of-a-number-too-large-for-half',
    program: model('x + f16(70_000)', 'x[B, 4] f16', '[B, 4] f16'),
    code: 'E0220',
    at: [2, 18],
  },
];
