/**
 * Derivative rules of the element-wise primitives. Conventions, as in PyTorch: abs'(0) = 0; sign, floor,
 * ceil and round have derivative zero; where the operands of max or min are equal each gets half; x^y has
 * d/dx = 0 where y = 0, and d/dy = 0 where x = 0 and y >= 0; a % b is a - trunc(a / b) * b.
 */
import { castTo } from '../graph/convenience.ts';
import type { BinaryOp, UnaryOp } from '../graph/ir.ts';
import { nth } from '../graph/op-row.ts';
import type { Arithmetic } from './arithmetic.ts';
import type { VjpRule } from './vjp-rule.ts';

type UnaryFormula = (m: Arithmetic, g: number, x: number, r: number) => number;
type BinaryFormula = (m: Arithmetic, g: number, x: number, y: number, r: number) => number;

const unary =
  (formula: UnaryFormula): VjpRule<UnaryOp> =>
  ({ m, gradient, node }) => [() => formula(m, gradient, nth(node.inputs, 0), node.id)];

const binary =
  (first: BinaryFormula, second: BinaryFormula): VjpRule<BinaryOp> =>
  ({ m, gradient, node }) => {
    const [x, y] = [nth(node.inputs, 0), nth(node.inputs, 1)];
    return [() => first(m, gradient, x, y, node.id), () => second(m, gradient, x, y, node.id)];
  };

/** g where `x` wins, half of it where both are equal, else 0. */
const share =
  (wins: 'gt' | 'lt') =>
  (m: Arithmetic, g: number, x: number, y: number): number =>
    m.select(m.compare('eq', x, y), m.scale(g, 0.5), m.select(m.compare(wins, x, y), g, m.like(g, 0)));

/**
 * y * x^(y-1). Where y = 0 the exponent is replaced by 1, so that the factor y = 0 meets a finite power
 * also at x = 0, here and in the derivative of this formula.
 */
const powerByBase: BinaryFormula = (m, g, x, y) => {
  const isZero = m.compare('eq', y, m.like(y, 0));
  const exponent = m.select(isZero, m.like(y, 1), y);
  return m.mul(g, m.mul(y, m.pow(x, m.sub(exponent, m.like(y, 1)))));
};

/** x^y * log(x). Where x = 0 and y >= 0 the logarithm is taken of 1, which gives 0. */
const powerByExponent: BinaryFormula = (m, g, x, y, r) => {
  const atZero = m.b.add('and', [m.compare('eq', x, m.like(x, 0)), m.compare('ge', y, m.like(y, 0))], {});
  return m.mul(g, m.mul(r, m.apply('log', m.select(atZero, m.like(x, 1), x))));
};

/** -trunc(a / b), taken as the whole number (a - a % b) / b, which rounding errors do not move. */
const remainderByDivisor: BinaryFormula = (m, g, x, y, r) =>
  m.neg(m.mul(g, m.apply('round', m.div(m.sub(x, r), y))));

const select: VjpRule<'select'> = ({ m, gradient, node }) => {
  const condition = nth(node.inputs, 0);
  return [
    undefined,
    () => m.select(condition, gradient, m.like(gradient, 0)),
    () => m.select(condition, m.like(gradient, 0), gradient),
  ];
};

/** Between floats the gradient is cast back; to and from integers none goes. */
const cast: VjpRule<'cast'> = ({ b, gradient, node }) => [
  () => castTo(b, gradient, b.type(nth(node.inputs, 0)).dtype),
];

export const ELEMENTWISE_RULES = {
  neg: unary((m, g) => m.neg(g)),
  abs: unary((m, g, x) => m.mul(g, m.apply('sign', x))),
  exp: unary((m, g, _x, r) => m.mul(g, r)),
  log: unary((m, g, x) => m.div(g, x)),
  sqrt: unary((m, g, _x, r) => m.div(m.scale(g, 0.5), r)),
  rsqrt: unary((m, g, _x, r) => m.mul(m.scale(g, -0.5), m.mul(r, m.square(r)))),
  sin: unary((m, g, x) => m.mul(g, m.apply('cos', x))),
  cos: unary((m, g, x) => m.neg(m.mul(g, m.apply('sin', x)))),
  tan: unary((m, g, _x, r) => m.mul(g, m.plus(1, m.square(r)))),
  asin: unary((m, g, x) => m.mul(g, m.apply('rsqrt', m.from(1, m.square(x))))),
  acos: unary((m, g, x) => m.neg(m.mul(g, m.apply('rsqrt', m.from(1, m.square(x)))))),
  atan: unary((m, g, x) => m.div(g, m.plus(1, m.square(x)))),
  sinh: unary((m, g, x) => m.mul(g, m.apply('cosh', x))),
  cosh: unary((m, g, x) => m.mul(g, m.apply('sinh', x))),
  tanh: unary((m, g, _x, r) => m.mul(g, m.from(1, m.square(r)))),
  erf: unary((m, g, x) => m.mul(m.scale(g, 2 / Math.sqrt(Math.PI)), m.apply('exp', m.neg(m.square(x))))),
  sign: 'zero',
  floor: 'zero',
  ceil: 'zero',
  round: 'zero',
  detach: 'zero',
  is_nan: 'discrete',
  is_inf: 'discrete',
  not: 'discrete',
  add: binary(
    (_m, g) => g,
    (_m, g) => g,
  ),
  sub: binary(
    (_m, g) => g,
    (m, g) => m.neg(g),
  ),
  mul: binary(
    (m, g, _x, y) => m.mul(g, y),
    (m, g, x) => m.mul(g, x),
  ),
  div: binary(
    (m, g, _x, y) => m.div(g, y),
    (m, g, _x, y, r) => m.neg(m.mul(g, m.div(r, y))),
  ),
  mod: binary((_m, g) => g, remainderByDivisor),
  pow: binary(powerByBase, powerByExponent),
  max: binary(share('gt'), (m, g, x, y) => share('gt')(m, g, y, x)),
  min: binary(share('lt'), (m, g, x, y) => share('lt')(m, g, y, x)),
  and: 'discrete',
  or: 'discrete',
  eq: 'discrete',
  ne: 'discrete',
  lt: 'discrete',
  le: 'discrete',
  gt: 'discrete',
  ge: 'discrete',
  cast,
  select,
} as const;
