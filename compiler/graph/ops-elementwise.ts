/**
 * Rows of the element-wise primitives. Operands have equal shapes (broadcasting is a node of its own).
 * LANGUAGE.md section 5 settles the meaning: round goes to even, % has the sign of the dividend, integer /
 * truncates, sign(0) = 0; NaN passes through min and max.
 */
import { equalShapes, printShape } from './dimension.ts';
import type { BinaryOp, DType, TensorType, UnaryOp } from './ir.ts';
import { broken, isFloat, nth, type OpRow } from './op-row.ts';
import {
  convert,
  divideIntegers,
  erf,
  multiplyIntegers,
  powerIntegers,
  remainderIntegers,
  roundHalfEven,
  wrap,
} from './scalar-functions.ts';

type Accepts = 'number' | 'float' | 'bool' | 'any';

function check(accepts: Accepts, dtype: DType, op: string): void {
  const fits =
    accepts === 'any' ||
    (accepts === 'number' && dtype !== 'bool') ||
    (accepts === 'float' && isFloat(dtype)) ||
    (accepts === 'bool' && dtype === 'bool');
  if (!fits) broken(`${op} of ${dtype}`);
}

function unary(
  op: string,
  accepts: Accepts,
  f: (x: number, dtype: DType) => number,
  result?: DType,
): OpRow<UnaryOp> {
  return {
    kind: 'elementwise',
    arity: 1,
    infer(inputs) {
      const { dtype, shape } = nth(inputs, 0);
      check(accepts, dtype, op);
      return { dtype: result ?? dtype, shape };
    },
    evaluate(e) {
      const { data, dtype } = nth(e.inputs, 0);
      return data.map((x) => f(x, dtype));
    },
  };
}

function binary(
  op: string,
  accepts: Accepts,
  f: (a: number, b: number, dtype: DType) => number,
  result?: DType,
): OpRow<BinaryOp> {
  return {
    kind: 'elementwise',
    arity: 2,
    infer(inputs) {
      const [a, b] = [nth(inputs, 0), nth(inputs, 1)];
      check(accepts, a.dtype, op);
      if (a.dtype !== b.dtype) broken(`${op} of ${a.dtype} and ${b.dtype}`);
      sameShape(op, a, b);
      return { dtype: result ?? a.dtype, shape: a.shape };
    },
    evaluate(e) {
      const [a, b] = [nth(e.inputs, 0), nth(e.inputs, 1)];
      return a.data.map((x, i) => f(x, b.data[i] as number, a.dtype));
    },
  };
}

function sameShape(op: string, a: TensorType, b: TensorType): void {
  if (!equalShapes(a.shape, b.shape)) broken(`${op} of ${printShape(a.shape)} and ${printShape(b.shape)}`);
}

/** Chooses by dtype between the meaning on doubles and that on 32-bit integers. */
const arithmetic =
  (floats: (a: number, b: number) => number, integers: (a: number, b: number, dtype: DType) => number) =>
  (a: number, b: number, dtype: DType): number =>
    isFloat(dtype) ? floats(a, b) : integers(a, b, dtype);

const truth = (f: (a: number, b: number) => boolean) => (a: number, b: number) => (f(a, b) ? 1 : 0);

/** 1 ** NaN and 1 ** Infinity are NaN in JavaScript; IEEE 754's pow, and every other language, has 1. */
const power = (a: number, b: number): number => (a === 1 || b === 0 ? 1 : a ** b);

const cast: OpRow<'cast'> = {
  kind: 'elementwise',
  arity: 1,
  infer(inputs, _attributes, given) {
    if (!given.dtype) broken('the dtype of a cast must be given');
    return { dtype: given.dtype, shape: nth(inputs, 0).shape };
  },
  evaluate(e) {
    const { data, dtype } = nth(e.inputs, 0);
    return data.map((x) => convert(x, dtype, e.dtype));
  },
};

const select: OpRow<'select'> = {
  kind: 'elementwise',
  arity: 3,
  infer(inputs) {
    const [condition, a, b] = [nth(inputs, 0), nth(inputs, 1), nth(inputs, 2)];
    if (condition.dtype !== 'bool') broken(`select by ${condition.dtype}`);
    if (a.dtype !== b.dtype) broken(`select of ${a.dtype} and ${b.dtype}`);
    sameShape('select', a, b);
    sameShape('select', condition, a);
    return a;
  },
  evaluate(e) {
    const [condition, a, b] = [nth(e.inputs, 0), nth(e.inputs, 1), nth(e.inputs, 2)];
    return a.data.map((x, i) => (condition.data[i] !== 0 ? x : (b.data[i] as number)));
  },
};

const detach: OpRow<'detach'> = {
  kind: 'elementwise',
  arity: 1,
  infer: (inputs) => nth(inputs, 0),
  evaluate: (e) => nth(e.inputs, 0).data,
};

/** Of any dtypes: what has no derivative is refused by autodiff, with the user's place. */
const gradient: OpRow<'gradient'> = {
  kind: 'gradient',
  arity: 2,
  infer: (inputs) => nth(inputs, 1),
  evaluate: () => broken('gradient nodes are expanded before a graph is run'),
};

export const ELEMENTWISE_ROWS = {
  neg: unary('neg', 'number', (x, t) => wrap(-x, t)),
  abs: unary('abs', 'number', (x, t) => wrap(Math.abs(x), t)),
  sign: unary('sign', 'number', Math.sign),
  floor: unary('floor', 'float', Math.floor),
  ceil: unary('ceil', 'float', Math.ceil),
  round: unary('round', 'float', roundHalfEven),
  exp: unary('exp', 'float', Math.exp),
  log: unary('log', 'float', Math.log),
  sqrt: unary('sqrt', 'float', Math.sqrt),
  rsqrt: unary('rsqrt', 'float', (x) => 1 / Math.sqrt(x)),
  sin: unary('sin', 'float', Math.sin),
  cos: unary('cos', 'float', Math.cos),
  tan: unary('tan', 'float', Math.tan),
  asin: unary('asin', 'float', Math.asin),
  acos: unary('acos', 'float', Math.acos),
  atan: unary('atan', 'float', Math.atan),
  sinh: unary('sinh', 'float', Math.sinh),
  cosh: unary('cosh', 'float', Math.cosh),
  tanh: unary('tanh', 'float', Math.tanh),
  erf: unary('erf', 'float', erf),
  is_nan: unary('is_nan', 'float', (x) => (Number.isNaN(x) ? 1 : 0), 'bool'),
  is_inf: unary('is_inf', 'float', (x) => (Math.abs(x) === Infinity ? 1 : 0), 'bool'),
  not: unary('not', 'bool', (x) => 1 - x),
  add: binary('add', 'number', (a, b, t) => wrap(a + b, t)),
  sub: binary('sub', 'number', (a, b, t) => wrap(a - b, t)),
  mul: binary(
    'mul',
    'number',
    arithmetic((a, b) => a * b, multiplyIntegers),
  ),
  div: binary(
    'div',
    'number',
    arithmetic((a, b) => a / b, divideIntegers),
  ),
  mod: binary(
    'mod',
    'number',
    arithmetic((a, b) => a % b, remainderIntegers),
  ),
  pow: binary('pow', 'number', arithmetic(power, powerIntegers)),
  min: binary('min', 'number', (a, b) => Math.min(a, b)),
  max: binary('max', 'number', (a, b) => Math.max(a, b)),
  and: binary('and', 'bool', (a, b) => a * b),
  or: binary('or', 'bool', (a, b) => Math.max(a, b)),
  eq: binary(
    'eq',
    'any',
    truth((a, b) => a === b),
    'bool',
  ),
  ne: binary(
    'ne',
    'any',
    truth((a, b) => a !== b),
    'bool',
  ),
  lt: binary(
    'lt',
    'number',
    truth((a, b) => a < b),
    'bool',
  ),
  le: binary(
    'le',
    'number',
    truth((a, b) => a <= b),
    'bool',
  ),
  gt: binary(
    'gt',
    'number',
    truth((a, b) => a > b),
    'bool',
  ),
  ge: binary(
    'ge',
    'number',
    truth((a, b) => a >= b),
    'bool',
  ),
  cast,
  select,
  detach,
  gradient,
};
