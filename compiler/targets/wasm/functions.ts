/**
 * What each function of the kernel IR is in WebAssembly: total tables by function. In: operands of one type (single
 * or four lanes). Out: instructions. Holds the meaning of graph/ops, as the shaders do: NaN passes through min and
 * max, integers wrap, division truncates, `x / 0` is x and `x % 0` is 0 for integers, round goes to even.
 */
import type { BinaryFunction, Expression, UnaryFunction, ValueType } from '../../kernel/ir.ts';
import type { HelperName } from '../wgsl/prelude.ts';
import { emitDivision } from './integer-division.ts';
import type { KernelScope } from './kernel-scope.ts';
import type { Instruction } from './opcodes.ts';
import { constantValue, emitNumber, withLocal } from './operands.ts';

type UnaryRule = (scope: KernelScope, x: Expression) => void;
type BinaryRule = (scope: KernelScope, a: Expression, b: Expression) => void;

const isFloat = (type: ValueType): boolean => type.scalar === 'f32';
const wide = (type: ValueType): boolean => type.lanes === 4;

/** Short and often called: an engine does not put one function into another. */
const WRITTEN_OUT: readonly HelperName[] = ['exp', 'tanh'];

/** A helper, which takes four lanes; a single value goes through the first of them. */
export function callHelper(
  scope: KernelScope,
  name: HelperName,
  operands: readonly Expression[],
  result: ValueType,
): void {
  const { f, helpers } = scope;
  for (const operand of operands) {
    scope.emit(operand);
    if (!wide(operand.type)) f.op(isFloat(operand.type) ? 'f32x4.splat' : 'i32x4.splat');
  }
  if (WRITTEN_OUT.includes(name) && wide(result)) helpers.writeOut(f, name);
  else f.call(helpers.index(name));
  if (wide(result)) return;
  f.lane(result.scalar === 'f32' ? 'f32x4.extract_lane' : 'i32x4.extract_lane', 0);
}

const pick = (type: ValueType, single: Instruction, four: Instruction): Instruction =>
  wide(type) ? four : single;

/** An instruction on floats; integers stay as they are (floor of an integer). */
const builtin =
  (single: Instruction, four: Instruction): UnaryRule =>
  (scope, x) => {
    scope.emit(x);
    if (isFloat(x.type)) scope.f.op(pick(x.type, single, four));
  };

const helper =
  (name: HelperName): UnaryRule =>
  (scope, x) =>
    callHelper(scope, name, [x], x.type);

const UNARY: { readonly [F in UnaryFunction]: UnaryRule } = {
  neg: (scope, x) => {
    if (isFloat(x.type)) {
      scope.emit(x);
      scope.f.op(pick(x.type, 'f32.neg', 'f32x4.neg'));
      return;
    }
    emitNumber(scope, 0, x.type);
    scope.emit(x);
    scope.f.op(pick(x.type, 'i32.sub', 'i32x4.sub'));
  },
  not: (scope, x) => {
    scope.emit(x);
    scope.f.op(pick(x.type, 'i32.eqz', 'v128.not'));
  },
  abs: (scope, x) => {
    if (x.type.scalar === 'i32' && !wide(x.type)) {
      withLocal(scope, x, (local) => {
        const { f } = scope;
        f.get(local).i32(0).get(local).op('i32.sub');
        f.get(local).i32(0).op('i32.ge_s', 'select');
      });
      return;
    }
    scope.emit(x);
    if (isFloat(x.type)) scope.f.op(pick(x.type, 'f32.abs', 'f32x4.abs'));
    else if (x.type.scalar === 'i32') scope.f.op('i32x4.abs');
  },
  sign: (scope, x) => {
    if (isFloat(x.type)) return callHelper(scope, 'sign', [x], x.type);
    const signed = x.type.scalar === 'i32';
    const { f } = scope;
    withLocal(scope, x, (local) => {
      f.get(local);
      emitNumber(scope, 0, x.type);
      if (!wide(x.type)) {
        f.op(signed ? 'i32.gt_s' : 'i32.ne');
        if (signed) f.get(local).i32(0).op('i32.lt_s', 'i32.sub');
        return;
      }
      // A lane that holds is -1.
      f.op(signed ? 'i32x4.gt_s' : 'i32x4.ne', 'i32x4.neg');
      if (signed) f.get(local).words(0).op('i32x4.lt_s', 'i32x4.add');
    });
  },
  floor: builtin('f32.floor', 'f32x4.floor'),
  ceil: builtin('f32.ceil', 'f32x4.ceil'),
  round: builtin('f32.nearest', 'f32x4.nearest'),
  sqrt: builtin('f32.sqrt', 'f32x4.sqrt'),
  rsqrt: (scope, x) => {
    emitNumber(scope, 1, x.type);
    scope.emit(x);
    scope.f.op(pick(x.type, 'f32.sqrt', 'f32x4.sqrt'), pick(x.type, 'f32.div', 'f32x4.div'));
  },
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
  is_nan: (scope, x) =>
    floatTest(scope, x, (local) => {
      scope.f
        .get(local)
        .get(local)
        .op(pick(x.type, 'f32.ne', 'f32x4.ne'));
    }),
  is_inf: (scope, x) =>
    floatTest(scope, x, (local) => {
      scope.f.get(local).op(pick(x.type, 'f32.abs', 'f32x4.abs'));
      emitNumber(scope, Infinity, x.type);
      scope.f.op(pick(x.type, 'f32.eq', 'f32x4.eq'));
    }),
};

/** False for integers. */
function floatTest(scope: KernelScope, x: Expression, test: (local: number) => void): void {
  if (isFloat(x.type)) withLocal(scope, x, test);
  else emitNumber(scope, 0, { scalar: 'bool', lanes: x.type.lanes });
}

export const emitUnary = (scope: KernelScope, name: UnaryFunction, x: Expression): void =>
  UNARY[name](scope, x);

interface Forms {
  readonly float: readonly [Instruction, Instruction];
  readonly signed: readonly [Instruction, Instruction];
  readonly unsigned: readonly [Instruction, Instruction];
}

const operator =
  (forms: Forms): BinaryRule =>
  (scope, a, b) => {
    scope.emit(a);
    scope.emit(b);
    const { scalar } = a.type;
    const [single, four] = scalar === 'f32' ? forms.float : scalar === 'i32' ? forms.signed : forms.unsigned;
    scope.f.op(pick(a.type, single, four));
  };

const arithmetic = (name: 'add' | 'sub' | 'mul'): BinaryRule =>
  operator({
    float: [`f32.${name}`, `f32x4.${name}`],
    signed: [`i32.${name}`, `i32x4.${name}`],
    unsigned: [`i32.${name}`, `i32x4.${name}`],
  });

/** Truth values are ordered false before true: as unsigned numbers. */
const comparison = (name: 'lt' | 'le' | 'gt' | 'ge'): BinaryRule =>
  operator({
    float: [`f32.${name}`, `f32x4.${name}`],
    signed: [`i32.${name}_s`, `i32x4.${name}_s`],
    unsigned: [`i32.${name}_u`, `i32x4.${name}_u`],
  });

const equality = (name: 'eq' | 'ne'): BinaryRule =>
  operator({
    float: [`f32.${name}`, `f32x4.${name}`],
    signed: [`i32.${name}`, `i32x4.${name}`],
    unsigned: [`i32.${name}`, `i32x4.${name}`],
  });

const logical = (name: 'and' | 'or'): BinaryRule =>
  operator({
    float: ['f32.add', 'f32x4.add'],
    signed: [`i32.${name}`, `v128.${name}`],
    unsigned: [`i32.${name}`, `v128.${name}`],
  });

/** Single integers are compared and selected; everything else has an instruction, which lets NaN through. */
const extreme =
  (name: 'min' | 'max'): BinaryRule =>
  (scope, a, b) => {
    const { f } = scope;
    const { scalar } = a.type;
    if (isFloat(a.type) || wide(a.type)) {
      scope.emit(a);
      scope.emit(b);
      if (isFloat(a.type)) f.op(pick(a.type, `f32.${name}`, `f32x4.${name}`));
      else f.op(scalar === 'i32' ? `i32x4.${name}_s` : `i32x4.${name}_u`);
      return;
    }
    const before = name === 'min' ? 'lt' : 'gt';
    withLocal(scope, a, (left) =>
      withLocal(scope, b, (right) => {
        f.get(left).get(right).get(left).get(right);
        f.op(scalar === 'i32' ? `i32.${before}_s` : `i32.${before}_u`, 'select');
      }),
    );
  };

const BINARY: { readonly [F in BinaryFunction]: BinaryRule } = {
  add: arithmetic('add'),
  sub: arithmetic('sub'),
  mul: arithmetic('mul'),
  div: (scope, a, b) => {
    if (!isFloat(a.type)) return emitDivision(scope, 'div', a, b);
    scope.emit(a);
    scope.emit(b);
    scope.f.op(pick(a.type, 'f32.div', 'f32x4.div'));
  },
  mod: (scope, a, b) => {
    if (isFloat(a.type)) callHelper(scope, 'mod', [a, b], a.type);
    else emitDivision(scope, 'rem', a, b);
  },
  pow: emitPower,
  min: extreme('min'),
  max: extreme('max'),
  and: logical('and'),
  or: logical('or'),
  eq: equality('eq'),
  ne: equality('ne'),
  lt: comparison('lt'),
  le: comparison('le'),
  gt: comparison('gt'),
  ge: comparison('ge'),
};

export const emitBinary = (scope: KernelScope, name: BinaryFunction, a: Expression, b: Expression): void =>
  BINARY[name](scope, a, b);

/** Small whole exponents are products, a half is a root: the same choices as in shaders. */
function emitPower(scope: KernelScope, base: Expression, exponent: Expression): void {
  const { f } = scope;
  const { type } = base;
  const n = constantValue(exponent);
  if (n === 0) return emitNumber(scope, 1, type);
  if (n === 1) return scope.emit(base);
  const times = isFloat(type) ? pick(type, 'f32.mul', 'f32x4.mul') : pick(type, 'i32.mul', 'i32x4.mul');
  if (n === 2 || n === 3 || n === 4) {
    withLocal(scope, base, (x) => {
      f.get(x).get(x).op(times);
      if (n === 3) f.get(x).op(times);
      if (n === 4) f.tee(x).get(x).op(times);
    });
    return;
  }
  if (!isFloat(type))
    return callHelper(scope, type.scalar === 'i32' ? 'pow_i32' : 'pow_u32', [base, exponent], type);
  if (n === 0.5) return emitUnary(scope, 'sqrt', base);
  if (n === -1) {
    emitNumber(scope, 1, type);
    scope.emit(base);
    f.op(pick(type, 'f32.div', 'f32x4.div'));
    return;
  }
  callHelper(scope, 'pow', [base, exponent], type);
}
