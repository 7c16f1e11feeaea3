/** Samples of the element-wise primitives of one operand. */
import type { OpSample } from './sample.ts';
import type { UnaryOp } from '../../compiler/graph/ir.ts';
import { anywhere, away, between, integers, truths, unary } from './elementwise.ts';

const { PI, E, LN2, LN10, SQRT2 } = Math;

const bits = [0, 1, 2, 5, 2 ** 31, 2 ** 32 - 1];
const signed = [0, 1, -1, 7, -7, 2 ** 31 - 1, -(2 ** 31)];

export const UNARY_SAMPLES: Readonly<Record<UnaryOp, readonly OpSample[]>> = {
  neg: unary(
    'neg',
    [
      [1.5, -2, 0],
      [-1.5, 2, -0],
    ],
    anywhere,
    [
      integers('neg', 'i32', [signed], [0, -1, 1, -7, 7, -(2 ** 31) + 1, -(2 ** 31)]),
      integers('neg', 'u32', [bits], [0, 2 ** 32 - 1, 2 ** 32 - 2, 2 ** 32 - 5, 2 ** 31, 1]),
    ],
  ),
  abs: unary(
    'abs',
    [
      [1.5, -2, 0],
      [1.5, 2, 0],
    ],
    away(0),
    [integers('abs', 'i32', [signed], [0, 1, 1, 7, 7, 2 ** 31 - 1, -(2 ** 31)])],
  ),
  sign: unary(
    'sign',
    [
      [1.5, -2, 0],
      [1, -1, 0],
    ],
    away(0),
    [integers('sign', 'i32', [signed], [0, 1, -1, 1, -1, 1, -1])],
  ),
  floor: unary(
    'floor',
    [
      [1.5, -1.5, 2, -0.25],
      [1, -2, 2, -1],
    ],
    away(0),
  ),
  ceil: unary(
    'ceil',
    [
      [1.5, -1.5, 2, 0.25],
      [2, -1, 2, 1],
    ],
    away(0),
  ),
  round: unary(
    'round',
    [
      [0.5, 1.5, 2.5, -1.5, -2.5, 2.375, -2.625, 8388609],
      [0, 2, 2, -2, -2, 2, -3, 8388609],
    ],
    away(0.5),
  ),
  exp: unary(
    'exp',
    [
      [0, 1, -1, -200],
      [1, E, 1 / E, Math.exp(-200)],
    ],
    anywhere,
  ),
  log: unary(
    'log',
    [
      [1, 2, 10],
      [0, LN2, LN10],
    ],
    between(0.2, 4),
  ),
  sqrt: unary(
    'sqrt',
    [
      [0, 4, 2],
      [0, 2, SQRT2],
    ],
    between(0.2, 4),
  ),
  rsqrt: unary(
    'rsqrt',
    [
      [1, 4, 0.5],
      [1, 0.5, SQRT2],
    ],
    between(0.2, 4),
  ),
  sin: unary(
    'sin',
    [
      [0, 1, -2, 1000],
      [0, 0.8414709848078965, -0.9092974268256817, 0.8268795405320025],
    ],
    between(-6, 6),
  ),
  cos: unary(
    'cos',
    [
      [0, 1, 1000],
      [1, 0.5403023058681398, 0.5623790762907029],
    ],
    between(-6, 6),
  ),
  tan: unary(
    'tan',
    [
      [0, 1, -0.5],
      [0, 1.5574077246549023, -0.5463024898437905],
    ],
    between(-1.2, 1.2),
  ),
  asin: unary(
    'asin',
    [
      [0, 1, -0.5],
      [0, PI / 2, -PI / 6],
    ],
    between(-0.9, 0.9),
  ),
  acos: unary(
    'acos',
    [
      [0, 1, -0.5],
      [PI / 2, 0, (2 * PI) / 3],
    ],
    between(-0.9, 0.9),
  ),
  atan: unary(
    'atan',
    [
      [0, 1, -1],
      [0, PI / 4, -PI / 4],
    ],
    between(-3, 3),
  ),
  sinh: unary(
    'sinh',
    [
      [0, 1, -2],
      [0, 1.1752011936438014, -3.626860407847019],
    ],
    anywhere,
  ),
  cosh: unary(
    'cosh',
    [
      [0, 1, -2],
      [1, 1.5430806348152437, 3.7621956910836314],
    ],
    anywhere,
  ),
  tanh: unary(
    'tanh',
    [
      [0, 1, -0.5, 100],
      [0, 0.7615941559557649, -0.46211715726000974, 1],
    ],
    anywhere,
  ),
  erf: unary(
    'erf',
    [
      [0, 0.5, -1, 2, 3.5, 10],
      [0, 0.5204998778130465, -0.8427007929497149, 0.9953222650189527, 0.9999992569016276, 1],
    ],
    between(-4, 4),
  ),
  is_nan: unary(
    'is_nan',
    [
      [1, NaN, Infinity, -Infinity],
      [0, 1, 0, 0],
    ],
    anywhere,
  ),
  is_inf: unary(
    'is_inf',
    [
      [1, NaN, Infinity, -Infinity],
      [0, 0, 1, 1],
    ],
    anywhere,
  ),
  not: [truths('not', [0, 1])],
};
