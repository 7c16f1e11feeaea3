/**
 * Constructors of kernel expressions. In: operands. Out: typed expressions; the type follows from the
 * operands, so that rules and templates never write one out. Nothing is folded.
 */
import type { BinaryFunction, Expression, ScalarType, UnaryFunction, ValueType } from './ir.ts';

export const scalarType = (scalar: ScalarType): ValueType => ({ scalar, lanes: 1 });
export const U32: ValueType = { scalar: 'u32', lanes: 1 };

const COMPARISONS: readonly BinaryFunction[] = ['eq', 'ne', 'lt', 'le', 'gt', 'ge'];

export const literal = (value: number, scalar: ScalarType): Expression => ({
  kind: 'literal',
  type: scalarType(scalar),
  value,
});

export const variable = (name: string, type: ValueType): Expression => ({ kind: 'variable', type, name });

export const batch: Expression = { kind: 'batch', type: U32 };
export const turn = (depth: number): Expression => ({ kind: 'turn', type: U32, depth });

export function unary(operation: UnaryFunction, operand: Expression): Expression {
  const truth = operation === 'is_nan' || operation === 'is_inf';
  const type: ValueType = truth ? { scalar: 'bool', lanes: operand.type.lanes } : operand.type;
  return { kind: 'unary', type, function: operation, operand };
}

export function binary(operation: BinaryFunction, left: Expression, right: Expression): Expression {
  const truth = COMPARISONS.includes(operation);
  const type: ValueType = truth ? { scalar: 'bool', lanes: left.type.lanes } : left.type;
  return { kind: 'binary', type, function: operation, left, right };
}

export const fma = (a: Expression, b: Expression, c: Expression): Expression => ({
  kind: 'fma',
  type: c.type,
  a,
  b,
  c,
});

export const select = (condition: Expression, whenTrue: Expression, whenFalse: Expression): Expression => ({
  kind: 'select',
  type: whenTrue.type,
  condition,
  whenTrue,
  whenFalse,
});

/** The operand itself where it has the type already. */
export function cast(operand: Expression, scalar: ScalarType): Expression {
  if (operand.type.scalar === scalar) return operand;
  return { kind: 'cast', type: { scalar, lanes: operand.type.lanes }, operand };
}

/** One scalar in as many lanes as wanted. */
export function spread(operand: Expression, lanes: 1 | 4): Expression {
  if (operand.type.lanes === lanes) return operand;
  return { kind: 'splat', type: { scalar: operand.type.scalar, lanes: 4 }, operand };
}

export const vector = (lanes: readonly [Expression, Expression, Expression, Expression]): Expression => ({
  kind: 'vector',
  type: { scalar: lanes[0].type.scalar, lanes: 4 },
  lanes,
});

export const LANES = [0, 1, 2, 3] as const;
export type Lane = (typeof LANES)[number];

/** A vector of what `each` gives for every lane. */
export const vectorOf = (each: (lane: Lane) => Expression): Expression =>
  vector([each(0), each(1), each(2), each(3)]);

/** One lane; the parts of a vector or a splat are taken without a detour. */
export function laneOf(operand: Expression, lane: Lane): Expression {
  if (operand.kind === 'vector') return operand.lanes[lane];
  if (operand.kind === 'splat') return operand.operand;
  return { kind: 'lane', type: scalarType(operand.type.scalar), operand, lane };
}

/** Joins the four lanes pairwise: ((0, 1), (2, 3)). */
export function acrossLanes(
  operand: Expression,
  join: (a: Expression, b: Expression) => Expression,
): Expression {
  return join(join(laneOf(operand, 0), laneOf(operand, 1)), join(laneOf(operand, 2), laneOf(operand, 3)));
}
