/** Every builtin that makes a tensor: its value on small tensors, as NumPy and PyTorch have it. */
import { describe, expect, it } from 'vitest';
import { ELEMENTWISE } from '../../compiler/semantics/builtins/elementwise.ts';
import { EINSUM } from '../../compiler/semantics/builtins/einsum.ts';
import { JOINING } from '../../compiler/semantics/builtins/joining.ts';
import { LOOK_UPS } from '../../compiler/semantics/builtins/look-ups.ts';
import { MOVEMENT } from '../../compiler/semantics/builtins/movement.ts';
import { PADDING } from '../../compiler/semantics/builtins/padding.ts';
import { REDUCTIONS } from '../../compiler/semantics/builtins/reductions.ts';
import { UPSAMPLE } from '../../compiler/semantics/builtins/upsample.ts';
import { JOINING_ROWS } from './builtin-rows-joining.ts';
import { MOVEMENT_ROWS } from './builtin-rows-movement.ts';
import { nested, valueOf, type Row } from './calculating.ts';
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
  f16: [['f16(3 * x)', [-4.5, -1.5, 0.75, 2.25], 'f16']],
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
  cumsum: [
    [
      'cumsum(matrix)',
      [
        [1, 3, 6],
        [4, 9, 15],
      ],
    ],
    [
      'cumsum(matrix, axis = 0)',
      [
        [1, 2, 3],
        [5, 7, 9],
      ],
    ],
    ['cumsum(i, axis = 0)', [2, 2, 4], 'u32'],
    ['cumsum(x > 0)', [0, 0, 1, 2], 'f32'],
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
  ...MOVEMENT_ROWS,
  ...JOINING_ROWS,
};

const INTERNAL = ['element_count', 'check_labels', 'check_weight'];

describe('builtins', () => {
  it('have a case each', () => {
    const tables = [ELEMENTWISE, REDUCTIONS, MOVEMENT, PADDING, UPSAMPLE, JOINING, LOOK_UPS, EINSUM];
    const due = tables.flatMap((table) => Object.keys(table));
    const covered = new Set([
      ...Object.keys(formulas),
      ...Object.keys(rows),
      'split',
      'top_k',
      'metric.top_k',
      ...INTERNAL,
    ]);
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

  it('top_k gives values and places, largest first', () => {
    const declarations = `fn best(m, axis) {\n  (values, places) = top_k(m, 2, axis = axis)
  return concat(reshape(values, -1), reshape(f32(places), -1))\n}
fn defaults(m) {\n  (values, places) = top_k(m, 1)\n  return stack(values, f32(places))\n}`;
    expect(nested(valueOf('best(matrix, 1)', { declarations, weights }))).toEqual([3, 2, 6, 5, 2, 1, 2, 1]);
    expect(nested(valueOf('best(0 * matrix, 0)', { declarations, weights }))).toEqual([
      ...[0, 0, 0, 0, 0, 0],
      ...[0, 0, 0, 1, 1, 1],
    ]);
    expect(nested(valueOf('defaults(-matrix)', { declarations, weights }))).toEqual([
      [[-1], [-4]],
      [[0], [0]],
    ]);
  });

  it('split parts an axis evenly or by sizes', () => {
    const parts = 'stack(sum(a), sum(b))';
    const declarations = `fn even(m) {\n  (a, b) = split(m, 2, axis = 0)\n  return ${parts}\n}
fn uneven(m) {\n  (a, b) = split(m, sizes = (1, 2))\n  return ${parts}\n}`;
    expect(nested(valueOf('even(matrix)', { declarations, weights }))).toEqual([6, 15]);
    expect(nested(valueOf('uneven(matrix)', { declarations, weights }))).toEqual([5, 16]);
  });
});
