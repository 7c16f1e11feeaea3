/** Values of builtins that make tensors of others, look up by an index, or follow an equation. */
import type { Row } from './calculating.ts';

export const JOINING_ROWS: Record<string, readonly Row[]> = {
  concat: [
    [
      'concat(matrix, matrix[:, :1])',
      [
        [1, 2, 3, 1],
        [4, 5, 6, 4],
      ],
    ],
    [
      'concat(matrix, matrix[:1], axis = 0)',
      [
        [1, 2, 3],
        [4, 5, 6],
        [1, 2, 3],
      ],
    ],
    ['concat(i, i, axis = 0)', [2, 0, 2, 2, 0, 2], 'u32'],
    ['concat(split(matrix, 3), axis = 0)[:, 0]', [1, 4, 2, 5, 3, 6]],
  ],
  stack: [
    [
      'stack(x[:2], x[2:])',
      [
        [-1.5, -0.5],
        [0.25, 0.75],
      ],
    ],
    [
      'stack(x[:2], x[2:], axis = -1)',
      [
        [-1.5, 0.25],
        [-0.5, 0.75],
      ],
    ],
    ['stack(1, 2.5, 3)', [1, 2.5, 3]],
  ],
  iota: [
    ['iota(4)', [0, 1, 2, 3], 'u32'],
    ['iota(B)', [0, 1, 2], 'u32'],
  ],
  zeros: [['zeros(2, 1)', [[0], [0]]]],
  ones: [
    ['ones(B)', [1, 1, 1]],
    [
      'ones(matrix.shape)',
      [
        [1, 1, 1],
        [1, 1, 1],
      ],
    ],
  ],
  full: [
    ['full(2.5, 2)', [2.5, 2.5]],
    ['full(sum(matrix), 1)', [21]],
    ['full(3, 2, 1)', [[3], [3]], 'f32'],
  ],
  take: [
    [
      'take(matrix, u32(stack(1, 0)))',
      [
        [4, 5, 6],
        [1, 2, 3],
      ],
    ],
    [
      'take(matrix, u32(stack(stack(2, 0), stack(1, 1))), axis = 1)[1]',
      [
        [6, 4],
        [5, 5],
      ],
    ],
    ['take(matrix, 1)', [4, 5, 6]],
    [
      'take(matrix, i, axis = -1)',
      [
        [3, 1, 3],
        [6, 4, 6],
      ],
    ],
  ],
  scatter_add: [
    [
      'scatter_add(zeros(3, 2), u32(stack(2, 0, 2)), ones(3, 2))',
      [
        [1, 1],
        [0, 0],
        [2, 2],
      ],
    ],
    [
      'scatter_add(matrix, u32(stack(1, 1)), full(10, 2, 2), axis = 1)',
      [
        [1, 22, 3],
        [4, 25, 6],
      ],
    ],
  ],
  one_hot: [
    [
      'one_hot(i, 3)',
      [
        [0, 0, 1],
        [1, 0, 0],
        [0, 0, 1],
      ],
      'f32',
    ],
    ['one_hot(2, 4)', [0, 0, 1, 0], 'f32'],
  ],
  gather: [
    [
      'gather(matrix, u32(stack(stack(2, 2), stack(0, 1))), axis = 1)',
      [
        [3, 3],
        [4, 5],
      ],
    ],
    ['gather(matrix, u32(stack(stack(1, 0))), 0)', [[4, 2]]],
    ['gather(x, i, axis = 0)', [0.25, -1.5, 0.25]],
    [
      'gather(r, expand(unsqueeze(i, 1), B, 2), axis = 0)',
      [
        [5, 6],
        [1, 2],
        [5, 6],
      ],
    ],
  ],
  einsum: [
    ['einsum("ij->ji", matrix)[2]', [3, 6]],
    ['einsum("ij->", matrix)', 21],
    ['einsum("i,i", x, x)', 3.125],
    ['einsum("b d, d -> b", r, stack(1, 10))', [21, 43, 65]],
  ],
};
