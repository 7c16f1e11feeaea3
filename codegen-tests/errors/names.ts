/** One mistake each: names, declarations, arguments, files that are used. */
import type { WrongProgram } from './wrong-program.ts';

export const NAMES: readonly WrongProgram[] = [
  {
    name: 'unknown-layer',
    program: `model net: x[B, 4] -> [B, 2] {
  h = x -> dence(8)
  return h -> dense(2)
}
`,
    code: 'E0205',
    at: [2, 12],
  },
  {
    name: 'name-of-another-library',
    program: `model net: x[B, 4] -> [B, 2] {
  return matmul(x, x.T) -> dense(2)
}
`,
    code: 'E0205',
    at: [2, 10],
  },
  {
    name: 'schedule-as-a-layer',
    program: `model net: x[B, 4] -> [B, 2] {
  return x -> linear(2)
}
`,
    code: 'E0213',
    at: [2, 10],
  },
  {
    name: 'class-of-another-library',
    program: `model net: x[B, T, 4] -> [B, T, 4] {
  return x -> MultiHeadAttention(2)
}
`,
    code: 'E0205',
    at: [2, 15],
  },
  {
    name: 'unknown-function',
    program: `model net: x[B, 4] -> [B, 2] {
  return x -> dense(2) -> rellu
}
`,
    code: 'E0205',
    at: [2, 27],
  },
  {
    name: 'unknown-name',
    program: `let WIDTH = 8
model net: x[B, 4] -> [B, 2] {
  h = x -> dense(WIDHT)
  return h -> dense(2)
}
`,
    code: 'E0201',
    at: [3, 18],
  },
  {
    name: 'unknown-name-in-a-layer-that-nobody-uses',
    program: `layer twice: x[B, N] -> [B, N] {
  return x + y
}
`,
    code: 'E0201',
    at: [2, 14],
  },
  {
    name: 'used-before-it-is-bound',
    program: `model net: x[B, 4] -> [B, 2] {
  y = h -> dense(2)
  h = x -> dense(8)
  return y
}
`,
    code: 'E0203',
    at: [2, 7],
  },
  {
    name: 'declared-twice',
    program: `let A = 3
fn A(x) = x
`,
    code: 'E0202',
    at: [2, 4],
  },
  {
    name: 'parameter-twice',
    program: `fn scaled(x, by, by) = x * by
`,
    code: 'E0202',
    at: [1, 18],
  },
  {
    name: 'constant-that-is-the-batch',
    program: `let B = 32
`,
    code: 'E0202',
    at: [1, 5],
  },
  {
    name: 'two-parts-of-one-name',
    program: `model net: x[B, 4] -> [B, 4] {
  h = x -> fc: dense(8) -> relu
  return h -> fc: dense(4)
}
`,
    code: 'E0202',
    at: [3, 15],
  },
  {
    name: 'two-weights-of-one-name',
    program: `model net: x[B, 4] -> [B, 4] {
  param w[4] = ones(), w[4] = zeros()
  return x * w
}
`,
    code: 'E0202',
    at: [2, 24],
  },
  {
    name: 'wrong-argument-name',
    program: `model net: x[B, 4] -> [B, 2] {
  return x -> dense(2, bais = false)
}
`,
    code: 'E0210',
    at: [2, 24],
  },
  {
    name: 'wrong-argument-of-an-own-layer',
    program: `layer block(width: int): x[B, N] -> [B, width] {
  return x -> dense(width)
}
model net: x[B, 4] -> [B, 2] {
  return x -> block(widht = 2)
}
`,
    code: 'E0210',
    at: [5, 21],
  },
  {
    name: 'too-many-arguments',
    program: `model net: x[B, 4] -> [B, 4] {
  return x -> dropout(0.1, 0.2)
}
`,
    code: 'E0211',
    at: [2, 28],
  },
  {
    name: 'argument-missing',
    program: `model net: x[B, 4] -> [B, 2] {
  return x -> dense()
}
`,
    code: 'E0212',
    at: [2, 15],
  },
  {
    name: 'argument-of-a-fn-missing',
    program: `fn scaled(x, by) = x * by
model net: x[B, 4] -> [B, 4] {
  return x -> scaled
}
`,
    code: 'E0212',
    at: [3, 15],
  },
  {
    name: 'argument-twice',
    program: `model net: x[B, 4] -> [B, 2] {
  return x -> dense(2, units = 2)
}
`,
    code: 'E0218',
    at: [2, 24],
  },
  {
    name: 'model-called-with-too-many-tensors',
    program: `data d {
  x[B, 4]
  batch = 8
}
model net: x[B, 4] -> [B, 2] {
  return x -> dense(2)
}
train on d {
  steps = 1
  step {
    loss = mean(net(x, x))
    minimize loss with adam()
  }
}
`,
    code: 'E0211',
    at: [11, 24],
  },
  {
    name: 'tensor-given-to-a-layer-as-an-argument',
    program: `model net: x[B, 4] -> [B, 2] {
  return dense(x, 2)
}
`,
    code: 'E0222',
    at: [2, 16],
  },
  {
    name: 'number-that-is-called',
    program: `let A = 3
model net: x[B, 4] -> [B, 4] {
  return A(x)
}
`,
    code: 'E0222',
    at: [3, 10],
  },
  {
    name: 'unknown-member',
    program: `model net: x[B, 4] -> [B, 4] {
  return x * x.size
}
`,
    code: 'E0226',
    at: [2, 16],
  },
  {
    name: 'unknown-dtype',
    program: `model net: x[B, 4] f23 -> [B, 4] {
  return x
}
`,
    code: 'E0201',
    at: [1, 20],
  },
  {
    name: 'unknown-type-of-a-parameter',
    program: `layer block(width: integer): x[B, N] -> [B, width] {
  return x -> dense(width)
}
`,
    code: 'E0201',
    at: [1, 20],
  },
  {
    name: 'fn-that-calls-itself',
    program: `fn down(x) = down(x) + 1
model net: x[B, 4] -> [B, 4] {
  return down(x)
}
`,
    code: 'E0224',
    at: [1, 14],
  },
  {
    name: 'layer-that-calls-itself',
    program: `layer deep: x[B, N] -> [B, N] {
  return x -> dense(N) -> deep
}
model net: x[B, 4] -> [B, 4] {
  return x -> deep
}
`,
    code: 'E0224',
    at: [2, 27],
  },
  {
    name: 'constants-that-need-each-other',
    program: `let A = C + 1
let C = A * 2
`,
    code: 'E0224',
    at: [1, 9],
  },
  {
    name: 'nothing-returned',
    program: `model net: x[B, 4] -> [B, 2] {
  y = x -> dense(2)
}
`,
    code: 'E0227',
    at: [1, 7],
  },
  {
    name: 'used-file-missing',
    program: 'use "layers/blocks.net"\n',
    code: 'E0225',
    at: [1, 5],
  },
  {
    name: 'used-files-in-a-circle',
    program: `use "a.net"
let A = 1
`,
    files: { 'a.net': 'use "b.net"\nlet X = 1\n', 'b.net': 'let Y = 2\nuse "a.net"\n' },
    code: 'E0224',
    in: 'b.net',
    at: [2, 5],
  },
  {
    name: 'mistake-in-a-used-file',
    program: `use "blocks.net"
model net: x[B, 4] -> [B, 4] {
  return x -> block
}
`,
    files: { 'blocks.net': 'layer block: x[B, N] -> [B, N] {\n  return x -> dens(N)\n}\n' },
    code: 'E0205',
    in: 'blocks.net',
    at: [2, 15],
  },
  {
    name: 'set-of-an-unknown-constant',
    program: `let WIDTH = 8
let DEPTH = 2
`,
    command: ['check', '--set', 'WIDHT=16'],
    code: 'E0201',
    at: null,
  },
];
