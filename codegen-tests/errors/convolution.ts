/** One mistake each: what convolution and pooling are given. */
import type { WrongProgram } from './wrong-program.ts';

const model = (body: string, input = 'x[B, 3, 28, 28]', output = '[...]'): string =>
  `model net: ${input} -> ${output} {
  return ${body}
}
`;

export const CONVOLUTION: readonly WrongProgram[] = [
  {
    name: 'groups-that-do-not-divide-the-input',
    program: model('x -> conv2d(8, 3, groups = 2)'),
    code: 'E0214',
    at: [2, 37],
  },
  {
    name: 'groups-that-do-not-divide-the-result',
    program: model('x -> conv2d(8, 3, groups = 3)'),
    code: 'E0214',
    at: [2, 37],
  },
  {
    name: 'groups-of-zero',
    program: model('x -> conv2d(8, 3, groups = 0)'),
    code: 'E0220',
    at: [2, 37],
  },
  {
    name: 'kernel-larger-than-its-input',
    program: model('x -> conv2d(8, 31, pad = 1)'),
    code: 'E0214',
    at: [2, 15],
  },
  {
    name: 'dilated-kernel-larger-than-its-input',
    program: model('x -> conv2d(8, 5, dilation = 8)'),
    code: 'E0214',
    at: [2, 15],
  },
  {
    name: 'convolution-of-the-wrong-rank',
    program: model('x -> conv2d(8, 3)', 'x[B, 784]'),
    code: 'E0204',
    at: [2, 10],
  },
  {
    name: 'function-conv-of-a-matrix',
    program: `model net: x[B, 784] -> [...] {
  param W[8, 1, 3] = he()
  return conv(x, W)
}
`,
    code: 'E0204',
    at: [3, 15],
  },
  {
    name: 'weight-of-another-rank',
    program: `model net: x[B, 3, 28, 28] -> [...] {
  param W[8, 3, 3] = he()
  return conv(x, W)
}
`,
    code: 'E0204',
    at: [3, 18],
  },
  {
    name: 'weight-of-other-channels',
    program: `model net: x[B, 3, 28, 28] -> [...] {
  param W[8, 1, 3, 3] = he()
  return conv(x, W)
}
`,
    code: 'E0204',
    at: [3, 18],
  },
  {
    name: 'transposed-weight-in-the-layout-of-a-plain-one',
    program: `model net: x[B, 3, 28, 28] -> [...] {
  param W[8, 3, 3, 3] = he()
  return conv_transpose(x, W)
}
`,
    code: 'E0204',
    at: [3, 28],
  },
  {
    name: 'stride-of-zero',
    program: model('x -> conv2d(8, 3, stride = 0)'),
    code: 'E0220',
    at: [2, 37],
  },
  {
    name: 'stride-for-three-axes',
    program: model('x -> conv2d(8, 3, stride = (1, 2, 1))'),
    code: 'E0213',
    at: [2, 37],
  },
  {
    name: 'pad-of-three-numbers',
    program: model('x -> conv2d(8, 3, pad = (1, 1, 1))'),
    code: 'E0213',
    at: [2, 34],
  },
  {
    name: 'pad-below-zero',
    program: model('x -> conv2d(8, 3, pad = -1)'),
    code: 'E0220',
    at: [2, 34],
  },
  {
    name: 'unknown-word-for-a-pad',
    program: model('x -> conv2d(8, 3, pad = sane)'),
    code: 'E0201',
    at: [2, 34],
  },
  {
    name: 'pad-same-of-a-transposed-convolution',
    program: model('x -> conv_transpose2d(8, 3, pad = same)'),
    code: 'E0213',
    at: [2, 44],
  },
  {
    name: 'output-pad-as-large-as-the-stride',
    program: model('x -> conv_transpose2d(8, 3, stride = 2, output_pad = 2)'),
    code: 'E0220',
    at: [2, 63],
  },
  {
    name: 'padding-that-leaves-nothing',
    program: model('x -> conv_transpose2d(8, 3, pad = 20)'),
    code: 'E0214',
    at: [2, 15],
  },
  {
    name: 'window-larger-than-its-input',
    program: model('x -> maxpool(30)'),
    code: 'E0214',
    at: [2, 15],
  },
  {
    name: 'pad-of-more-than-half-a-window',
    program: model('x -> maxpool(2, pad = 2)'),
    code: 'E0220',
    at: [2, 32],
  },
  {
    name: 'pooling-of-integers',
    program: model('pool_max(x, 2)', 'x[B, 3, 28, 28] u32'),
    code: 'E0209',
    at: [2, 19],
  },
  {
    name: 'size-declared-is-not-what-a-convolution-leaves',
    program: model('x -> conv2d(8, 3)', 'x[B, 3, 28, 28]', '[B, 8, 28, 28]'),
    code: 'E0208',
    at: [2, 10],
  },
];
