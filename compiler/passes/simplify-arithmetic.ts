/**
 * Algebra that holds for every f32, NaN and infinities included (x * 0 is left alone; the sign of a zero
 * may change). In: a node and its inputs in the new graph. Out: what computes the same with less.
 */
import type { GraphBuilder } from '../graph/builder.ts';
import { binary, castTo, constantLike, full, reshapeTo, unary } from '../graph/convenience.ts';
import { equalDimensions } from '../graph/dimension.ts';
import type { Node } from '../graph/ir.ts';
import { isFloat } from '../graph/op-row.ts';
import { uniformNumber } from './rewrite.ts';

export function simplifyArithmetic(
  b: GraphBuilder,
  node: Node,
  inputs: readonly number[],
): number | undefined {
  const [x, y] = inputs as [number, number];
  switch (node.op) {
    case 'detach':
      return x;
    case 'cast':
      return b.type(x).dtype === node.type.dtype ? castTo(b, x, node.type.dtype) : undefined;
    case 'neg':
    case 'not':
      return operandOf(b, x, node.op);
    case 'add':
      return simplifySum(b, x, y);
    case 'sub':
      return simplifyDifference(b, x, y);
    case 'mul':
      return simplifyProduct(b, x, y) ?? simplifyProduct(b, y, x);
    case 'div':
      return simplifyQuotient(b, x, y);
    case 'pow':
      return simplifyPower(b, x, y);
    case 'and':
    case 'or':
      return simplifyLogic(b, node.op, x, y) ?? simplifyLogic(b, node.op, y, x);
    case 'select':
      return simplifySelect(b, inputs);
    case 'reduce_sum':
    case 'reduce_prod':
    case 'reduce_max':
    case 'reduce_min': {
      const { shape } = b.type(x);
      const isTrivial = node.attributes.axes.every((axis) => equalDimensions(shape[axis] ?? 0, 1));
      return isTrivial ? castTo(b, reshapeTo(b, x, node.type.shape), node.type.dtype) : undefined;
    }
    default:
      return undefined;
  }
}

/** x of op(x), where the value is that. */
function operandOf(b: GraphBuilder, id: number, op: 'neg' | 'not'): number | undefined {
  const node = b.node(id);
  return node.op === op ? node.inputs[0] : undefined;
}

/** x + 0, x + (-y) */
function simplifySum(b: GraphBuilder, x: number, y: number): number | undefined {
  if (uniformNumber(b, y) === 0) return x;
  if (uniformNumber(b, x) === 0) return y;
  const negated = operandOf(b, y, 'neg');
  if (negated !== undefined) return binary(b, 'sub', x, negated);
  const first = operandOf(b, x, 'neg');
  return first === undefined ? undefined : binary(b, 'sub', y, first);
}

/** x - 0, x - (-y) */
function simplifyDifference(b: GraphBuilder, x: number, y: number): number | undefined {
  if (uniformNumber(b, y) === 0) return x;
  const negated = operandOf(b, y, 'neg');
  return negated === undefined ? undefined : binary(b, 'add', x, negated);
}

/** x * 1, x * -1 */
function simplifyProduct(b: GraphBuilder, x: number, y: number): number | undefined {
  const factor = uniformNumber(b, y);
  if (factor === 1) return x;
  return factor === -1 ? unary(b, 'neg', x) : undefined;
}

/** x / 1, and x / 2^k as x * 2^-k, which rounds to the same number where 2^-k has all of its digits. */
function simplifyQuotient(b: GraphBuilder, x: number, y: number): number | undefined {
  const divisor = uniformNumber(b, y);
  if (divisor === undefined) return undefined;
  if (divisor === 1) return x;
  const { dtype } = b.type(x);
  if (!isFloat(dtype)) return undefined;
  const exponent = Math.log2(Math.abs(divisor));
  if (!Number.isInteger(exponent) || Math.abs(exponent) > (dtype === 'f16' ? 14 : 64)) return undefined;
  return binary(b, 'mul', x, constantLike(b, x, 1 / divisor));
}

/** Small whole exponents as products: exact for negative bases on every device, and cheaper. */
function simplifyPower(b: GraphBuilder, x: number, y: number): number | undefined {
  const exponent = uniformNumber(b, y);
  switch (exponent) {
    case 0:
      return constantLike(b, x, 1);
    case 1:
      return x;
    case 2:
      return binary(b, 'mul', x, x);
    case 3:
      return binary(b, 'mul', x, binary(b, 'mul', x, x));
    case -1:
      return isFloat(b.type(x).dtype) ? binary(b, 'div', constantLike(b, x, 1), x) : undefined;
    default:
      return undefined;
  }
}

function simplifyLogic(b: GraphBuilder, op: 'and' | 'or', x: number, y: number): number | undefined {
  const value = uniformNumber(b, y);
  if (value === undefined) return undefined;
  const neutral = op === 'and' ? 1 : 0;
  return value === neutral ? x : full(b, value, b.type(x).shape, 'bool');
}

function simplifySelect(b: GraphBuilder, inputs: readonly number[]): number | undefined {
  const [condition, whenTrue, whenFalse] = inputs as [number, number, number];
  if (whenTrue === whenFalse) return whenTrue;
  const value = uniformNumber(b, condition);
  if (value !== undefined) return value === 0 ? whenFalse : whenTrue;
  const negated = operandOf(b, condition, 'not');
  return negated === undefined ? undefined : b.add('select', [negated, whenFalse, whenTrue], {});
}
