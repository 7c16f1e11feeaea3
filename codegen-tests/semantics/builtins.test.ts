/** Every builtin that makes a tensor: its value on small tensors, as NumPy and PyTorch have it. */
import { describe, expect, it } from 'vitest';
import type { DType } from '../../compiler/graph/ir.ts';
import { ELEMENTWISE } from '../../compiler/semantics/builtins/elementwise.ts';
import { JOINING } from '../../compiler/semantics/builtins/joining.ts';
import { MOVEMENT } from '../../compiler/semantics/builtins/movement.ts';
import { REDUCTIONS } from '../../compiler/semantics/builtins/reductions.ts';
import { nested, valueOf, type Nested } from './calculating.ts';
import { map } from './reference.ts';
import { columns, weights } from './small-tensors.ts';

const formulas: Record<string, readonly [keyof typeof weights, (x: number) => number]> = {
  exp: ['x', Math.exp],
  log: ['positive', Math.log],
  sqrt: ['positive', Math.sqrt],
  rsqrt: ['positive', (v) => 1 / Math.sqrt(v)],
  abs: ['x', Math.abs],
  sign: ['x', Math.sign],
  floor: ['x', Math.floor],
  ceil: ['x', Math.ceil],
  sin: ['x', Math.sin],
  cos: ['x', Math.cos],
  tan: ['x', Math.tan],
  asin: ['near', Math.asin],
  acos: ['near', Math.acos],
  atan: ['x', Math.atan],
  sinh: ['x', Math.sinh],
  cosh: ['x', Math.cosh],
  tanh: ['x', Math.tanh],
};

type Row = readonly [expression: string, due: Nested, dtype?: DType];

const rows: Record<string, readonly Row[]> = {
  round: [
    ['round(x)', [-2, 0, 0, 1]],
    ['round(full(2.5, 1) + x[:1])', [1]],
    ['full(round(-2.5), 1)', [-2]],
  ],
  erf: [['round(erf(x) * 1e6)', [-966105, -520500, 276326, 711156]]],
  is_nan: [['is_nan(log(x))', [1, 1, 0, 0], 'bool']],
  is_inf: [['is_inf(x / 0)', [1, 1, 1, 1], 'bool']],
  min: [
    ['min(x, 0)', [-1.5, -0.5, 0, 0]],
    ['min(cube)', 1],
    ['min(matrix, axis = 0, keep = true)', [[1, 2, 3]]],
    ['full(min(2, 3), 1)', [2]],
  ],
  max: [
    ['max(x, -x)', [1.5, 0.5, 0.25, 0.75]],
    ['max(matrix, axis = 1)', [3, 6]],
    ['max(cube, axis = (0, 1))', [11, 12]],
    ['max(u, 8)', [8, 8, 9], 'u32'],
  ],
  clamp: [
    ['clamp(x, -1, 0.5)', [-1, -0.5, 0.25, 0.5]],
    ['clamp(x, 1, 0)', [0, 0, 0, 0]],
    ['full(clamp(5, 0, 2), 1)', [2]],
  ],
  where: [
    ['where(x > 0, x, 0)', [0, 0, 0.25, 0.75]],
    [
      'where(matrix > 2, 1, matrix)',
      [
        [1, 2, 1],
        [1, 1, 1],
      ],
    ],
    ['where(true, x * 1, 0)', [-1.5, -0.5, 0.25, 0.75]],
  ],
  f32: [
    ['f32(i)', [2, 0, 2], 'f32'],
    ['f32(x > 0)', [0, 0, 1, 1], 'f32'],
    ['f32(s)', [-7, 7, -8], 'f32'],
  ],
  u32: [
    ['u32(positive)', [0, 1, 2, 9], 'u32'],
    ['u32(x > 0)', [0, 0, 1, 1], 'u32'],
  ],
  i32: [['i32(2 * x)', [-3, -1, 0, 1], 'i32']],
  bool: [
    ['bool(floor(x))', [1, 1, 0, 0], 'bool'],
    ['bool(i)', [1, 0, 1], 'bool'],
  ],
  detach: [['detach(x)', [-1.5, -0.5, 0.25, 0.75]]],
  grad: [
    ['grad(sum(x ^ 2), x)', [-3, -1, 0.5, 1.5]],
    ['grad(sum(grad(sum(x ^ 3), x) * x), x)', [20.25, 2.25, 0.5625, 5.0625]],
    ['grad(sum(detach(x) * x), x)', [-1.5, -0.5, 0.25, 0.75]],
  ],
  sum: [
    ['sum(cube)', 78],
    ['sum(cube, axis = (0, 2))', [18, 26, 34]],
    [
      'sum(cube, axis = -1, keep = true)',
      [
        [[3], [7], [11]],
        [[15], [19], [23]],
      ],
    ],
    ['sum(x > 0)', 2, 'f32'],
    ['sum(u)', 24, 'u32'],
  ],
  prod: [
    ['prod(matrix, axis = 1)', [6, 120]],
    ['prod(matrix)', 720],
  ],
  argmax: [
    ['argmax(matrix)', [2, 2], 'u32'],
    ['argmax(x * 0)', 0, 'u32'],
    ['argmax(-matrix, axis = 0, keep = true)', [[0, 0, 0]], 'u32'],
  ],
  argmin: [
    [
      'argmin(cube, axis = 1)',
      [
        [0, 0],
        [0, 0],
      ],
      'u32',
    ],
  ],
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
    ['pad(u, before = 1, value = 4, mode = constant)', [4, 7, 8, 9], 'u32'],
  ],
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
};

const INTERNAL = ['element_count', 'check_labels', 'check_weight'];

describe('builtins', () => {
  it('have a case each', () => {
    const due = [ELEMENTWISE, REDUCTIONS, MOVEMENT, JOINING].flatMap((table) => Object.keys(table));
    const covered = new Set([...Object.keys(formulas), ...Object.keys(rows), 'split', 'f16', ...INTERNAL]);
    expect(due.filter((name) => !covered.has(name))).toEqual([]);
    expect(due.length).toBeGreaterThan(50);
  });

  it.each(Object.entries(formulas))('%s is the function of that name', (name, [of, formula]) => {
    const found = valueOf(`${name}(${of})`, { weights, columns });
    const due = map(formula, weights[of]);
    found.data.forEach((value, i) => expect(value).toBeCloseTo(due.data[i] ?? NaN, 12));
  });

  it.each(Object.entries(formulas))('%s folds numbers', (name, [, formula]) => {
    expect(valueOf(`full(${name}(0.25), 1)`).data[0]).toBeCloseTo(formula(0.25), 12);
  });

  it.each(Object.values(rows).flatMap((each) => each.map((row) => [row[0], row] as const)))(
    '%s',
    (_name, [expression, due, dtype = 'f32']: Row) => {
      const found = valueOf(expression, { weights, columns });
      expect(nested({ ...found, data: found.data.map((v) => v + 0) })).toEqual(due);
      expect(found.dtype).toBe(dtype);
    },
  );

  it('split parts an axis evenly or by sizes', () => {
    const parts = 'stack(sum(a), sum(b))';
    const declarations = `fn even(m) {\n  (a, b) = split(m, 2, axis = 0)\n  return ${parts}\n}
fn uneven(m) {\n  (a, b) = split(m, sizes = (1, 2))\n  return ${parts}\n}`;
    expect(nested(valueOf('even(matrix)', { declarations, weights }))).toEqual([6, 15]);
    expect(nested(valueOf('uneven(matrix)', { declarations, weights }))).toEqual([5, 16]);
  });
});
