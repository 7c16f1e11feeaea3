/**
 * Rows of the reductions and the index of the largest or smallest element. Reducing an empty axis is
 * refused. NaN passes through max and min, and counts as the largest (argmax) and smallest (argmin), as
 * in NumPy and PyTorch.
 */
import { printShape } from './dimension.ts';
import { elementCount, readStrided, rowMajorStrides, type HostTensor } from './host-tensor.ts';
import type { DType, TensorType } from './ir.ts';
import { accumulated, broken, isFloat, nth, type OpRow } from './op-row.ts';
import { multiplyIntegers, wrap } from './scalar-functions.ts';

function reducedType(op: string, { dtype, shape }: TensorType, axes: readonly number[]): TensorType {
  const ascending = axes.every((axis, i) => i === 0 || axis > (axes[i - 1] as number));
  if (axes.length === 0 || !ascending || (axes[0] as number) < 0 || (axes.at(-1) as number) >= shape.length) {
    broken(`${op} of axes [${axes.join(', ')}] of ${printShape(shape)}`);
  }
  if (axes.some((axis) => shape[axis] === 0)) broken(`${op} of an empty axis of ${printShape(shape)}`);
  if (dtype === 'bool') broken(`${op} of bool`);
  return { dtype, shape: shape.filter((_, axis) => !axes.includes(axis)) };
}

/** The elements with the kept axes first: each run of `length` is what one result is made of. */
function runs(x: HostTensor, axes: readonly number[]): { data: Float64Array; length: number } {
  const strides = rowMajorStrides(x.shape);
  const order = [...x.shape.keys()].filter((axis) => !axes.includes(axis)).concat(axes);
  const data = readStrided(
    x.data,
    order.map((axis) => x.shape[axis] as number),
    order.map((axis) => strides[axis] as number),
  );
  return { data, length: elementCount(axes.map((axis) => x.shape[axis] as number)) };
}

type ReduceOp = 'reduce_sum' | 'reduce_max' | 'reduce_min' | 'reduce_prod';

function reduction(op: ReduceOp, join: (a: number, b: number, dtype: DType) => number): OpRow<ReduceOp> {
  return {
    kind: 'reduce',
    arity: 1,
    infer(inputs, { axes }, given) {
      const { dtype, shape } = reducedType(op, nth(inputs, 0), axes);
      const adds = op === 'reduce_sum' || op === 'reduce_prod';
      return { dtype: adds ? accumulated(dtype, given) : dtype, shape };
    },
    evaluate(e) {
      const { data, length } = runs(nth(e.inputs, 0), e.attributes.axes);
      const result = new Float64Array(elementCount(e.shape));
      for (let i = 0; i < result.length; i++) {
        let value = data[i * length] as number;
        for (let j = 1; j < length; j++) value = join(value, data[i * length + j] as number, e.dtype);
        result[i] = value;
      }
      return result;
    },
  };
}

/** The first element that `wins` over all before it. */
function indexOf(op: 'argmax' | 'argmin', wins: (a: number, b: number) => boolean): OpRow<typeof op> {
  return {
    kind: 'reduce',
    arity: 1,
    infer(inputs, { axis }) {
      return { dtype: 'u32', shape: reducedType(op, nth(inputs, 0), [axis]).shape };
    },
    evaluate(e) {
      const { data, length } = runs(nth(e.inputs, 0), [e.attributes.axis]);
      const result = new Float64Array(elementCount(e.shape));
      for (let i = 0; i < result.length; i++) {
        let best = 0;
        for (let j = 1; j < length; j++) {
          const [candidate, holder] = [data[i * length + j] as number, data[i * length + best] as number];
          const isNan = Number.isNaN(candidate) && !Number.isNaN(holder);
          if (isNan || wins(candidate, holder)) best = j;
        }
        result[i] = best;
      }
      return result;
    },
  };
}

export const REDUCTION_ROWS = {
  reduce_sum: reduction('reduce_sum', (a, b, dtype) => wrap(a + b, dtype)),
  reduce_max: reduction('reduce_max', (a, b) => Math.max(a, b)),
  reduce_min: reduction('reduce_min', (a, b) => Math.min(a, b)),
  reduce_prod: reduction('reduce_prod', (a, b, t) => (isFloat(t) ? a * b : multiplyIntegers(a, b, t))),
  argmax: indexOf('argmax', (a, b) => a > b),
  argmin: indexOf('argmin', (a, b) => a < b),
};
