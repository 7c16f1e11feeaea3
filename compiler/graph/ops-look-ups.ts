/**
 * Rows of the look-ups by an index tensor and of their transposes. By slices: `take` with an index of any rank.
 * By elements: `gather`, whose index has the result's shape. `scatter_add` is the transpose of both.
 */
import { equalShapes, printShape, type Dimension } from './dimension.ts';
import { elementCount } from './host-tensor.ts';
import { broken, nth, type OpRow } from './op-row.ts';
import { wrap } from './scalar-functions.ts';

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

/** An index past the end reads the last element. Axes but `axis` have equal sizes in x and the index. */
const gather: OpRow<'gather'> = {
  kind: 'gather',
  arity: 2,
  infer(inputs, { axis }) {
    const [x, index] = [nth(inputs, 0), nth(inputs, 1)];
    if (axis < 0 || axis >= x.shape.length) broken(`gather along axis ${axis} of ${printShape(x.shape)}`);
    const due = x.shape.with(axis, index.shape[axis] ?? 0);
    if (index.dtype !== 'u32' || !equalShapes(index.shape, due)) {
      broken(
        `gather of ${printShape(x.shape)} by ${index.dtype}${printShape(index.shape)} along axis ${axis}`,
      );
    }
    return { dtype: x.dtype, shape: index.shape };
  },
  evaluate(e) {
    const [x, index] = [nth(e.inputs, 0), nth(e.inputs, 1)];
    const { axis } = e.attributes;
    const size = x.shape[axis] as number;
    const inner = elementCount(x.shape.slice(axis + 1));
    const block = inner * (index.shape[axis] as number);
    return index.data.map((wanted, i) => {
      const [outer, k] = [Math.floor(i / block), i % inner];
      return x.data[(outer * size + Math.min(wanted, size - 1)) * inner + k] as number;
    });
  },
};

/** Whether the index names an element each and not a slice each. For x of rank 1 the two are the same. */
export const isByElement = (index: readonly Dimension[]): boolean => index.length > 1;

/** Sources are added in the index's order; one whose index lies past the end is left out. */
const scatterAdd: OpRow<'scatter_add'> = {
  kind: 'scatter',
  arity: 3,
  infer(inputs, { axis }) {
    const [x, index, source] = [nth(inputs, 0), nth(inputs, 1), nth(inputs, 2)];
    if (axis < 0 || axis >= x.shape.length)
      broken(`scatter_add along axis ${axis} of ${printShape(x.shape)}`);
    const byElement = isByElement(index.shape);
    const count = index.shape[byElement ? axis : 0];
    const expected = x.shape.with(axis, count ?? 0);
    if (index.dtype !== 'u32' || count === undefined || (byElement && !equalShapes(index.shape, expected))) {
      broken(`scatter_add with an index of ${index.dtype}${printShape(index.shape)}`);
    }
    // f16 is added up in f32: sums are kept in memory here.
    const isSummed = x.dtype !== 'bool' && x.dtype !== 'f16';
    if (source.dtype !== x.dtype || !isSummed || !equalShapes(source.shape, expected)) {
      broken(`scatter_add of ${printShape(source.shape)} into ${printShape(x.shape)} along axis ${axis}`);
    }
    return x;
  },
  evaluate(e) {
    const [x, index, source] = [nth(e.inputs, 0), nth(e.inputs, 1), nth(e.inputs, 2)];
    const { axis } = e.attributes;
    const size = x.shape[axis] as number;
    const count = source.shape[axis] as number;
    const outer = elementCount(x.shape.slice(0, axis));
    const inner = elementCount(x.shape.slice(axis + 1));
    const byElement = isByElement(index.shape);
    const result = x.data.slice();
    for (let i = 0; i < outer; i++) {
      for (let j = 0; j < count; j++) {
        for (let k = 0; k < inner; k++) {
          const from = (i * count + j) * inner + k;
          const target = index.data[byElement ? from : j] as number;
          if (target >= size) continue;
          const to = (i * size + target) * inner + k;
          result[to] = wrap((result[to] as number) + (source.data[from] as number), e.dtype);
        }
      }
    }
    return result;
  },
};

export const LOOK_UP_ROWS = { take, gather, scatter_add: scatterAdd };
