/** One mistake each: loops over time. */
import type { WrongProgram } from './wrong-program.ts';

/** Line 2 is the head of the scan, line 3 and on its body. */
const layer = (head: string, body: readonly string[], output = '[B, T, 8]', after = ''): string =>
  `layer cell: x[B, T, D] -> ${output} {
  scan ${head} {
${body.map((line) => `    ${line}\n`).join('')}  }
${after}}
model net: x[B, 12, 4] -> ${output.replace('T', '12')} { return x -> cell }
`;

const HEAD = 'xt in x along T, h[B, 8] = zeros()';

const TRAIN = `data d {
  x[B, 12, 4]
  batch = 8
}
train on d {
  steps = 10
  step {
    loss = mean(net(x) ^ 2)
    minimize loss with sgd(lr = 0.1)
  }
}
`;

export const SCANS: readonly WrongProgram[] = [
  {
    name: 'carry-of-another-shape-at-the-end-of-a-turn',
    program: layer(HEAD, ['h = tanh(h -> dense(16))', 'emit h']),
    code: 'E0204',
    at: [3, 5],
  },
  {
    name: 'carry-that-starts-with-another-shape',
    program: layer('xt in x along T, h[B, 8] = zeros(B, 16)', ['h = h + (xt -> dense(8))', 'emit h']),
    code: 'E0204',
    at: [2, 35],
  },
  {
    name: 'carry-that-becomes-an-integer',
    program: layer(HEAD, ['h = u32(h)', 'emit f32(h)']),
    code: 'E0209',
    at: [3, 5],
  },
  {
    name: 'carry-that-starts-as-random-weights-do',
    program: layer('xt in x along T, h[B, 8] = glorot()', ['h = h + (xt -> dense(8))', 'emit h']),
    code: 'E0213',
    at: [2, 35],
  },
  {
    name: 'sequences-of-different-lengths',
    program: `model net: x[B, T, D], y[B, S] -> [B, T] {
  scan xt in x, yt in y along T, h[B] = zeros() {
    h = h + yt * sum(xt, axis = 1)
    emit h
  }
}
data d {
  x[B, 12, 4]
  y[B, 9]
  batch = 2
}
train on d {
  steps = 1
  step {
    loss = mean(net(x, y))
  }
}
`,
    code: 'E0204',
    at: [2, 23],
  },
  {
    name: 'along-an-axis-that-nothing-has',
    program: `let K = 5
model net: x[B, 12, 4] -> [B, 12] {
  scan xt in x along K, h[B] = zeros() {
    h = h + sum(xt, axis = 1)
    emit h
  }
}
`,
    code: 'E0204',
    at: [3, 14],
  },
  {
    name: 'along-what-is-no-number',
    program: layer('xt in x along x, h[B, 8] = zeros()', ['emit h']),
    code: 'E0213',
    at: [2, 22],
  },
  {
    name: 'along-a-name-that-is-not-there',
    program: layer('xt in x along Time, h[B, 8] = zeros()', ['emit h']),
    code: 'E0201',
    at: [2, 22],
  },
  {
    name: 'scan-without-emit-ends-a-body',
    program: layer(HEAD, ['h = h + (xt -> dense(8))']),
    code: 'E0227',
    at: [2, 3],
  },
  {
    name: 'emit-that-nothing-takes',
    program: layer(HEAD, ['h = h + (xt -> dense(8))', 'emit h'], '[B, 8]', '  return h\n'),
    code: 'E0108',
    at: [2, 3],
  },
  {
    name: 'scan-that-emits-twice',
    program: layer(HEAD, ['h = h + (xt -> dense(8))', 'emit h', 'emit h * 2']),
    code: 'E0202',
    at: [5, 5],
  },
  {
    name: 'name-of-a-turn-after-the-loop',
    program: layer(HEAD, ['inner = xt -> dense(8)', 'h = h + inner'], '[B, 8]', '  return inner\n'),
    code: 'E0201',
    at: [6, 10],
  },
  {
    name: 'inner-scan-whose-emits-nothing-takes',
    program: layer(HEAD, [
      'scan d in xt along D, k[B] = zeros() {',
      '  k = k + d',
      '  emit k',
      '}',
      'h = h + unsqueeze(k, 1)',
      'emit h',
    ]),
    code: 'E0108',
    at: [3, 5],
  },
  {
    name: 'carry-of-an-inner-scan-after-its-turn',
    program: layer(
      HEAD,
      ['scan d in xt along D, k[B] = zeros() { k = k + d }', 'h = h + unsqueeze(k, 1)'],
      '[B, 8]',
      '  return h + unsqueeze(k, 1)\n',
    ),
    code: 'E0201',
    at: [6, 24],
  },
  {
    name: 'scan-along-the-batch',
    program: `model net: x[B, 4] -> [B, 4] {
  scan xt in x along B, h[4] = zeros() {
    h = h + xt
    emit h
  }
}
`,
    code: 'E0217',
    at: [2, 22],
  },
  {
    name: 'gradient-in-a-turn-by-what-made-its-sequence',
    program: `layer cell: x[B, T, D] -> [B, T, D] {
  param w[D] = ones()
  scan xt in x * w along T, h[B, D] = zeros() {
    h = h + grad(sum(h * w * xt), w)
    emit h
  }
}
model net: x[B, 12, 4] -> [B, 12, 4] { return x -> cell }
${TRAIN}`,
    code: 'E0302',
    at: [4, 13],
  },
  {
    name: 'gradient-in-a-turn-by-what-its-carry-started-from',
    program: `layer cell: x[B, T, D] -> [B, T, D] {
  param w[D] = ones()
  scan xt in x along T, fast[D] = w {
    fast = fast - 0.1 * grad(sum((xt * fast) ^ 2), w)
    emit fast + 0 * xt
  }
}
model net: x[B, 12, 4] -> [B, 12, 4] { return x -> cell }
${TRAIN}`,
    code: 'E0302',
    at: [4, 25],
  },
  {
    name: 'emits-two-tensors-in-place-of-three',
    program: `layer cell: x[B, T, D] -> (a[B, T, D], b[B, T, D], c[B, D]) {
  scan xt in x along T, h[B, D] = zeros() {
    h = h + xt
    emit (h, xt)
  }
}
model net: x[B, 12, 4] -> [B, 12, 4] { return x -> cell }
`,
    code: 'E0208',
    at: [4, 10],
  },
  {
    name: 'result-in-a-branch-of-another-shape',
    program: `layer half(all: bool): x[B, N] -> [B, N] {
  if not all { return x[:, 0] }
  return x
}
model net: x[B, 4] -> [B, 4] { return x -> half(false) }
`,
    code: 'E0208',
    at: [2, 23],
  },
];
