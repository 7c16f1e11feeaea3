/**
 * Rows of the primitives that run along one axis and leave it in place: running sums, and the places of the
 * largest elements. NaN counts as the largest, as in PyTorch; of equals the lower index comes first.
 */
import { printShape, type Dimension } from './dimension.ts';
import { elementCount } from './host-tensor.ts';
import { broken, nth, type OpRow } from './op-row.ts';
import { wrap } from './scalar-functions.ts';

function checkAxis(op: string, shape: readonly Dimension[], axis: number): void {
  if (axis < 0 || axis >= shape.length) broken(`${op} along axis ${axis} of ${printShape(shape)}`);
  if (shape[axis] === 0) broken(`${op} of an empty axis of ${printShape(shape)}`);
}

const cumsum: OpRow<'cumsum'> = {
  kind: 'row',
  arity: 1,
  infer(inputs, { axis }) {
    const type = nth(inputs, 0);
    checkAxis('cumsum', type.shape, axis);
    if (type.dtype === 'bool') broken('cumsum of bool');
    return type;
  },
  evaluate(e) {
    const { data, shape } = nth(e.inputs, 0);
    const { axis, reverse } = e.attributes;
    const size = shape[axis] as number;
    const inner = elementCount(shape.slice(axis + 1));
    const result = new Float64Array(data.length);
    for (let start = 0; start < data.length; start += size * inner) {
      for (let k = 0; k < inner; k++) {
        let sum = 0;
        for (let turn = 0; turn < size; turn++) {
          const at = start + (reverse ? size - 1 - turn : turn) * inner + k;
          sum = wrap(sum + (data[at] as number), e.dtype);
          result[at] = sum;
        }
      }
    }
    return result;
  },
};

/** Whether `a` at place `i` comes before `b` at place `j`. */
function precedes(a: number, i: number, b: number, j: number): boolean {
  const [first, second] = [Number.isNaN(a), Number.isNaN(b)];
  if (first !== second) return first;
  return (!first && a > b) || ((first || a === b) && i < j);
}

const topK: OpRow<'top_k'> = {
  kind: 'row',
  arity: 1,
  infer(inputs, { axis, k }) {
    const { dtype, shape } = nth(inputs, 0);
    checkAxis('top_k', shape, axis);
    const size = shape[axis] as Dimension;
    if (dtype === 'bool') broken('top_k of bool');
    if (typeof size !== 'number' || k < 1 || k > size) broken(`top_k of ${k} in ${printShape(shape)}`);
    return { dtype: 'u32', shape: shape.with(axis, k) };
  },
  evaluate(e) {
    const { data, shape } = nth(e.inputs, 0);
    const { axis, k } = e.attributes;
    const size = shape[axis] as number;
    const inner = elementCount(shape.slice(axis + 1));
    const result = new Float64Array(elementCount(e.shape));
    for (let outer = 0; outer < elementCount(shape.slice(0, axis)); outer++) {
      for (let j = 0; j < inner; j++) {
        const at = (i: number): number => data[(outer * size + i) * inner + j] as number;
        const order = Array.from({ length: size }, (_, i) => i);
        order.sort((a, b) => (precedes(at(a), a, at(b), b) ? -1 : 1));
        for (let i = 0; i < k; i++) result[(outer * k + i) * inner + j] = order[i] as number;
      }
    }
    return result;
  },
};

export const ROW_ROWS = { cumsum, top_k: topK };
