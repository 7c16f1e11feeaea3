/** Rows of the batched matrix product, the look-up of slices and its transpose, the sum of slices. */
import { equalDimensions, equalShapes, printShape, type Dimension } from './dimension.ts';
import { elementCount } from './host-tensor.ts';
import { broken, isFloat, nth, type OpRow } from './op-row.ts';
import { wrap } from './scalar-functions.ts';

const matmul: OpRow<'matmul'> = {
  kind: 'matmul',
  arity: 2,
  infer(inputs) {
    const [a, b] = [nth(inputs, 0), nth(inputs, 1)];
    const rank = a.shape.length;
    const fits =
      rank >= 2 &&
      b.shape.length === rank &&
      equalShapes(a.shape.slice(0, -2), b.shape.slice(0, -2)) &&
      equalDimensions(a.shape[rank - 1] as Dimension, b.shape[rank - 2] as Dimension);
    if (!fits) broken(`matmul of ${printShape(a.shape)} and ${printShape(b.shape)}`);
    if (a.dtype !== b.dtype || !isFloat(a.dtype)) broken(`matmul of ${a.dtype} and ${b.dtype}`);
    return { dtype: a.dtype, shape: [...a.shape.slice(0, -1), b.shape[rank - 1] as Dimension] };
  },
  evaluate(e) {
    const [a, b] = [nth(e.inputs, 0), nth(e.inputs, 1)];
    const [rows, columns] = [e.shape.at(-2) as number, e.shape.at(-1) as number];
    const inner = a.shape.at(-1) as number;
    const result = new Float64Array(elementCount(e.shape));
    for (let batch = 0; batch < elementCount(e.shape.slice(0, -2)); batch++) {
      for (let i = 0; i < rows; i++) {
        const out = (batch * rows + i) * columns;
        for (let k = 0; k < inner; k++) {
          const factor = a.data[(batch * rows + i) * inner + k] as number;
          const from = (batch * inner + k) * columns;
          for (let j = 0; j < columns; j++) {
            result[out + j] = (result[out + j] as number) + factor * (b.data[from + j] as number);
          }
        }
      }
    }
    return result;
  },
};

/** An index past the end reads the last slice; the data loader refuses such labels beforehand. */
const take: OpRow<'take'> = {
  kind: 'gather',
  arity: 2,
  infer(inputs, { axis }) {
    const [x, index] = [nth(inputs, 0), nth(inputs, 1)];
    if (axis < 0 || axis >= x.shape.length) broken(`take along axis ${axis} of ${printShape(x.shape)}`);
    if (index.dtype !== 'u32') broken(`take with an index of ${index.dtype}`);
    return { dtype: x.dtype, shape: [...x.shape.slice(0, axis), ...index.shape, ...x.shape.slice(axis + 1)] };
  },
  evaluate(e) {
    const [x, index] = [nth(e.inputs, 0), nth(e.inputs, 1)];
    const { axis } = e.attributes;
    const size = x.shape[axis] as number;
    const outer = elementCount(x.shape.slice(0, axis));
    const inner = elementCount(x.shape.slice(axis + 1));
    const result = new Float64Array(elementCount(e.shape));
    let at = 0;
    for (let i = 0; i < outer; i++) {
      for (const wanted of index.data) {
        const from = (i * size + Math.min(wanted, size - 1)) * inner;
        result.set(x.data.subarray(from, from + inner), at);
        at += inner;
      }
    }
    return result;
  },
};

/** Slices are added in the index's order; one whose index lies past the end is left out. */
const scatterAdd: OpRow<'scatter_add'> = {
  kind: 'scatter',
  arity: 3,
  infer(inputs, { axis }) {
    const [x, index, source] = [nth(inputs, 0), nth(inputs, 1), nth(inputs, 2)];
    if (axis < 0 || axis >= x.shape.length)
      broken(`scatter_add along axis ${axis} of ${printShape(x.shape)}`);
    if (index.dtype !== 'u32' || index.shape.length !== 1) {
      broken(`scatter_add with an index of ${index.dtype}${printShape(index.shape)}`);
    }
    const expected = x.shape.map((d, i) => (i === axis ? (index.shape[0] as Dimension) : d));
    if (source.dtype !== x.dtype || x.dtype === 'bool' || !equalShapes(source.shape, expected)) {
      broken(`scatter_add of ${printShape(source.shape)} into ${printShape(x.shape)} along axis ${axis}`);
    }
    return x;
  },
  evaluate(e) {
    const [x, index, source] = [nth(e.inputs, 0), nth(e.inputs, 1), nth(e.inputs, 2)];
    const { axis } = e.attributes;
    const size = x.shape[axis] as number;
    const count = index.data.length;
    const outer = elementCount(x.shape.slice(0, axis));
    const inner = elementCount(x.shape.slice(axis + 1));
    const result = x.data.slice();
    for (let i = 0; i < outer; i++) {
      for (let j = 0; j < count; j++) {
        const target = index.data[j] as number;
        if (target >= size) continue;
        const to = (i * size + target) * inner;
        const from = (i * count + j) * inner;
        for (let k = 0; k < inner; k++) {
          result[to + k] = wrap((result[to + k] as number) + (source.data[from + k] as number), e.dtype);
        }
      }
    }
    return result;
  },
};

export const PRODUCT_ROWS = { matmul, take, scatter_add: scatterAdd };
