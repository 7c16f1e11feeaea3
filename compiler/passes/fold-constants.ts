/**
 * Computes at compile time what depends on numbers alone: element-wise nodes and sums of uniform tensors.
 * In: a node and its inputs in the new graph. Out: the number, spread to the node's shape.
 *
 * Numbers are folded in double precision. What would leave the range of f32 on the way (overflow, NaN, a
 * product that vanishes) is left for the device to compute, so that folding never changes what happens.
 */
import type { GraphBuilder } from '../graph/builder.ts';
import { full } from '../graph/convenience.ts';
import { elementsAt } from '../graph/dimension.ts';
import { environment, evaluateNode } from '../graph/interpret.ts';
import type { DType, Node } from '../graph/ir.ts';
import { isFloat } from '../graph/op-row.ts';
import { OPS } from '../graph/ops.ts';
import { roundToHalf } from '../graph/scalar-functions.ts';
import { uniformNumber, uniformValue } from './rewrite.ts';

export function foldConstants(b: GraphBuilder, node: Node, inputs: readonly number[]): number | undefined {
  if (inputs.length === 0) return undefined;
  return foldElementwise(b, node, inputs) ?? foldSum(b, node, inputs) ?? foldView(b, node, inputs);
}

function foldElementwise(b: GraphBuilder, node: Node, inputs: readonly number[]): number | undefined {
  if (OPS[node.op].kind !== 'elementwise') return undefined;
  const numbers: number[] = [];
  for (const input of inputs) {
    const value = uniformNumber(b, input);
    if (value === undefined) return undefined;
    numbers.push(value);
  }
  const values = numbers.map((value, i) => ({
    shape: [],
    dtype: b.type(inputs[i] as number).dtype,
    data: Float64Array.of(value),
  }));
  const single = { ...node, inputs: [...numbers.keys()], type: { ...node.type, shape: [] } } as Node;
  const result = evaluateNode(single, values, environment()).data[0] as number;
  return isSafe(result, node.type.dtype, numbers)
    ? full(b, result, node.type.shape, node.type.dtype)
    : undefined;
}

/** A float stays one: finite where its operands are, and not zero by underflow. */
function isSafe(result: number, dtype: DType, operands: readonly number[]): boolean {
  if (!isFloat(dtype)) return true;
  if (Number.isNaN(result)) return false;
  const rounded = dtype === 'f16' ? roundToHalf(result) : Math.fround(result);
  if (!Number.isFinite(rounded)) return !Number.isFinite(result) && !operands.every(Number.isFinite);
  return rounded !== 0 || result === 0;
}

/** The sum of n equal numbers is n times the number. */
function foldSum(b: GraphBuilder, node: Node, inputs: readonly number[]): number | undefined {
  if (node.op !== 'reduce_sum' || !isFloat(node.type.dtype)) return undefined;
  const input = inputs[0] as number;
  const value = uniformNumber(b, input);
  const sizes = node.attributes.axes.map((axis) => b.type(input).shape[axis] ?? 1);
  if (value === undefined || sizes.some((size) => typeof size !== 'number')) return undefined;
  const sum = value * elementsAt(sizes, 1);
  return isSafe(sum, node.type.dtype, [value]) ? full(b, sum, node.type.shape, node.type.dtype) : undefined;
}

/** Any view of a uniform tensor is a constant, reshaped to ones and broadcast. */
function foldView(b: GraphBuilder, node: Node, inputs: readonly number[]): number | undefined {
  if (OPS[node.op].kind !== 'view' || inputs.length !== 1) return undefined;
  const input = b.node(inputs[0] as number);
  const value = uniformValue(b, input.id);
  if (value === undefined) return undefined;
  const isPlain =
    (node.op === 'reshape' && input.op === 'constant' && node.type.shape.every((d) => d === 1)) ||
    (node.op === 'broadcast' && input.op === 'reshape');
  return isPlain ? undefined : full(b, value, node.type.shape, node.type.dtype);
}
