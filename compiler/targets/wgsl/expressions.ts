/**
 * Kernel expressions to WGSL. In: an expression of the kernel IR. Out: a WGSL expression that stands in the
 * statement at hand; what must be computed before it is hoisted into the scope.
 */
import { roundToHalf } from '../../graph/scalar-functions.ts';
import type { Expression, ValueType } from '../../kernel/ir.ts';
import { binary, call, index, member, name, typeName, unsigned, type WgslType } from './ast.ts';
import { emitBinary, emitUnary, filled, scalarName } from './functions.ts';
import { count, leaf, type Emitted, type ShaderScope } from './shader-scope.ts';

const LANE_NAMES = ['x', 'y', 'z', 'w'] as const;

export function emitExpression(scope: ShaderScope, expression: Expression): Emitted {
  const emit = (part: Expression): Emitted => emitExpression(scope, part);
  switch (expression.kind) {
    case 'literal':
      return emitLiteral(scope, expression.value, expression.type);
    case 'variable':
      return leaf(scope.variable(expression.name));
    case 'batch':
      return scope.uniform('batch');
    case 'turn':
      return scope.turn(expression.depth);
    case 'scalar':
      return scope.scalar(expression.name);
    case 'load':
      return emitLoad(scope, expression.binding, emit(expression.index), expression.type);
    case 'scratch_load':
      return scope.join([emit(expression.index)], ([at]) =>
        index(name(scope.scratchName(expression.array)), at!),
      );
    case 'unary':
      return emitUnary(scope, expression.function, expression.operand.type, emit(expression.operand));
    case 'binary': {
      const type = expression.left.type;
      return emitBinary(scope, expression.function, type, emit(expression.left), emit(expression.right));
    }
    case 'fma': {
      const operands = [emit(expression.a), emit(expression.b), emit(expression.c)];
      if (expression.type.scalar !== 'f32') {
        return scope.join(operands, ([a, b, c]) => binary('+', binary('*', a!, b!), c!));
      }
      return scope.join(operands, (codes) => call('fma', ...codes));
    }
    case 'select':
      return scope.join(
        [emit(expression.whenFalse), emit(expression.whenTrue), emit(expression.condition)],
        (codes) => call('select', ...codes),
      );
    case 'cast':
      return emitCast(scope, emit(expression.operand), expression.operand.type, expression.type);
    case 'splat':
      return scope.construct(scalarName(expression.type), [emit(expression.operand)]);
    case 'vector':
      return scope.construct(scalarName(expression.type), expression.lanes.map(emit));
    case 'lane':
      return scope.join([emit(expression.operand)], ([vector]) =>
        member(vector!, LANE_NAMES[expression.lane]),
      );
    case 'random_bits': {
      const element = emit(expression.element);
      return scope.helper('random_bits', expression.type.lanes, count(expression.stream), element);
    }
    default:
      return expression satisfies never;
  }
}

const wgslType = (type: ValueType): WgslType => ({
  scalar: scalarName(type),
  lanes: type.lanes,
});

/** Infinity and NaN come from bits that the compiler does not know (`uniforms.zero` is 0). */
function emitLiteral(scope: ShaderScope, value: number, type: ValueType): Emitted {
  if (type.scalar === 'f16' && !Number.isFinite(roundToHalf(value))) {
    const wide: ValueType = { scalar: 'f32', lanes: type.lanes };
    return emitCast(scope, emitLiteral(scope, roundToHalf(value), wide), wide, type);
  }
  const rounded = type.scalar === 'f32' ? Math.fround(value) : value;
  if (type.scalar !== 'f32' || Number.isFinite(rounded)) return filled(scope, value, type);
  const bits = Number.isNaN(rounded) ? 0x7fc00000 : rounded > 0 ? 0x7f800000 : 0xff800000;
  const special = scope.join([count(bits), scope.uniform('zero')], ([known, zero]) =>
    call('bitcast<f32>', binary('|', known!, zero!)),
  );
  return type.lanes === 4 ? scope.construct('f32', [special]) : special;
}

/** Type of the elements as they lie in memory. */
export function storedType(storage: string, width: 1 | 4): ValueType {
  switch (storage) {
    case 'f32':
    case 'f16':
    case 'i32':
    case 'u32':
      return { scalar: storage, lanes: width };
    case 'bool':
      return { scalar: 'u32', lanes: width };
    case 'u8':
      // Four bytes a word; a vector of four bytes is one word.
      return { scalar: 'u32', lanes: 1 };
    default:
      throw new Error(`internal: no WGSL storage for ${storage}`);
  }
}

function emitLoad(scope: ShaderScope, at: number, position: Emitted, type: ValueType): Emitted {
  const { storage, width } = scope.binding(at);
  if (type.lanes !== width)
    throw new Error(`internal: ${scope.kernel.name} loads ${type.lanes} lanes of ${width}`);
  const read = (place: Emitted): Emitted =>
    scope.join([place], ([code]) => index(name(scope.bindingName(at)), code!));
  if (storage === 'u8') {
    const bytes = width === 4 ? fourBytes(scope, read(position)) : oneByte(scope, position, read);
    return emitCast(scope, bytes, { scalar: 'u32', lanes: width }, type);
  }
  const loaded = read(position);
  // A truth value is kept as 0 or 1.
  if (storage === 'bool') return emitCast(scope, loaded, { scalar: 'u32', lanes: width }, type);
  return emitCast(scope, loaded, storedType(storage, width), type);
}

function oneByte(scope: ShaderScope, position: Emitted, read: (place: Emitted) => Emitted): Emitted {
  const place = scope.hoist(position);
  const word = read(scope.join([place], ([p]) => binary('/', p!, unsigned(4))));
  const shift = scope.join([place], ([p]) => binary('*', binary('%', p!, unsigned(4)), unsigned(8)));
  return scope.join([word, shift], ([w, s]) => binary('&', binary('>>', w!, s!), unsigned(255)));
}

function fourBytes(scope: ShaderScope, word: Emitted): Emitted {
  const vector = (...values: number[]) => call('vec4<u32>', ...values.map(unsigned));
  return scope.join([word], ([w]) =>
    binary('&', binary('>>', call('vec4<u32>', w!), vector(0, 8, 16, 24)), vector(255)),
  );
}

/**
 * Conversion of graph/ops `convert`: to bool is "not zero", floats to integers truncate and saturate, what is too
 * large for f16 is infinite.
 */
export function emitCast(scope: ShaderScope, value: Emitted, from: ValueType, to: ValueType): Emitted {
  if (from.scalar === to.scalar) return value;
  if (to.scalar === 'bool') {
    return scope.join([value, filled(scope, 0, from)], ([x, zero]) => binary('!=', x!, zero!));
  }
  if (to.scalar === 'f16') {
    const wide: ValueType = { scalar: 'f32', lanes: to.lanes };
    return scope.helper('to_f16', to.lanes, emitCast(scope, value, from, wide));
  }
  if (from.scalar === 'f16' && to.scalar !== 'f32') {
    const wide: ValueType = { scalar: 'f32', lanes: to.lanes };
    return emitCast(scope, emitCast(scope, value, from, wide), wide, to);
  }
  if (from.scalar === 'f32' && to.scalar === 'i32') return scope.helper('to_i32', to.lanes, value);
  if (from.scalar === 'f32' && to.scalar === 'u32') return scope.helper('to_u32', to.lanes, value);
  return scope.join([value], ([x]) => call(typeName(wgslType(to)), x!));
}

/** The value as it is kept in memory. */
export function emitStored(scope: ShaderScope, value: Emitted, type: ValueType, storage: string): Emitted {
  if (storage === 'u8') throw new Error(`internal: ${scope.kernel.name} writes bytes`);
  return emitCast(scope, value, type, storedType(storage, type.lanes));
}
