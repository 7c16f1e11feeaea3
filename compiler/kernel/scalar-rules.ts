/**
 * What each element-wise primitive computes on one element (or four): a total table from graph operators
 * to kernel expressions. In: the operands' expressions, of equal lanes. Out: the result's.
 */
import type { BinaryOp, DType, UnaryOp } from '../graph/ir.ts';
import { binary, cast, select, unary } from './expression.ts';
import type { BinaryFunction, Expression, UnaryFunction } from './ir.ts';

export type ScalarOp = UnaryOp | BinaryOp | 'cast' | 'select' | 'detach';

/** `dtype` is the result's. */
export type ScalarRule = (operands: readonly Expression[], dtype: DType) => Expression;

function operand(operands: readonly Expression[], index: number): Expression {
  const found = operands[index];
  if (!found) throw new Error(`internal: operand ${index} is missing`);
  return found;
}

const one =
  (operation: UnaryFunction): ScalarRule =>
  (operands) =>
    unary(operation, operand(operands, 0));

const two =
  (operation: BinaryFunction): ScalarRule =>
  (operands) =>
    binary(operation, operand(operands, 0), operand(operands, 1));

export const SCALAR_RULES: { readonly [P in ScalarOp]: ScalarRule } = {
  neg: one('neg'),
  not: one('not'),
  abs: one('abs'),
  sign: one('sign'),
  floor: one('floor'),
  ceil: one('ceil'),
  round: one('round'),
  exp: one('exp'),
  log: one('log'),
  sqrt: one('sqrt'),
  rsqrt: one('rsqrt'),
  sin: one('sin'),
  cos: one('cos'),
  tan: one('tan'),
  asin: one('asin'),
  acos: one('acos'),
  atan: one('atan'),
  sinh: one('sinh'),
  cosh: one('cosh'),
  tanh: one('tanh'),
  erf: one('erf'),
  is_nan: one('is_nan'),
  is_inf: one('is_inf'),
  add: two('add'),
  sub: two('sub'),
  mul: two('mul'),
  div: two('div'),
  mod: two('mod'),
  pow: two('pow'),
  min: two('min'),
  max: two('max'),
  and: two('and'),
  or: two('or'),
  eq: two('eq'),
  ne: two('ne'),
  lt: two('lt'),
  le: two('le'),
  gt: two('gt'),
  ge: two('ge'),
  cast: (operands, dtype) => cast(operand(operands, 0), dtype),
  select: (operands) => select(operand(operands, 0), operand(operands, 1), operand(operands, 2)),
  detach: (operands) => operand(operands, 0),
};

export const isScalarOp = (op: string): op is ScalarOp => Object.hasOwn(SCALAR_RULES, op);
