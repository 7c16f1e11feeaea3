/** Values of builtins that move elements, over the tensors of small-tensors.ts. */
import type { Row } from './calculating.ts';

export const MOVEMENT_ROWS: Record<string, readonly Row[]> = {
  reshape: [
    [
      'reshape(matrix, 3, 2)',
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
    ],
    [
      'reshape(matrix, (3, -1))',
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
    ],
    ['reshape(matrix, -1)', [1, 2, 3, 4, 5, 6]],
    ['reshape(cube, cube.shape[0], -1)[1]', [7, 8, 9, 10, 11, 12]],
    ['reshape(r, B * 2)', [1, 2, 3, 4, 5, 6]],
    [
      'reshape(r, 2, B)',
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
    ],
    ['reshape(sum(r), 1, 1)', [[21]]],
  ],
  transpose: [
    [
      'transpose(cube, 2, 0, 1)[0]',
      [
        [1, 3, 5],
        [7, 9, 11],
      ],
    ],
    [
      'matrix.T',
      [
        [1, 4],
        [2, 5],
        [3, 6],
      ],
    ],
    [
      'cube.T[1]',
      [
        [7, 9, 11],
        [8, 10, 12],
      ],
    ],
  ],
  squeeze: [
    ['squeeze(reshape(x, 1, 4, 1), 0)', [[-1.5], [-0.5], [0.25], [0.75]]],
    ['squeeze(reshape(x, 1, 4, 1), (0, -1))', [-1.5, -0.5, 0.25, 0.75]],
  ],
  unsqueeze: [
    ['unsqueeze(x, 0)', [[-1.5, -0.5, 0.25, 0.75]]],
    ['unsqueeze(i, -1)', [[2], [0], [2]], 'u32'],
  ],
  expand: [
    [
      'expand(matrix[:1], 2, 3)',
      [
        [1, 2, 3],
        [1, 2, 3],
      ],
    ],
    [
      'expand(matrix[0], 2, -1)',
      [
        [1, 2, 3],
        [1, 2, 3],
      ],
    ],
    [
      'expand(matrix[0, :2], B, 2)',
      [
        [1, 2],
        [1, 2],
        [1, 2],
      ],
    ],
  ],
  tile: [
    ['tile(matrix[0, :2], 2)', [1, 2, 1, 2]],
    [
      'tile(matrix[0, :2], 2, 2)',
      [
        [1, 2, 1, 2],
        [1, 2, 1, 2],
      ],
    ],
    [
      'tile(matrix, 1, 2)',
      [
        [1, 2, 3, 1, 2, 3],
        [4, 5, 6, 4, 5, 6],
      ],
    ],
  ],
  reverse: [
    [
      'reverse(matrix, 1)',
      [
        [3, 2, 1],
        [6, 5, 4],
      ],
    ],
    [
      'reverse(matrix, (0, 1))',
      [
        [6, 5, 4],
        [3, 2, 1],
      ],
    ],
  ],
  pad: [
    ['pad(x, before = 1, after = 2, value = 9)', [9, -1.5, -0.5, 0.25, 0.75, 9, 9]],
    [
      'pad(matrix, after = (1, 0))',
      [
        [1, 2, 3],
        [4, 5, 6],
        [0, 0, 0],
      ],
    ],
    ['pad(x, before = 3, after = 1, mode = reflect)', [0.75, 0.25, -0.5, -1.5, -0.5, 0.25, 0.75, 0.25]],
    ['pad(x, before = 2, after = 1, mode = edge)', [-1.5, -1.5, -1.5, -0.5, 0.25, 0.75, 0.75]],
    [
      'pad(matrix, before = (1, 2), after = (0, 1), mode = reflect)',
      [
        [6, 5, 4, 5, 6, 5],
        [3, 2, 1, 2, 3, 2],
        [6, 5, 4, 5, 6, 5],
      ],
    ],
    [
      'pad(matrix, before = (1, 0), after = (1, 1), mode = edge)',
      [
        [1, 2, 3, 3],
        [1, 2, 3, 3],
        [4, 5, 6, 6],
        [4, 5, 6, 6],
      ],
    ],
    ['pad(i, before = 1, after = 2, mode = edge)', [2, 2, 0, 2, 2, 2], 'u32'],
    ['pad(u, before = 1, value = 4, mode = constant)', [4, 7, 8, 9], 'u32'],
  ],
  upsample: [
    ['upsample(reshape(x, 1, 1, 4), 2)', [[[-1.5, -1.5, -0.5, -0.5, 0.25, 0.25, 0.75, 0.75]]]],
    ['upsample(reshape(x, 1, 1, 4), 1.5)', [[[-1.5, -1.5, -0.5, 0.25, 0.25, 0.75]]]],
    ['upsample(reshape(x, 1, 1, 4), 0.5)', [[[-1.5, 0.25]]]],
    [
      'upsample(reshape(matrix, 1, 1, 2, 3), (3, 1), mode = nearest)[0, 0]',
      [
        [1, 2, 3],
        [1, 2, 3],
        [1, 2, 3],
        [4, 5, 6],
        [4, 5, 6],
        [4, 5, 6],
      ],
    ],
    ['upsample(reshape(i, 1, 1, B), 2)', [[[2, 2, 0, 0, 2, 2]]], 'u32'],
    // The example of PyTorch's documentation of Upsample.
    [
      'upsample(reshape(stack(1, 2, 3, 4), 1, 1, 2, 2), 2, mode = bilinear)[0, 0]',
      [
        [1, 1.25, 1.75, 2],
        [1.5, 1.75, 2.25, 2.5],
        [2.5, 2.75, 3.25, 3.5],
        [3, 3.25, 3.75, 4],
      ],
    ],
    // Centres at -1/4, 1/4, 3/4 … and, made smaller, at 1/2 and 5/2.
    ['upsample(reshape(stack(0, 4, 8), 1, 1, 3), 2, mode = bilinear)', [[[0, 1, 3, 5, 7, 8]]]],
    ['upsample(reshape(x, 1, 1, 4), 0.5, mode = bilinear)', [[[-1, 0.5]]]],
    ['upsample(reshape(x, 1, 1, 4), 1, mode = bilinear)', [[[-1.5, -0.5, 0.25, 0.75]]]],
  ],
};
