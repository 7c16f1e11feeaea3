/** Operators and indexing: values on small tensors, as NumPy has them. */
import { describe, expect, it } from 'vitest';
import { nested, valueOf } from './calculating.ts';
import { columns, weights } from './small-tensors.ts';

describe('operators', () => {
  it.each([
    ['s / 2', [-3, 3, -4], 'i32'],
    ['s % 3', [-1, 1, -2], 'i32'],
    ['u / 2', [3, 4, 4], 'u32'],
    ['u % 4', [3, 0, 1], 'u32'],
    ['u ^ 2', [49, 64, 81], 'u32'],
    ['u ^ i', [49, 1, 81], 'u32'],
    ['s ^ 3', [-343, 343, -512], 'i32'],
    ['u - 8', [2 ** 32 - 1, 0, 1], 'u32'],
    ['-s', [7, -7, 8], 'i32'],
    ['u + 1', [8, 9, 10], 'u32'],
    ['u == 8', [0, 1, 0], 'bool'],
    ['r[:, 0] % 2', [1, 1, 1], 'f32'],
    ['x % 1', [-0.5, -0.5, 0.25, 0.75], 'f32'],
    ['-x ^ 2', [-2.25, -0.25, -0.0625, -0.5625], 'f32'],
    ['positive ^ -0.5', [2, 1, Math.sqrt(0.4), 1 / 3], 'f32'],
    ['2 ^ (x * 2)', [0.125, 0.5, Math.SQRT2, 2 ** 1.5], 'f32'],
    ['x > 0 and x < 0.5', [0, 0, 1, 0], 'bool'],
    ['not (x > 0) or x > 0.5', [1, 1, 0, 1], 'bool'],
    ['(x > 0) == (x < 0.5)', [0, 0, 1, 0], 'bool'],
    ['1 / positive', [4, 1, 0.4, 1 / 9], 'f32'],
    ['full(7 / 2 + 7 % 4 + 2 ^ -1 + 10%, 1)', [7.1], 'f32'],
    [
      'matrix @ matrix.T',
      [
        [14, 32],
        [32, 77],
      ],
      'f32',
    ],
    ['matrix[0] @ matrix[1]', 32, 'f32'],
    ['matrix @ matrix[0]', [14, 32], 'f32'],
    ['matrix[:, 0] @ matrix', [17, 22, 27], 'f32'],
    [
      '(cube @ matrix[:, :2])[1]',
      [
        [39, 54],
        [49, 68],
        [59, 82],
      ],
      'f32',
    ],
    [
      '(cube.T @ cube)[0]',
      [
        [35, 44],
        [44, 56],
      ],
      'f32',
    ],
    [
      '(r @ cube.T)[1]',
      [
        [23, 29, 35],
        [53, 67, 81],
        [83, 105, 127],
      ],
      'f32',
    ],
  ] as const)('%s', (expression, due, dtype) => {
    const found = valueOf(expression, { weights, columns });
    expect(found.dtype).toBe(dtype);
    const flat = [due].flat(3).map(Number);
    found.data.forEach((value, i) => expect(value).toBeCloseTo(flat[i] ?? NaN, 12));
    expect(found.data).toHaveLength(flat.length);
  });
});

describe('indexing', () => {
  it.each([
    ['matrix[0]', [1, 2, 3]],
    ['matrix[-1, -1]', 6],
    ['matrix[:, 1]', [2, 5]],
    [
      'matrix[:, 1:]',
      [
        [2, 3],
        [5, 6],
      ],
    ],
    [
      'matrix[:, :-1]',
      [
        [1, 2],
        [4, 5],
      ],
    ],
    [
      'matrix[:, -2:]',
      [
        [2, 3],
        [5, 6],
      ],
    ],
    [
      'matrix[:, ::2]',
      [
        [1, 3],
        [4, 6],
      ],
    ],
    [
      'matrix[:, 1:99]',
      [
        [2, 3],
        [5, 6],
      ],
    ],
    ['matrix[1:, 0:3:2]', [[4, 6]]],
    [
      'cube[..., 0]',
      [
        [1, 3, 5],
        [7, 9, 11],
      ],
    ],
    ['cube[0, ..., 1]', [2, 4, 6]],
    ['cube[...][1, 1, 1]', 10],
    [
      'cube[:, 1 + 1]',
      [
        [5, 6],
        [11, 12],
      ],
    ],
    ['r[0]', [1, 2]],
    ['r[:, -1]', [2, 4, 6]],
    ['matrix[0][cube.shape[0]]', 3],
    ['split(matrix, 3)[2]', [[3], [6]]],
  ] as const)('%s', (expression, due) => {
    expect(nested(valueOf(`${expression} * 1`, { weights, columns }))).toEqual(due);
  });
});
