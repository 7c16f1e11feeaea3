/** One mistake each: look-ups by an index, equations, padding, enlarging. */
import type { WrongProgram } from './wrong-program.ts';

/** The expression starts in column 10 of line 4. */
const model = (expression: string, output = '[...]'): string => `model net: x[B, 4] -> ${output} {
  param w[4, 3] = glorot()
  i = u32(x)
  return ${expression}
}
`;

export const LOOK_UPS: readonly WrongProgram[] = [
  { name: 'take-past-the-end', program: model('x + take(w, 4)[0]'), code: 'E0216', at: [4, 22] },
  { name: 'take-by-floats', program: model('take(w, x)'), code: 'E0209', at: [4, 18] },
  { name: 'gather-of-another-rank', program: model('gather(x, i[:, 0], 1)'), code: 'E0204', at: [4, 20] },
  { name: 'gather-wider-than-its-source', program: model('gather(w, i.T, 0)'), code: 'E0204', at: [4, 20] },
  { name: 'gather-without-an-axis', program: model('gather(x, i)'), code: 'E0212', at: [4, 10] },
  { name: 'top-k-of-more-than-there-are', program: model('top_k(x, 5)'), code: 'E0220', at: [4, 19] },
  { name: 'running-sum-of-no-axis', program: model('cumsum(x, axis = 2)'), code: 'E0215', at: [4, 27] },
  {
    name: 'equation-with-a-wrong-letter',
    program: model('einsum("bi,ij->bk", x, w)'),
    code: 'E0201',
    at: [4, 26],
  },
  {
    name: 'equation-of-other-sizes',
    program: model('einsum("bi,ji->bj", x, w)'),
    code: 'E0204',
    at: [4, 22],
  },
  {
    name: 'equation-with-too-few-axes',
    program: model('einsum("b,ij->bj", x, w)'),
    code: 'E0204',
    at: [4, 18],
  },
  {
    name: 'equation-for-one-operand-more',
    program: model('einsum("bi,ij,j->b", x, w)'),
    code: 'E0212',
    at: [4, 24],
  },
  { name: 'equation-that-is-none', program: model('einsum("bi*ij", x, w)'), code: 'E0213', at: [4, 20] },
  {
    name: 'reflecting-more-than-there-is',
    program: model('pad(w, before = (4, 0), mode = reflect)'),
    code: 'E0220',
    at: [4, 26],
  },
  {
    name: 'padding-with-a-number-at-the-edge',
    program: model('pad(w, before = (1, 0), value = 2, mode = edge)'),
    code: 'E0210',
    at: [4, 42],
  },
  {
    name: 'nine-axes',
    program: model('reshape(x, B, 1, 1, 1, 1, 1, 1, 1, 4)'),
    code: 'E0214',
    at: [4, 10],
  },
  { name: 'enlarging-a-matrix', program: model('upsample(x, 2)'), code: 'E0204', at: [4, 19] },
  {
    name: 'enlarging-by-an-unknown-rule',
    program: model('upsample(reshape(x, B, 1, 4), 2, mode = cubic)'),
    code: 'E0213',
    at: [4, 50],
  },
  {
    name: 'enlarging-to-nothing',
    program: model('upsample(reshape(x, B, 1, 4), 0.1)'),
    code: 'E0220',
    at: [4, 40],
  },
];
