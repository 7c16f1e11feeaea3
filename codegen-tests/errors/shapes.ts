/** One mistake each: sizes, shapes, dtypes, axes, indices, what is known at compile time. */
import type { WrongProgram } from './wrong-program.ts';

export const SHAPES: readonly WrongProgram[] = [
  {
    name: 'inner-dimensions-of-a-product',
    program: `model net: x[B, 784] -> [B, 10] {
  param W[128, 10] = glorot()
  return x @ W
}
`,
    code: 'E0204',
    at: [3, 10],
  },
  {
    name: 'shapes-that-do-not-broadcast',
    program: `model net: x[B, 4] -> [B, 4] {
  param b[5] = zeros()
  return x + b
}
`,
    code: 'E0204',
    at: [3, 10],
  },
  {
    name: 'declared-output-shape-does-not-come-out',
    program: `model net: x[B, 784] -> logits[B, 10] {
  return x -> dense(128) -> relu -> dense(100)
}
`,
    code: 'E0208',
    at: [2, 10],
  },
  {
    name: 'declared-output-has-another-rank',
    program: `model net: x[B, 28, 28] -> logits[B, 10] {
  return x -> dense(10)
}
`,
    code: 'E0208',
    at: [2, 10],
  },
  {
    name: 'declared-output-dtype-does-not-come-out',
    program: `model net: x[B, 10] -> label[B] u32 {
  return mean(x, axis = 1)
}
`,
    code: 'E0208',
    at: [2, 10],
  },
  {
    name: 'one-output-in-place-of-two',
    program: `model net: x[B, 4] -> (mean[B, 2], scale[B, 2]) {
  return x -> dense(2)
}
`,
    code: 'E0208',
    at: [2, 10],
  },
  {
    name: 'dimension-bound-to-two-sizes',
    program: `layer add: (a[B, N], b[B, N]) -> [B, N] {
  return a + b
}
model net: x[B, 4] -> [B, 4] {
  h = x -> dense(5)
  both = add()
  return both(x, h)
}
`,
    code: 'E0207',
    at: [7, 18],
  },
  {
    name: 'input-of-another-shape',
    program: `data d {
  image[B, 28, 28]
  label[B] u32
  batch = 8
}
model net: image[B, 784] -> logits[B, 10] {
  return image -> dense(10)
}
train on d {
  steps = 1
  step {
    loss = cross_entropy(net(image), label)
    minimize loss with adam()
  }
}
`,
    code: 'E0204',
    at: [12, 30],
  },
  {
    name: 'shared-instance-with-two-input-sizes',
    program: `model net: x[B, 4] -> [B, 8] {
  shared = dense(8)
  return shared(shared(x))
}
`,
    code: 'E0207',
    at: [3, 10],
  },
  {
    name: 'reshape-of-the-wrong-size',
    program: `model net: x[B, 784] -> [B, 28, 27] {
  return reshape(x, B, 28, 27)
}
`,
    code: 'E0214',
    at: [2, 10],
  },
  {
    name: 'split-into-unequal-parts',
    program: `model net: x[B, 10] -> [B, 3] {
  (a, b, c) = split(x, 3)
  return a + b + c
}
`,
    code: 'E0214',
    at: [2, 24],
  },
  {
    name: 'size-that-does-not-come-out-whole',
    program: `let H = 7
model net: x[B, 4] -> [B, 4] {
  return x -> dense(H / 2) -> dense(4)
}
`,
    code: 'E0213',
    at: [3, 21],
  },
  {
    name: 'float-where-an-integer-is-due',
    program: `model net: x[B, 4] -> [B, 2] {
  return x -> dense(2.0)
}
`,
    code: 'E0213',
    at: [2, 21],
  },
  {
    name: 'integer-tensor-where-a-float-is-due',
    program: `model net: token[B, 4] u32 -> [B, 2] {
  return token -> dense(2)
}
`,
    code: 'E0209',
    at: [2, 10],
  },
  {
    name: 'string-where-a-number-is-due',
    program: `model net: x[B, 4] -> [B, 4] {
  return x -> dropout("0.1")
}
`,
    code: 'E0213',
    at: [2, 23],
  },
  {
    name: 'float-for-an-int-parameter',
    program: `layer block(heads: int): x[B, N] -> [B, N] {
  repeat heads { x = x + 1 }
  return x
}
model net: x[B, 4] -> [B, 4] {
  return x -> block(2.5)
}
`,
    code: 'E0213',
    at: [6, 21],
  },
  {
    name: 'size-that-is-zero',
    program: `model net: x[B, 4] -> [B, 4] {
  return x -> dense(4 - 4) -> dense(4)
}
`,
    code: 'E0220',
    at: [2, 21],
  },
  {
    name: 'label-is-not-u32',
    program: `data d {
  x[B, 4]
  label[B]
  batch = 8
}
model net: x[B, 4] -> logits[B, 3] {
  return x -> dense(3)
}
train on d {
  steps = 1
  step {
    loss = cross_entropy(net(x), label)
    minimize loss with adam()
  }
}
`,
    code: 'E0209',
    at: [12, 34],
  },
  {
    name: 'label-of-another-shape',
    program: `data d {
  x[B, 4]
  label[B, 3] u32
  batch = 8
}
model net: x[B, 4] -> logits[B, 3] {
  return x -> dense(3)
}
train on d {
  steps = 1
  step {
    loss = cross_entropy(net(x), label)
    minimize loss with adam()
  }
}
`,
    code: 'E0204',
    at: [12, 34],
  },
  {
    name: 'dtypes-mixed',
    program: `model net: (x[B, 4], n[B, 4] i32) -> [B, 4] {
  return x * n
}
`,
    code: 'E0209',
    at: [2, 10],
  },
  {
    name: 'condition-of-where-is-a-number',
    program: `model net: x[B, 4] -> [B, 4] {
  return where(x, x, 0)
}
`,
    code: 'E0209',
    at: [2, 16],
  },
  {
    name: 'bool-in-arithmetic',
    program: `model net: x[B, 4] -> [B, 4] {
  return x * (x > 0)
}
`,
    code: 'E0209',
    at: [2, 15],
  },
  {
    name: 'negative-number-for-a-u32',
    program: `model net: n[B, 4] u32 -> [B, 4] u32 {
  return n + -1
}
`,
    code: 'E0220',
    at: [2, 14],
  },
  {
    name: 'index-out-of-range',
    program: `model net: x[B, 4] -> [B] {
  return x[:, 4]
}
`,
    code: 'E0216',
    at: [2, 15],
  },
  {
    name: 'empty-range',
    program: `model net: x[B, 4] -> [B, 4] {
  return x[:, 3:2]
}
`,
    code: 'E0216',
    at: [2, 15],
  },
  {
    name: 'too-many-indices',
    program: `model net: x[B, 4] -> [B] {
  return x[:, 0, 0]
}
`,
    code: 'E0216',
    at: [2, 18],
  },
  {
    name: 'axis-out-of-range',
    program: `model net: x[B, 4] -> [B, 4] {
  return softmax(x, axis = 2)
}
`,
    code: 'E0215',
    at: [2, 28],
  },
  {
    name: 'transpose-of-a-vector',
    program: `model net: x[B] -> [B] {
  return x.T
}
`,
    code: 'E0215',
    at: [2, 12],
  },
  {
    name: 'too-few-names-for-a-tuple',
    program: `model net: x[B, 6] -> [B, 2] {
  (a, b) = split(x, 3)
  return a + b
}
`,
    code: 'E0221',
    at: [2, 3],
  },
  {
    name: 'two-names-for-a-tensor',
    program: `model net: x[B, 6] -> [B, 6] {
  (a, b) = relu(x)
  return a + b
}
`,
    code: 'E0221',
    at: [2, 3],
  },
  {
    name: 'condition-that-is-a-tensor',
    program: `model net: x[B, 4] -> [B, 4] {
  if mean(x) > 0 { x = x + 1 }
  return x
}
`,
    code: 'E0217',
    at: [2, 6],
  },
  {
    name: 'repeat-as-often-as-a-tensor-says',
    program: `model net: x[B, 4] -> [B, 4] {
  repeat sum(x) { x = x + 1 }
  return x
}
`,
    code: 'E0217',
    at: [2, 10],
  },
  {
    name: 'weight-as-large-as-the-batch',
    program: `model net: x[B, 4] -> [B, 4] {
  param w[B, 4] = zeros()
  return x * w
}
`,
    code: 'E0217',
    at: [2, 11],
  },
  {
    name: 'weight-without-an-initializer',
    program: `model net: x[B, 4] -> [B, 4] {
  param w[4]
  return x * w
}
`,
    code: 'E0212',
    at: [2, 9],
  },
  {
    name: 'number-where-a-tensor-is-due',
    program: `model net: x[B, 4] -> [B, 4] {
  return "x" -> relu
}
`,
    code: 'E0213',
    at: [2, 10],
  },
  {
    name: 'heads-that-do-not-divide',
    program: `model net: x[B, 16, 30] -> [B, 16, 30] {
  return x -> attention(4)
}
`,
    code: 'E0220',
    at: [2, 15],
  },
  {
    name: 'concat-of-different-sizes',
    program: `model net: (a[B, 4], b[B, 5]) -> [B, 9] {
  return concat(a, b, axis = 0)
}
`,
    code: 'E0204',
    at: [2, 10],
  },
];
