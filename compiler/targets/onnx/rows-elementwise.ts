/**
 * Rows of the element-wise primitives. ONNX's operators mean the same (operators, opset 17), with two exceptions: its
 * runtimes know no u32, so these are i64 that are brought back below 2^32 behind what could leave the range; and
 * `Where` takes no truth values.
 */
import type { BinaryOp, Node, UnaryOp } from '../../graph/ir.ts';
import { isFloat, nth } from '../../graph/op-row.ts';
import { int } from './model.ts';
import type { OnnxRow } from './row.ts';
import type { Translation } from './translation.ts';

/** The operator's results leave the range of u32. */
type Range = 'wraps' | 'stays';

const unary =
  (op: string, range: Range = 'stays'): OnnxRow<UnaryOp> =>
  (t, node) =>
    inRange(t, node, range, t.writer.add(op, [t.value(nth(node.inputs, 0))]));

const binary =
  (op: string, range: Range = 'stays'): OnnxRow<BinaryOp> =>
  (t, node) =>
    inRange(t, node, range, t.writer.add(op, t.operands(node.inputs, node.type.shape)));

/** Behind what could leave the range of u32: its last 32 bits. */
function inRange(t: Translation, { type }: Pick<Node, 'type'>, range: Range, name: string): string {
  return type.dtype === 'u32' && range === 'wraps' ? wrapped(t, name) : name;
}

export const wrapped = (t: Translation, name: string): string =>
  t.writer.add('Mod', [name, t.writer.constant('i64', [], [2 ** 32])]);

/** The remainder with the sign of the dividend. */
const mod: OnnxRow<'mod'> = (t, node) =>
  t.writer.add('Mod', t.operands(node.inputs, node.type.shape), { fmod: int(1) });

const notEqual: OnnxRow<'ne'> = (t, node) =>
  t.writer.add('Not', [t.writer.add('Equal', t.operands(node.inputs, node.type.shape))]);

const rsqrt: OnnxRow<'rsqrt'> = (t, node) =>
  t.writer.add('Reciprocal', [t.writer.add('Sqrt', [t.value(nth(node.inputs, 0))])]);

/** From a float towards zero; to u32 what is negative becomes 0, as everywhere. */
const cast: OnnxRow<'cast'> = (t, node) => {
  const { dtype } = node.type;
  const from = t.node(nth(node.inputs, 0)).type.dtype;
  const value = t.value(nth(node.inputs, 0));
  if (from === dtype) return value;
  if (dtype === 'u32' && isFloat(from)) return t.cast(t.writer.add('Relu', [value]), dtype);
  if (dtype === 'bool') {
    const zero = t.cast(t.writer.constant('f32', [], [0]), from);
    return t.writer.add('Not', [t.writer.add('Equal', [value, zero])]);
  }
  const result = t.cast(value, dtype);
  return dtype === 'u32' && from === 'i32' ? wrapped(t, result) : result;
};

const select: OnnxRow<'select'> = (t, node) => {
  const { writer } = t;
  const { shape, dtype } = node.type;
  const [condition, yes, no] = t.operands(node.inputs, shape) as [string, string, string];
  if (dtype !== 'bool') return writer.add('Where', [condition, yes, no]);
  const otherwise = writer.add('And', [writer.add('Not', [condition]), no]);
  return writer.add('Or', [writer.add('And', [condition, yes]), otherwise]);
};

export const ELEMENTWISE = {
  neg: unary('Neg', 'wraps'),
  abs: unary('Abs'),
  sign: unary('Sign'),
  floor: unary('Floor'),
  ceil: unary('Ceil'),
  round: unary('Round'),
  exp: unary('Exp'),
  log: unary('Log'),
  sqrt: unary('Sqrt'),
  rsqrt,
  sin: unary('Sin'),
  cos: unary('Cos'),
  tan: unary('Tan'),
  asin: unary('Asin'),
  acos: unary('Acos'),
  atan: unary('Atan'),
  sinh: unary('Sinh'),
  cosh: unary('Cosh'),
  tanh: unary('Tanh'),
  erf: unary('Erf'),
  is_nan: unary('IsNaN'),
  is_inf: unary('IsInf'),
  not: unary('Not'),
  add: binary('Add', 'wraps'),
  sub: binary('Sub', 'wraps'),
  mul: binary('Mul', 'wraps'),
  div: binary('Div'),
  mod,
  pow: binary('Pow', 'wraps'),
  min: binary('Min'),
  max: binary('Max'),
  and: binary('And'),
  or: binary('Or'),
  eq: binary('Equal'),
  ne: notEqual,
  lt: binary('Less'),
  le: binary('LessOrEqual'),
  gt: binary('Greater'),
  ge: binary('GreaterOrEqual'),
  cast,
  select,
  detach: ((t, node) => t.standIn(nth(node.inputs, 0))) satisfies OnnxRow<'detach'>,
};
