/**
 * Kernel expressions to WebAssembly. In: an expression of the kernel IR. Out: instructions that leave its value on
 * the stack. Elements of a binding are addressed from its base, which is a parameter of the function.
 */
import type { Expression, ValueType } from '../../kernel/ir.ts';
import { emitCast } from './casts.ts';
import { emitBinary, emitUnary } from './functions.ts';
import {
  batchAddress,
  bindingOf,
  FIRST_BINDING,
  SCRATCH,
  scalarAddress,
  scratchOffset,
  turnParameter,
  variableLocal,
  type KernelScope,
} from './kernel-scope.ts';
import type { AccessInstruction } from './opcodes.ts';
import { emitNumber } from './operands.ts';
import { emitVector } from './vectors.ts';

export function emitExpression(scope: KernelScope, e: Expression): void {
  const { f } = scope;
  switch (e.kind) {
    case 'literal':
      return emitNumber(scope, e.value, e.type);
    case 'variable':
      f.get(variableLocal(scope, e.name));
      return;
    case 'batch':
      f.i32(0).access('i32.load', batchAddress(scope.uniform));
      return;
    case 'turn':
      f.get(turnParameter(scope, e.depth));
      return;
    case 'scalar':
      f.i32(0).access('f32.load', scalarAddress(scope.uniform, e.name));
      return;
    case 'load':
      return emitLoad(scope, e);
    case 'scratch_load':
      emitScratch(scope, e.array, e.index, e.type.lanes === 4 ? 'v128.load' : loadOf(e.type));
      return;
    case 'unary':
      return emitUnary(scope, e.function, e.operand);
    case 'binary':
      return emitBinary(scope, e.function, e.left, e.right);
    case 'fma':
      return emitFma(scope, e);
    case 'select': {
      if (isLarger(e)) {
        emitExpression(scope, e.whenFalse);
        emitExpression(scope, e.whenTrue);
        f.op('f32x4.pmax');
        return;
      }
      emitExpression(scope, e.whenTrue);
      emitExpression(scope, e.whenFalse);
      emitExpression(scope, e.condition);
      f.op(e.type.lanes === 4 ? 'v128.bitselect' : 'select');
      return;
    }
    case 'cast':
      emitExpression(scope, e.operand);
      emitCast(scope, e.operand.type, e.type.scalar);
      return;
    case 'splat':
      return emitSplat(scope, e.operand);
    case 'vector':
      return emitVector(scope, e);
    case 'lane':
      emitExpression(scope, e.operand);
      f.lane(e.type.scalar === 'f32' ? 'f32x4.extract_lane' : 'i32x4.extract_lane', e.lane);
      if (e.type.scalar === 'bool') f.i32(1).op('i32.and');
      return;
    case 'random_bits':
      return emitRandom(scope, e.stream, e.element);
    default:
      return e satisfies never;
  }
}

/** `b` where a < b, else `a`: one instruction. */
function isLarger({
  type,
  condition,
  whenTrue,
  whenFalse,
}: Extract<Expression, { kind: 'select' }>): boolean {
  if (type.lanes !== 4 || type.scalar !== 'f32') return false;
  if (condition.kind !== 'binary' || condition.function !== 'lt') return false;
  const isSame = (a: Expression, b: Expression): boolean =>
    a.kind === 'variable' && b.kind === 'variable' && a.name === b.name;
  return isSame(condition.left, whenFalse) && isSame(condition.right, whenTrue);
}

const loadOf = (type: ValueType): AccessInstruction => (type.scalar === 'f32' ? 'f32.load' : 'i32.load');

function emitFma(scope: KernelScope, { type, a, b, c }: Extract<Expression, { kind: 'fma' }>): void {
  const { f } = scope;
  if (scope.relaxed && type.lanes === 4) {
    for (const part of [a, b, c]) emitExpression(scope, part);
    f.op('f32x4.relaxed_madd');
    return;
  }
  emitExpression(scope, a);
  emitExpression(scope, b);
  f.op(type.lanes === 4 ? 'f32x4.mul' : 'f32.mul');
  emitExpression(scope, c);
  f.op(type.lanes === 4 ? 'f32x4.add' : 'f32.add');
}

/** Single elements that are loaded only to be spread are loaded into all lanes. */
function emitSplat(scope: KernelScope, operand: Expression): void {
  const { f } = scope;
  const plain = operand.kind === 'load' && isPlain(bindingOf(scope, operand.binding).storage);
  if (operand.kind === 'load' && plain) {
    emitAddress(scope, FIRST_BINDING + operand.binding, operand.index, 4, 0, 'v128.load32_splat');
    return;
  }
  if (operand.kind === 'scratch_load') {
    emitScratch(scope, operand.array, operand.index, 'v128.load32_splat', 4);
    return;
  }
  if (operand.kind === 'lane' && operand.operand.kind === 'scratch_load') {
    const { array, index } = operand.operand;
    emitScratch(scope, array, index, 'v128.load32_splat', undefined, 4 * operand.lane);
    return;
  }
  if (operand.kind === 'literal') return emitNumber(scope, operand.value, { ...operand.type, lanes: 4 });
  if (operand.type.scalar === 'bool') {
    f.i32(0);
    emitExpression(scope, operand);
    f.op('i32.sub', 'i32x4.splat');
    return;
  }
  emitExpression(scope, operand);
  f.op(operand.type.scalar === 'f32' ? 'f32x4.splat' : 'i32x4.splat');
}

const isPlain = (storage: string): boolean => storage === 'f32' || storage === 'i32' || storage === 'u32';

/**
 * Pushes the address of element `index` and accesses it. A number added at the end of the index goes into the
 * instruction's offset: what stands before it is not below zero (see `Emitter.index`).
 */
export function emitAddress(
  scope: KernelScope,
  base: number,
  index: Expression,
  size: number,
  offset: number,
  access: AccessInstruction,
  between?: () => void,
): void {
  const { f } = scope;
  const { rest, constant } = splitIndex(index);
  f.get(base);
  if (rest) {
    emitExpression(scope, rest);
    if (size > 1) f.i32(Math.log2(size)).op('i32.shl');
    f.op('i32.add');
  }
  between?.();
  f.access(access, offset + constant * size);
}

function splitIndex(index: Expression): { rest: Expression | undefined; constant: number } {
  if (index.kind === 'literal') return { rest: undefined, constant: index.value };
  if (index.kind === 'binary' && index.function === 'add' && index.right.kind === 'literal')
    return { rest: index.left, constant: index.right.value };
  return { rest: index, constant: 0 };
}

/** `size`: bytes an element, by default those of the array's; `further`: bytes beyond its start. */
export function emitScratch(
  scope: KernelScope,
  array: number,
  index: Expression,
  access: AccessInstruction,
  size?: number,
  further = 0,
  between?: () => void,
): void {
  const declared = scope.kernel.scratch?.[array];
  if (!declared) throw new Error(`internal: ${scope.kernel.name} has no scratch array ${array}`);
  const offset = scratchOffset(scope, array) + further;
  emitAddress(scope, SCRATCH, index, size ?? 4 * declared.width, offset, access, between);
}

function emitLoad(scope: KernelScope, e: Extract<Expression, { kind: 'load' }>): void {
  const { storage, width } = bindingOf(scope, e.binding);
  const base = FIRST_BINDING + e.binding;
  const stored: ValueType = {
    scalar: storage === 'u8' || storage === 'bool' ? 'u32' : storage,
    lanes: width,
  };
  if (storage === 'u8') emitAddress(scope, base, e.index, 1, 0, 'i32.load8_u');
  else emitAddress(scope, base, e.index, 4 * width, 0, width === 4 ? 'v128.load' : loadOf(stored));
  emitCast(scope, stored, e.type.scalar);
}

/** One draw a lane; the counter's element is a single number where the value is. */
function emitRandom(scope: KernelScope, stream: number, element: Expression): void {
  const { f, helpers } = scope;
  f.i32(stream);
  emitExpression(scope, element);
  if (element.type.lanes === 1) f.op('i32x4.splat');
  f.call(helpers.index('random_bits'));
  if (element.type.lanes === 1) f.lane('i32x4.extract_lane', 0);
}
