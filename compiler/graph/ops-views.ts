/**
 * Rows of the primitives that move elements without computing: reshape, transpose, broadcast, slice,
 * reverse, pad, concat; windows and diagonals stand in `ops-windows.ts`. Sizes may contain the batch; a
 * rule that cannot be shown to hold for every batch is broken.
 */
import {
  addDimensions,
  dimensionAt,
  elementsAt,
  equalDimensions,
  equalShapes,
  isAtLeast,
  multiplyDimensions,
  printDimension,
  printShape,
  subtractDimensions,
  type Dimension,
} from './dimension.ts';
import { elementCount, positions, readStrided, rowMajorStrides } from './host-tensor.ts';
import { broken, nth, type OpRow } from './op-row.ts';

/** ceil(a / step) where it is affine in the batch. */
function divideUp(a: Dimension, step: number): Dimension | undefined {
  if (typeof a === 'number') return Math.ceil(a / step);
  return a.times % step === 0 ? { times: a.times / step, plus: Math.ceil(a.plus / step) } : undefined;
}

/**
 * Equal numbers of elements for every batch. Both are polynomials in the batch of degree eight at most
 * (tensors have eight axes or fewer), so nine equal values prove it; sizes are small enough to be exact.
 */
export function sameElementCount(a: readonly Dimension[], b: readonly Dimension[]): boolean {
  for (let batch = 1; batch <= 9; batch++) {
    if (elementsAt(a, batch) !== elementsAt(b, batch)) return false;
  }
  return true;
}

const reshape: OpRow<'reshape'> = {
  kind: 'view',
  arity: 1,
  infer(inputs, _attributes, given) {
    const { dtype, shape } = nth(inputs, 0);
    if (!given.shape) broken('the shape of a reshape must be given');
    if (!sameElementCount(shape, given.shape)) {
      broken(`reshape of ${printShape(shape)} to ${printShape(given.shape)}`);
    }
    return { dtype, shape: given.shape };
  },
  evaluate: (e) => nth(e.inputs, 0).data,
};

const transpose: OpRow<'transpose'> = {
  kind: 'view',
  arity: 1,
  infer(inputs, { permutation }) {
    const { dtype, shape } = nth(inputs, 0);
    const sorted = [...permutation].sort((a, b) => a - b);
    if (permutation.length !== shape.length || sorted.some((axis, i) => axis !== i)) {
      broken(`transpose of ${printShape(shape)} by [${permutation.join(', ')}]`);
    }
    return { dtype, shape: permutation.map((axis) => shape[axis] as Dimension) };
  },
  evaluate(e) {
    const x = nth(e.inputs, 0);
    const strides = rowMajorStrides(x.shape);
    return readStrided(
      x.data,
      e.shape,
      e.attributes.permutation.map((axis) => strides[axis] as number),
    );
  },
};

const broadcast: OpRow<'broadcast'> = {
  kind: 'view',
  arity: 1,
  infer(inputs, _attributes, given) {
    const { dtype, shape } = nth(inputs, 0);
    const to = given.shape;
    if (!to) broken('the shape of a broadcast must be given');
    const fits =
      to.length === shape.length &&
      shape.every((d, axis) => equalDimensions(d, 1) || equalDimensions(d, to[axis] as Dimension));
    if (!fits) broken(`broadcast of ${printShape(shape)} to ${printShape(to)}`);
    return { dtype, shape: to };
  },
  evaluate(e) {
    const x = nth(e.inputs, 0);
    const strides = rowMajorStrides(x.shape).map((s, axis) => (x.shape[axis] === 1 ? 0 : s));
    return readStrided(x.data, e.shape, strides);
  },
};

const slice: OpRow<'slice'> = {
  kind: 'view',
  arity: 1,
  infer(inputs, { starts, limits, steps }) {
    const { dtype, shape } = nth(inputs, 0);
    const rank = shape.length;
    if (starts.length !== rank || limits.length !== rank || steps.length !== rank) {
      broken(
        `slice of ${rank} axes by ${starts.length} starts, ${limits.length} limits, ${steps.length} steps`,
      );
    }
    const sizes = shape.map((size, axis) => {
      const [start, limit, step] = [nth(starts, axis), nth(limits, axis), nth(steps, axis)];
      const bounds = `${printDimension(start)}:${printDimension(limit)}:${step}`;
      if (step < 1 || !isAtLeast(start, 0) || !isAtLeast(limit, start) || !isAtLeast(size, limit)) {
        broken(`slice ${bounds} of an axis of ${printDimension(size)}`);
      }
      const length = divideUp(subtractDimensions(limit, start), step);
      if (length === undefined) broken(`slice ${bounds} is no affine size`);
      return length;
    });
    return { dtype, shape: sizes };
  },
  evaluate(e) {
    const x = nth(e.inputs, 0);
    const strides = rowMajorStrides(x.shape);
    const { starts, steps } = e.attributes;
    const offset = starts.reduce<number>(
      (sum, start, axis) => sum + dimensionAt(start, e.environment.batch) * (strides[axis] as number),
      0,
    );
    return readStrided(
      x.data,
      e.shape,
      strides.map((s, axis) => s * (steps[axis] as number)),
      offset,
    );
  },
};

const reverse: OpRow<'reverse'> = {
  kind: 'view',
  arity: 1,
  infer(inputs, { axes }) {
    const type = nth(inputs, 0);
    if (new Set(axes).size !== axes.length || axes.some((axis) => axis < 0 || axis >= type.shape.length)) {
      broken(`reverse of axes [${axes.join(', ')}] of ${printShape(type.shape)}`);
    }
    return type;
  },
  evaluate(e) {
    const { data, shape } = nth(e.inputs, 0);
    const strides = rowMajorStrides(shape);
    let offset = 0;
    for (const axis of e.attributes.axes) {
      offset += ((shape[axis] as number) - 1) * (strides[axis] as number);
      strides[axis] = -(strides[axis] as number);
    }
    return readStrided(data, shape, strides, offset);
  },
};

const pad: OpRow<'pad'> = {
  kind: 'view',
  arity: 2,
  infer(inputs, { before, after, interior }) {
    const [{ dtype, shape }, value] = [nth(inputs, 0), nth(inputs, 1)];
    if (value.dtype !== dtype || value.shape.length !== 0) broken(`pad of ${dtype} with ${value.dtype}`);
    const sizes = shape.map((size, axis) => {
      const [low, high, between] = [nth(before, axis), nth(after, axis), nth(interior, axis)];
      if (low < 0 || high < 0 || between < 0) broken('pad by a negative number');
      if (size === 0) return low + high;
      const stretched = multiplyDimensions(size, between + 1) as Dimension;
      return addDimensions(stretched, low + high - between);
    });
    if (before.length !== shape.length || after.length !== shape.length || interior.length !== shape.length) {
      broken(`pad of ${shape.length} axes by ${before.length}`);
    }
    return { dtype, shape: sizes };
  },
  evaluate(e) {
    const [x, value] = [nth(e.inputs, 0), nth(e.inputs, 1)];
    const { before, interior } = e.attributes;
    const result = new Float64Array(elementCount(e.shape)).fill(value.data[0] as number);
    const strides = rowMajorStrides(e.shape);
    const offset = before.reduce((sum, low, axis) => sum + low * (strides[axis] as number), 0);
    const at = positions(
      x.shape,
      strides.map((s, axis) => s * ((interior[axis] as number) + 1)),
      offset,
    );
    for (let i = 0; i < at.length; i++) result[at[i] as number] = x.data[i] as number;
    return result;
  },
};

const concat: OpRow<'concat'> = {
  kind: 'view',
  arity: 'several',
  infer(inputs, { axis }) {
    const first = nth(inputs, 0);
    if (axis < 0 || axis >= first.shape.length)
      broken(`concat along axis ${axis} of ${printShape(first.shape)}`);
    let total: Dimension = 0;
    for (const { dtype, shape } of inputs) {
      const others = (s: readonly Dimension[]) => s.filter((_, i) => i !== axis);
      if (dtype !== first.dtype || !equalShapes(others(shape), others(first.shape))) {
        broken(`concat of ${printShape(first.shape)} and ${printShape(shape)} along axis ${axis}`);
      }
      total = addDimensions(total, shape[axis] as Dimension);
    }
    return { dtype: first.dtype, shape: first.shape.map((d, i) => (i === axis ? total : d)) };
  },
  evaluate(e) {
    const { axis } = e.attributes;
    const result = new Float64Array(elementCount(e.shape));
    const outer = elementCount(e.shape.slice(0, axis));
    const row = elementCount(e.shape.slice(axis));
    let column = 0;
    for (const { data, shape } of e.inputs) {
      const width = elementCount(shape.slice(axis));
      for (let i = 0; i < outer; i++) {
        result.set(data.subarray(i * width, (i + 1) * width), i * row + column);
      }
      column += width;
    }
    return result;
  },
};

export const VIEW_ROWS = { reshape, transpose, broadcast, slice, reverse, pad, concat };
