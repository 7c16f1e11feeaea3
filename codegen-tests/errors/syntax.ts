/** One mistake each: characters, brackets, statements, operators. */
import type { WrongProgram } from './wrong-program.ts';

export const SYNTAX: readonly WrongProgram[] = [
  { name: 'unexpected-character', program: 'let A = 3 $ 4\n', code: 'E0101', at: [1, 11] },
  { name: 'string-not-ended', program: 'use "layers.net\nlet A = 1\n', code: 'E0103', at: [1, 5] },
  { name: 'unknown-escape', program: 'use "lay\\qers.net"\n', code: 'E0113', at: [1, 9] },
  { name: 'malformed-number', program: 'let A = 1.5e\n', code: 'E0106', at: [1, 9] },
  { name: 'percent-that-touches-a-number', program: 'let A = 10%3\n', code: 'E0106', at: [1, 9] },
  {
    name: 'missing-bracket',
    program: `model net: x[B, 4] -> [B, 2] {
  h = relu(dense(8)(x)
  return h -> dense(2)
}
`,
    code: 'E0104',
    at: [2, 23],
  },
  {
    name: 'missing-square-bracket',
    program: `model net: x[B, 4 -> [B, 2] {
  return x -> dense(2)
}
`,
    code: 'E0104',
    at: [1, 28],
  },
  {
    name: 'missing-brace',
    program: `model net: x[B, 4] -> [B, 2] {
  return x -> dense(2)

let A = 3
`,
    code: 'E0104',
    at: [2, 23],
  },
  {
    name: 'brace-too-many',
    program: `model net: x[B, 4] -> [B, 2] {
  return x -> dense(2)
}
}
`,
    code: 'E0102',
    at: [4, 1],
  },
  {
    name: 'brackets-that-do-not-match',
    program: `model net: x[B, 4] -> [B, 2] {
  return x -> dense(2]
}
`,
    code: 'E0104',
    at: [2, 22],
  },
  {
    name: 'brace-on-the-next-line',
    program: `model net: x[B, 4] -> [B, 2]
{
  return x -> dense(2)
}
`,
    code: 'E0102',
    at: [2, 1],
  },
  {
    name: 'statement-cut-off',
    program: `model net: x[B, 4] -> [B, 2] {
  h = x -> dense(8) ->
}
`,
    code: 'E0105',
    at: [2, 23],
  },
  {
    name: 'binding-without-a-value',
    program: `model net: x[B, 4] -> [B, 2] {
  h =
}
`,
    code: 'E0105',
    at: [2, 6],
  },
  {
    name: 'file-cut-off',
    program: `let A = 3
let B2 = A *`,
    code: 'E0105',
    at: [2, 13],
  },
  {
    name: 'two-statements-on-one-line',
    program: `model net: x[B, 4] -> [B, 2] {
  h = relu(x) return h
}
`,
    code: 'E0102',
    at: [2, 15],
  },
  {
    name: 'two-expressions-side-by-side',
    program: 'let A = 3 4\n',
    code: 'E0102',
    at: [1, 11],
  },
  {
    name: 'declaration-misspelt',
    program: `mdoel net: x[B, 4] -> [B, 2] {
  return x -> dense(2)
}
`,
    code: 'E0102',
    at: [1, 1],
  },
  {
    name: 'assignment-to-a-part',
    program: `model net: x[B, 4] -> [B, 4] {
  x[0] = 3
  return x
}
`,
    code: 'E0107',
    at: [2, 3],
  },
  {
    name: 'assignment-to-a-member',
    program: `model net: x[B, 4] -> [B, 4] {
  x.y = 3
  return x
}
`,
    code: 'E0107',
    at: [2, 3],
  },
  {
    name: 'added-in-place',
    program: `model net: x[B, 4] -> [B, 4] {
  x += 3
  return x
}
`,
    code: 'E0107',
    at: [2, 3],
  },
  {
    name: 'chained-comparison',
    program: `fn inside(x) = 0 < x < 1
`,
    code: 'E0109',
    at: [1, 22],
  },
  {
    name: 'operator-after-a-pipe',
    program: `model net: x[B, 4] -> [B, 4] {
  return x -> relu + x
}
`,
    code: 'E0110',
    at: [2, 20],
  },
  {
    name: 'positional-after-named',
    program: `model net: x[B, 4] -> [B, 4] {
  return x -> dense(units = 4, false)
}
`,
    code: 'E0111',
    at: [2, 32],
  },
  {
    name: 'two-values-without-parentheses',
    program: `model net: x[B, 4] -> (y[B, 2], z[B, 1]) {
  return x -> dense(2), x -> dense(1)
}
`,
    code: 'E0102',
    at: [2, 23],
  },
  { name: 'reserved-word', program: 'let not = 3\n', code: 'E0112', at: [1, 5] },
  {
    name: 'weights-in-a-step',
    program: `data d {
  x[B, 4]
  batch = 8
}
train on d {
  steps = 1
  step {
    param w[4] = zeros()
    loss = mean(x * w)
    minimize loss with sgd(0.1)
  }
}
`,
    code: 'E0108',
    at: [8, 5],
  },
  {
    name: 'step-in-a-model',
    program: `model net: x[B, 4] -> [B, 4] {
  step {
    loss = mean(x)
  }
  return x
}
`,
    code: 'E0108',
    at: [2, 3],
  },
  {
    name: 'minimize-in-a-model',
    program: `model net: x[B, 4] -> [B, 4] {
  minimize mean(x) with adam()
  return x
}
`,
    code: 'E0108',
    at: [2, 3],
  },
];
