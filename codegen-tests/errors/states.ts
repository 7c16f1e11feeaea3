/** One mistake each: layer state and its updates, averages, instances, what several steps share. */
import type { WrongProgram } from './wrong-program.ts';

/** A layer with this body, from line 2, used by a model and a step; its input is `x[B, 4]`. */
const layer = (...lines: string[]): string => `layer seen: x[B, N] -> [B, N] {
${lines.map((line) => `  ${line}\n`).join('')}}
model net: x[B, 4] -> [B, 3] { return x -> seen -> dense(3) }
${TRAIN}`;

const TRAIN = `data d {
  x[B, 4]
  y[B, 3]
  batch = 8
}
train on d {
  steps = 10
  step {
    loss = mse(net(x), y)
    minimize loss with sgd(lr = 0.1)
  }
}
`;

export const STATES: readonly WrongProgram[] = [
  {
    name: 'update-without-a-state',
    program: layer('update count = 1', 'return x'),
    code: 'E0201',
    at: [2, 10],
  },
  {
    name: 'update-of-a-misspelt-state',
    program: layer('state count[1] = zeros()', 'update coumt = count + 1', 'return x'),
    code: 'E0201',
    at: [3, 10],
  },
  {
    name: 'update-of-a-weight',
    program: layer('param w[N] = ones()', 'update w = 2 * w', 'return x * w'),
    code: 'E0213',
    at: [3, 10],
  },
  {
    name: 'update-of-another-shape',
    program: layer('state last[N] = zeros()', 'update last = x', 'return x'),
    code: 'E0204',
    at: [3, 17],
  },
  {
    name: 'update-of-integers',
    program: layer('state last[N] = zeros()', 'update last = u32(x[0])', 'return x'),
    code: 'E0209',
    at: [3, 17],
  },
  {
    name: 'state-that-starts-as-a-tensor',
    program: layer('state m[N] = random.normal(N)', 'return x + m'),
    code: 'E0213',
    at: [2, 16],
  },
  { name: 'state-without-a-start', program: layer('state m[N]', 'return x + m'), code: 'E0212', at: [2, 9] },
  {
    name: 'state-as-large-as-the-batch',
    program: layer('state m[B, N] = zeros()', 'return x + m'),
    code: 'E0217',
    at: [2, 11],
  },
  {
    name: 'state-named-like-a-weight',
    program: layer('param m[N] = zeros()', 'state m[N] = zeros()', 'return x + m'),
    code: 'E0202',
    at: [3, 9],
  },
  {
    name: 'state-in-a-fn',
    program: `fn f(x) {
  state n[1] = zeros()
  return x + n
}
`,
    code: 'E0108',
    at: [2, 3],
  },
  {
    name: 'update-in-a-step',
    program: `model net: x[B, 4] -> [B, 3] { return x -> dense(3) }
${TRAIN.replace('    minimize', '    update n = 1\n    minimize')}`,
    code: 'E0108',
    at: [11, 5],
  },
  {
    name: 'layers-that-call-each-other',
    program: `layer even: x[B, N] -> [B, N] { return x -> odd }
layer odd: x[B, N] -> [B, N] { return x -> even }
model net: x[B, 4] -> [B, 3] { return x -> even -> dense(3) }
${TRAIN}`,
    code: 'E0224',
    at: [2, 44],
  },
  {
    name: 'normalization-of-one-record',
    program: `model net: x[B, 4] -> [B, 3] { return x -> batchnorm -> dense(3) }
${TRAIN.replace('batch = 8', 'batch = 1')}`,
    code: 'E0220',
    at: [1, 44],
  },
  {
    name: 'frozen-tensor',
    program: `model net: x[B, 4] -> [B, 3] { return x -> dense(3) }
${TRAIN.replace('net(x)', 'frozen(net(x))')}`,
    code: 'E0213',
    at: [10, 23],
  },
  {
    name: 'over-a-stranger',
    program: `model net: x[B, 4] -> [B, 3] { return x -> dense(3) }
${TRAIN.replace('minimize loss', 'minimize loss over critic')}`,
    code: 'E0201',
    at: [11, 24],
  },
  {
    name: 'over-a-part-that-there-is-not',
    program: `model net: x[B, 4] -> [B, 3] { return x -> head: dense(3) }
${TRAIN.replace('minimize loss', 'minimize loss over net.heat')}`,
    code: 'E0226',
    at: [11, 28],
  },
  {
    name: 'average-of-more-than-all',
    program: `model net: x[B, 4] -> [B, 3] { return x -> dense(3) }
${TRAIN.replace('steps = 10', 'steps = 10, ema = 99.9')}`,
    code: 'E0220',
    at: [8, 21],
  },
];
