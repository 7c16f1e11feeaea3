/** One mistake each: settings, steps, what is minimized and watched. */
import type { WrongProgram } from './wrong-program.ts';

/** Eight lines; what follows starts at line 9. */
const HEAD = `data d {
  x[B, 4]
  label[B] u32
  batch = 8
}
model net: x[B, 4] -> logits[B, 3] {
  return x -> hidden: dense(8) -> relu -> out: dense(3)
}
`;

/** HEAD, then a train block whose step starts at line 11 and its body at line 12. */
const step = (...lines: string[]): string =>
  `${HEAD}train on d {
  steps = 10
  step {
${lines.map((line) => `    ${line}\n`).join('')}  }
}
`;

/** A train block with these settings, from line 10. */
const settings = (...lines: string[]): string =>
  `${HEAD}train on d {
${lines.map((line) => `  ${line}\n`).join('')}  step {
    loss = cross_entropy(net(x), label)
    minimize loss with adam()
  }
}
`;

export const TRAINING: readonly WrongProgram[] = [
  {
    name: 'unknown-setting-of-train',
    program: settings('steps = 10', 'sede = 3'),
    code: 'E0206',
    at: [11, 3],
  },
  { name: 'setting-twice', program: settings('steps = 10', 'steps = 20'), code: 'E0218', at: [11, 3] },
  {
    name: 'epochs-and-steps',
    program: settings('epochs = 10', 'steps = 20'),
    code: 'E0218',
    at: [11, 3],
  },
  { name: 'neither-epochs-nor-steps', program: settings('seed = 1'), code: 'E0219', at: [9, 10] },
  { name: 'float-where-steps-are-due', program: settings('steps = 1e3'), code: 'E0213', at: [10, 11] },
  { name: 'no-epoch-at-all', program: settings('epochs = 0'), code: 'E0220', at: [10, 12] },
  { name: 'unit-that-does-not-fit', program: settings('epochs = 100 steps'), code: 'E0213', at: [10, 12] },
  {
    name: 'train-on-unknown-data',
    program: `data mnist {
  x[B, 4]
  batch = 8
}
model net: x[B, 4] -> [B, 1] {
  return x -> dense(1)
}
train on minst {
  steps = 1
  step {
    loss = mean(net(x))
    minimize loss with adam()
  }
}
`,
    code: 'E0201',
    at: [8, 10],
  },
  {
    name: 'train-without-a-step',
    program: `${HEAD}train on d {
  steps = 10
}
`,
    code: 'E0219',
    at: [9, 10],
  },
  {
    name: 'unknown-column',
    program: step('loss = cross_entropy(net(x), lable)', 'minimize loss with adam()'),
    code: 'E0201',
    at: [12, 34],
  },
  {
    name: 'unknown-model',
    program: step('loss = cross_entropy(nett(x), label)', 'minimize loss with adam()'),
    code: 'E0205',
    at: [12, 26],
  },
  {
    name: 'unknown-optimizer',
    program: step('loss = cross_entropy(net(x), label)', 'minimize loss with adm(lr = 1e-3)'),
    code: 'E0205',
    at: [13, 24],
  },
  {
    name: 'optimizer-missing-in-a-pipe',
    program: step('loss = cross_entropy(net(x), label)', 'minimize loss with clip_norm(1.0)'),
    code: 'E0304',
    at: [13, 24],
  },
  {
    name: 'transform-after-the-optimizer',
    program: step('loss = cross_entropy(net(x), label)', 'minimize loss with adam() -> clip_norm(1.0)'),
    code: 'E0304',
    at: [13, 34],
  },
  {
    name: 'not-an-optimizer',
    program: step('loss = cross_entropy(net(x), label)', 'minimize loss with relu'),
    code: 'E0304',
    at: [13, 24],
  },
  {
    name: 'argument-of-an-optimizer',
    program: step('loss = cross_entropy(net(x), label)', 'minimize loss with adam(rate = 1e-3)'),
    code: 'E0210',
    at: [13, 29],
  },
  {
    name: 'learning-rate-that-is-missing',
    program: step('loss = cross_entropy(net(x), label)', 'minimize loss with sgd()'),
    code: 'E0212',
    at: [13, 24],
  },
  {
    name: 'minimize-without-weights',
    program: step('loss = mean(x)', 'minimize loss with adam()'),
    code: 'E0301',
    at: [13, 14],
  },
  {
    name: 'minimize-over-what-it-does-not-depend-on',
    program: `${HEAD}model other: x[B, 4] -> [B, 1] {
  return x -> dense(1)
}
train on d {
  steps = 10
  step {
    loss = cross_entropy(net(x), label)
    metric other = mean(other(x))
    minimize loss over other with adam()
  }
}
`,
    code: 'E0301',
    at: [17, 24],
  },
  {
    name: 'over-something-without-weights',
    program: step('loss = cross_entropy(net(x), label)', 'minimize loss over x with adam()'),
    code: 'E0213',
    at: [13, 24],
  },
  {
    name: 'no-derivative',
    program: step('loss = mean(f32(argmax(net(x))))', 'minimize loss with adam()'),
    code: 'E0302',
    at: [12, 21],
  },
  {
    name: 'no-derivative-of-a-comparison',
    program: step('loss = mean(net(x) > 0)', 'minimize loss with adam()'),
    code: 'E0302',
    at: [12, 17],
  },
  {
    name: 'gradient-of-a-tensor',
    program: step('slope = grad(net(x), x)', 'loss = mean(slope)', 'minimize loss with adam()'),
    code: 'E0303',
    at: [12, 18],
  },
  {
    name: 'loss-that-is-not-a-scalar',
    program: step('loss = cross_entropy(net(x), label, reduce = none)', 'minimize loss with adam()'),
    code: 'E0303',
    at: [13, 14],
  },
  {
    name: 'metric-that-is-not-a-scalar',
    program: step(
      'loss = cross_entropy(net(x), label)',
      'metric accuracy = argmax(net(x)) == label',
      'minimize loss with adam()',
    ),
    code: 'E0303',
    at: [13, 23],
  },
  {
    name: 'metric-twice',
    program: step(
      'loss = cross_entropy(net(x), label)',
      'metric size = mean(net(x))',
      'metric size = mean(x)',
      'minimize loss with adam()',
    ),
    code: 'E0202',
    at: [14, 12],
  },
  { name: 'step-that-reports-nothing', program: step('y = net(x)'), code: 'E0219', at: [11, 3] },
  {
    name: 'steps-of-one-name',
    program: `${HEAD}train on d {
  steps = 10
  step a {
    loss = cross_entropy(net(x), label)
    minimize loss with adam()
  }
  step a {
    loss = cross_entropy(net(x), label)
    minimize loss with adam()
  }
}
`,
    code: 'E0202',
    at: [15, 8],
  },
  {
    name: 'layer-made-in-a-step',
    program: step('loss = mean(x -> dense(1))', 'minimize loss with adam()'),
    code: 'E0222',
    at: [12, 22],
  },
  {
    name: 'weights-before-the-first-call',
    program: step('loss = l2(net) + mean(net(x))', 'minimize loss with adam()'),
    code: 'E0203',
    at: [12, 15],
  },
  {
    name: 'watched-number-that-nobody-reports',
    program: settings('steps = 10', 'save = best(valid.acuracy, to = "out/best.safetensors")'),
    code: 'E0201',
    at: [11, 15],
  },
  {
    name: 'pattern-that-matches-no-weight',
    program: step(
      'loss = cross_entropy(net(x), label)',
      'minimize loss with adamw(decay = 0.1, decay_on = "*.wieght")',
    ),
    code: 'E0201',
    at: [13, 54],
  },
  {
    name: 'warmup-longer-than-the-run',
    program: step(
      'loss = cross_entropy(net(x), label)',
      'minimize loss with adam(lr = cosine(1e-3, warmup = 20, over = 10))',
    ),
    code: 'E0220',
    at: [13, 56],
  },
  {
    name: 'betas-that-are-one-number',
    program: step('loss = cross_entropy(net(x), label)', 'minimize loss with adam(betas = 0.9)'),
    code: 'E0213',
    at: [13, 37],
  },
  {
    name: 'save-without-a-path',
    program: settings('steps = 10', 'save = every(1 epoch)'),
    code: 'E0212',
    at: [11, 10],
  },
  {
    name: 'save-that-is-no-rule',
    program: settings('steps = 10', 'save = "out/net.safetensors"'),
    code: 'E0213',
    at: [11, 10],
  },
  {
    name: 'keep-without-a-number-in-the-path',
    program: settings('steps = 10', 'save = every(1 epoch, to = "out/net.safetensors", keep = 3)'),
    code: 'E0220',
    at: [11, 10],
  },
  {
    name: 'train-of-a-program-without-data-files',
    program: settings('steps = 10'),
    command: ['train'],
    code: 'E0305',
    at: [1, 6],
  },
  {
    name: 'train-of-a-program-that-does-not-train',
    program: HEAD,
    command: ['train'],
    code: 'E0219',
    at: null,
  },
];
