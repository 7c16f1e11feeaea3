/**
 * What each function of the kernel IR is in WGSL: total tables by function. In: operands of one type (scalar or
 * four lanes). Out: the expression. Holds the meaning of graph/ops: NaN passes through min and max, integers
 * wrap, division truncates, `x / 0` is x and `x % 0` is 0 for integers, round goes to even. Of f16 only what is
 * exact or rounded once is computed as such, everything else in f32.
 */
import type { BinaryFunction, UnaryFunction, ValueType } from '../../kernel/ir.ts';
import { binary, call, literal, typeName, unary, type BinaryOperator, type ScalarName } from './ast.ts';
import { constant, type Emitted, type ShaderScope } from './shader-scope.ts';
import type { HelperName } from './prelude.ts';

type UnaryRule = (scope: ShaderScope, type: ValueType, x: Emitted) => Emitted;
/** `type` is the operands'. */
type BinaryRule = (scope: ShaderScope, type: ValueType, a: Emitted, b: Emitted) => Emitted;

/** The number in all lanes. */
export function filled(scope: ShaderScope, value: number, type: ValueType): Emitted {
  const one = constant(literal(value, scalarName(type)));
  return type.lanes === 4 ? scope.construct(scalarName(type), [one]) : one;
}

export const scalarName = (type: ValueType): ScalarName => type.scalar;

const isFloat = (type: ValueType): boolean => type.scalar === 'f32';

/** A function of WGSL itself; integers stay as they are (floor of an integer). */
const builtin =
  (callee: string): UnaryRule =>
  (scope, type, x) =>
    isFloat(type) ? scope.join([x], ([a]) => call(callee, a!)) : x;

const helper =
  (name: HelperName): UnaryRule =>
  (scope, type, x) => {
    if (!isFloat(type)) throw new Error(`internal: ${name} of ${type.scalar}`);
    return scope.helper(name, type.lanes, x);
  };

/** False for integers. */
const floatTest =
  (name: HelperName): UnaryRule =>
  (scope, type, x) =>
    isFloat(type)
      ? scope.helper(name, type.lanes, x)
      : filled(scope, 0, { scalar: 'bool', lanes: type.lanes });

const UNARY: { readonly [F in UnaryFunction]: UnaryRule } = {
  neg: (scope, type, x) =>
    type.scalar === 'u32'
      ? scope.join([filled(scope, 0, type), x], ([zero, a]) => binary('-', zero!, a!))
      : scope.join([x], ([a]) => unary('-', a!)),
  not: (scope, _, x) => scope.join([x], ([a]) => unary('!', a!)),
  abs: (scope, type, x) => (type.scalar === 'u32' ? x : scope.join([x], ([a]) => call('abs', a!))),
  sign: (scope, type, x) => {
    if (isFloat(type)) return scope.helper('sign', type.lanes, x);
    if (type.scalar === 'i32') return scope.join([x], ([a]) => call('sign', a!));
    return scope.join([x, filled(scope, 1, type)], ([a, one]) => call('min', a!, one!));
  },
  floor: builtin('floor'),
  ceil: builtin('ceil'),
  round: builtin('round'),
  sqrt: builtin('sqrt'),
  rsqrt: builtin('inverseSqrt'),
  exp: helper('exp'),
  log: helper('log'),
  sin: helper('sin'),
  cos: helper('cos'),
  tan: helper('tan'),
  asin: helper('asin'),
  acos: helper('acos'),
  atan: helper('atan'),
  sinh: helper('sinh'),
  cosh: helper('cosh'),
  tanh: helper('tanh'),
  erf: helper('erf'),
  is_nan: floatTest('is_nan'),
  is_inf: floatTest('is_inf'),
};

export function emitUnary(
  scope: ShaderScope,
  operation: UnaryFunction,
  type: ValueType,
  x: Emitted,
): Emitted {
  if (type.scalar !== 'f16' || HALF_UNARY.includes(operation)) return UNARY[operation](scope, type, x);
  const found = UNARY[operation](scope, wide(type), widen(scope, type, x));
  return operation === 'is_nan' || operation === 'is_inf' ? found : narrow(scope, type, found);
}

const HALF_UNARY: readonly UnaryFunction[] = ['neg', 'abs'];
const HALF_BINARY: readonly BinaryFunction[] = ['add', 'sub', 'mul', 'eq', 'lt', 'le', 'gt', 'ge'];

const wide = ({ lanes }: ValueType): ValueType => ({ scalar: 'f32', lanes });

/** f16 as f32: exact. */
const widen = (scope: ShaderScope, type: ValueType, x: Emitted): Emitted => ({
  ...scope.join([x], ([a]) => call(typeName(wide(type)), a!)),
  constant: x.constant,
});

const narrow = (scope: ShaderScope, type: ValueType, x: Emitted): Emitted =>
  scope.helper('to_f16', type.lanes, x);

const operator =
  (symbol: BinaryOperator): BinaryRule =>
  (scope, _, a, b) =>
    scope.join([a, b], ([left, right]) => binary(symbol, left!, right!));

/** Orders false before true where the operands are truth values. */
const comparison =
  (symbol: BinaryOperator): BinaryRule =>
  (scope, type, a, b) => {
    if (type.scalar !== 'bool') return operator(symbol)(scope, type, a, b);
    const as = typeName({ scalar: 'u32', lanes: type.lanes });
    return scope.join([a, b], ([left, right]) => binary(symbol, call(as, left!), call(as, right!)));
  };

/** An integer constant of zero divides nothing: WGSL refuses it when the shader is created. */
const isZero = ({ code }: Emitted): boolean =>
  (code.kind === 'literal' && code.value === 0) ||
  (code.kind === 'call' && code.arguments.length === 1 && isZero(constant(code.arguments[0]!)));

const minimum =
  (name: 'min' | 'max'): BinaryRule =>
  (scope, type, a, b) => {
    if (!isFloat(type)) return scope.join([a, b], ([left, right]) => call(name, left!, right!));
    // A constant is no NaN: one check is enough.
    if (!a.constant && !b.constant) return scope.helper(name, type.lanes, a, b);
    const [value, bound] = a.constant && !b.constant ? [scope.hoist(b), a] : [scope.hoist(a), b];
    const found = scope.join([value, bound], ([left, right]) => call(name, left!, right!));
    return scope.helper('keep_nan', type.lanes, value, found);
  };

const BINARY: { readonly [F in BinaryFunction]: BinaryRule } = {
  add: operator('+'),
  sub: operator('-'),
  mul: operator('*'),
  div: (scope, type, a, b) => (!isFloat(type) && isZero(b) ? a : operator('/')(scope, type, a, b)),
  mod: (scope, type, a, b) => {
    if (isFloat(type)) return scope.helper('mod', type.lanes, a, b);
    return isZero(b) ? filled(scope, 0, type) : operator('%')(scope, type, a, b);
  },
  pow: emitPower,
  min: minimum('min'),
  max: minimum('max'),
  and: operator('&'),
  or: operator('|'),
  eq: operator('=='),
  // \`!=\` of two floats is false when one is NaN (an ordered comparison); not equal is what is meant.
  ne: (scope, type, a, b) =>
    isFloat(type)
      ? scope.join([operator('==')(scope, type, a, b)], ([equal]) => unary('!', equal!))
      : operator('!=')(scope, type, a, b),
  lt: comparison('<'),
  le: comparison('<='),
  gt: comparison('>'),
  ge: comparison('>='),
};

export function emitBinary(
  scope: ShaderScope,
  operation: BinaryFunction,
  type: ValueType,
  a: Emitted,
  b: Emitted,
): Emitted {
  if (type.scalar !== 'f16' || HALF_BINARY.includes(operation)) return BINARY[operation](scope, type, a, b);
  const found = BINARY[operation](scope, wide(type), widen(scope, type, a), widen(scope, type, b));
  return operation === 'ne' ? found : narrow(scope, type, found);
}

/** The number of a constant, in all lanes. */
function constantValue({ code, constant: known }: Emitted): number | undefined {
  if (!known) return undefined;
  if (code.kind === 'literal') return code.value;
  if (code.kind !== 'call' || code.arguments.length !== 1) return undefined;
  return constantValue(constant(code.arguments[0]!));
}

/** Small whole exponents are products, a half is a root: exact signs, and far cheaper. */
function emitPower(scope: ShaderScope, type: ValueType, base: Emitted, exponent: Emitted): Emitted {
  const n = constantValue(exponent);
  const times: BinaryRule = operator('*');
  if (n === 0) return filled(scope, 1, type);
  if (n === 1) return base;
  if (n === 2 || n === 3 || n === 4) {
    const x = scope.hoist(base);
    const square = times(scope, type, x, x);
    if (n === 2) return square;
    if (n === 3) return times(scope, type, square, x);
    const kept = scope.hoist(square);
    return times(scope, type, kept, kept);
  }
  if (!isFloat(type))
    return scope.helper(type.scalar === 'i32' ? 'pow_i32' : 'pow_u32', type.lanes, base, exponent);
  if (n === 0.5) return UNARY.sqrt(scope, type, base);
  if (n === -1) return operator('/')(scope, type, filled(scope, 1, type), base);
  return scope.helper('pow', type.lanes, base, exponent);
}
