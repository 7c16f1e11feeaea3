/** Element-wise builtins: functions of one operand, `min`/`max`/`clamp`, `where`, casts. Numbers fold. */
import { boolean, float, integer, tensor, type NumberValue, type Value } from '../values.ts';
import { erf, roundHalfEven } from '../../graph/scalar-functions.ts';
import type { DType, UnaryOp } from '../../graph/ir.ts';
import { isFloat } from '../../graph/op-row.ts';
import { asTensor, isNumeric, numberAs } from '../convert.ts';
import { requireBroadcast, unifyDtypes } from '../operators.ts';
import { parameter, type Builtin, type BuiltinCall } from './spec.ts';
import { reduce } from './reductions.ts';

type Fold = (x: number) => number;

interface UnaryRow {
  readonly op: UnaryOp;
  readonly fold: Fold;
  /** i32 and u32 as well. */
  readonly integers?: boolean;
  /** The folded number is whole. */
  readonly whole?: boolean;
}

const UNARY: Readonly<Record<string, UnaryRow>> = {
  exp: { op: 'exp', fold: Math.exp },
  log: { op: 'log', fold: Math.log },
  sqrt: { op: 'sqrt', fold: Math.sqrt },
  rsqrt: { op: 'rsqrt', fold: (x) => 1 / Math.sqrt(x) },
  abs: { op: 'abs', fold: Math.abs, integers: true },
  sign: { op: 'sign', fold: Math.sign, integers: true },
  floor: { op: 'floor', fold: Math.floor, whole: true },
  ceil: { op: 'ceil', fold: Math.ceil, whole: true },
  round: { op: 'round', fold: roundHalfEven, whole: true },
  sin: { op: 'sin', fold: Math.sin },
  cos: { op: 'cos', fold: Math.cos },
  tan: { op: 'tan', fold: Math.tan },
  asin: { op: 'asin', fold: Math.asin },
  acos: { op: 'acos', fold: Math.acos },
  atan: { op: 'atan', fold: Math.atan },
  sinh: { op: 'sinh', fold: Math.sinh },
  cosh: { op: 'cosh', fold: Math.cosh },
  tanh: { op: 'tanh', fold: Math.tanh },
  erf: { op: 'erf', fold: erf },
};

function unary(row: UnaryRow): Builtin {
  return {
    parameters: [parameter.required('x', 'operand')],
    run: (call) => {
      const value = call.value('x');
      if (value.kind === 'number') {
        const whole = row.whole === true || (row.integers === true && value.integer);
        return { kind: 'number', value: row.fold(value.value), integer: whole, origin: value.origin };
      }
      if (value.kind === 'dimension' && row.whole) return value;
      if (value.kind === 'tensor' && row.integers) {
        const dtype = call.tensors.dtype(value.id);
        if (dtype === 'i32' || dtype === 'u32') return tensor(call.tensors.unary(row.op, value.id));
      }
      return tensor(call.tensors.unary(row.op, call.floats('x')));
    },
  };
}

function predicate(op: 'is_nan' | 'is_inf', fold: (x: number) => boolean): Builtin {
  return {
    parameters: [parameter.required('x', 'operand')],
    run: (call) => {
      const value = call.value('x');
      if (value.kind === 'number') return boolean(fold(value.value));
      return tensor(call.tensors.unary(op, call.floats('x')));
    },
  };
}

/** Two operands: numbers fold, tensors broadcast. */
function pair(call: BuiltinCall, op: 'min' | 'max', a: string, b: string): Value {
  const [x, y] = [call.argument(a), call.argument(b)];
  if (x.value.kind === 'number' && y.value.kind === 'number') {
    const first = op === 'min' ? x.value.value <= y.value.value : x.value.value >= y.value.value;
    return first ? x.value : y.value;
  }
  const ids = unifyDtypes(call.context, [x, y], call.span, `\`${call.name}\``) as [number, number];
  if (call.tensors.dtype(ids[0]) === 'bool') {
    call.fail('E0209', call.span, `\`${call.name}\` does not take bool`, { help: 'use `and` or `or`' });
  }
  requireBroadcast(call.context, ids, call.span, 'and');
  return tensor(call.tensors.binary(op, ids[0], ids[1]));
}

/** `max(a, b)` compares, `max(x, axis = …)` reduces. */
function minimumOrMaximum(op: 'min' | 'max'): Builtin {
  return {
    parameters: [
      parameter.required('x', 'operand'),
      parameter.optional('other', 'operand'),
      parameter.optional('axis', 'axes'),
      parameter.optional('keep', 'boolean', boolean(false)),
    ],
    run: (call) => {
      if (!call.given('other')) return reduce(call, op === 'min' ? 'reduce_min' : 'reduce_max');
      for (const name of ['axis', 'keep']) {
        if (call.given(name)) {
          call.fail('E0210', call.spanOf(name), `\`${op}\` of two values has no \`${name}\``, {
            help: `\`${op}(x, axis = …)\` reduces one value`,
          });
        }
      }
      return pair(call, op, 'x', 'other');
    },
  };
}

const clamp: Builtin = {
  parameters: [
    parameter.required('x', 'operand'),
    parameter.required('lo', 'operand'),
    parameter.required('hi', 'operand'),
  ],
  run: (call) => {
    const operands = ['x', 'lo', 'hi'].map((name) => call.argument(name));
    const numbers = operands.map(({ value }) => value);
    if (numbers.every((value): value is NumberValue => value.kind === 'number')) {
      const [x, lo, hi] = numbers as [NumberValue, NumberValue, NumberValue];
      const low = x.value < lo.value ? lo : x;
      return low.value > hi.value ? hi : low;
    }
    const [x, lo, hi] = unifyDtypes(call.context, operands, call.span, '`clamp`') as [number, number, number];
    if (call.tensors.dtype(x) === 'bool') call.fail('E0209', call.spanOf('x'), '`clamp` does not take bool');
    requireBroadcast(call.context, [x, lo, hi], call.span, 'and');
    // lo > hi gives hi.
    return tensor(call.tensors.binary('min', call.tensors.binary('max', x, lo), hi));
  },
};

const where: Builtin = {
  parameters: [
    parameter.required('c', 'operand'),
    parameter.required('a', 'operand'),
    parameter.required('b', 'operand'),
  ],
  run: (call) => {
    const condition = call.value('c');
    if (condition.kind === 'bool') return call.value(condition.value ? 'a' : 'b');
    const c = asTensor(call.context, condition, call.spanOf('c'));
    const { tensors } = call;
    if (tensors.dtype(c) !== 'bool') {
      call.fail('E0209', call.spanOf('c'), `the condition of \`where\` is bool, not ${tensors.dtype(c)}`, {
        help: 'compare: `x != 0`',
      });
    }
    const [a, b] = unifyDtypes(
      call.context,
      [call.argument('a'), call.argument('b')],
      call.span,
      '`where`',
    ) as [number, number];
    requireBroadcast(call.context, [c, a, b], call.span, 'and');
    return tensor(tensors.select(c, a, b));
  },
};

/** `f32(x)`, truncating towards zero where floats become integers. */
function cast(dtype: DType): Builtin {
  return {
    parameters: [parameter.required('x', 'operand')],
    run: (call) => {
      const value = call.value('x');
      if (dtype === 'f32' && value.kind === 'number') return float(value.value, value.origin);
      if (isNumeric(value)) {
        if (value.kind === 'dimension') return tensor(call.tensors.constant(value.value, dtype));
        if (dtype === 'bool') return boolean(value.value !== 0);
        const whole = dtype === 'f16' ? value : integer(Math.trunc(value.value));
        return tensor(numberAs(call.context, whole, dtype, call.spanOf('x')));
      }
      return tensor(call.tensors.cast(call.tensor('x'), dtype));
    },
  };
}

export const ELEMENTWISE: Readonly<Record<string, Builtin>> = {
  ...Object.fromEntries(Object.entries(UNARY).map(([name, row]) => [name, unary(row)])),
  is_nan: predicate('is_nan', Number.isNaN),
  is_inf: predicate('is_inf', (x) => Math.abs(x) === Infinity),
  min: minimumOrMaximum('min'),
  max: minimumOrMaximum('max'),
  clamp,
  where,
  f32: cast('f32'),
  u32: cast('u32'),
  i32: cast('i32'),
  bool: cast('bool'),
  f16: cast('f16'),
  detach: {
    parameters: [parameter.required('x', 'operand')],
    run: (call) => {
      const value = call.value('x');
      if (value.kind !== 'tensor') return value;
      return tensor(
        isFloat(call.tensors.dtype(value.id)) ? call.tensors.unary('detach', value.id) : value.id,
      );
    },
  },
  grad: {
    parameters: [parameter.required('y', 'tensor'), parameter.required('x', 'value')],
    run: (call) => {
      const y = call.floats('y');
      if (call.tensors.rank(y) !== 0) {
        call.fail('E0303', call.spanOf('y'), 'a gradient is of a scalar', {
          help: 'sum it: `grad(sum(y), x)`',
        });
      }
      const x = call.value('x');
      if (x.kind !== 'tensor') call.fail('E0213', call.spanOf('x'), 'a gradient is by a tensor');
      return tensor(call.tensors.gradient(y, call.floats('x')));
    },
  },
};
