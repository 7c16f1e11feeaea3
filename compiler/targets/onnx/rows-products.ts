/** Rows of products, convolutions and look-ups. */
import { broadcastShapes, equalDimensions, equalShapes, type Dimension } from '../../graph/dimension.ts';
import type { NodeOf } from '../../graph/ir.ts';
import { broken, nth } from '../../graph/op-row.ts';
import { isByElement } from '../../graph/ops-look-ups.ts';
import { LEADING } from '../../graph/ops-convolution.ts';
import { int, ints, string } from './model.ts';
import type { OnnxRow } from './row.ts';
import { stretch } from './rows-views.ts';
import type { Translation } from './translation.ts';

/** Batch axes broadcast by themselves; rows that were several axes may stay these, for one matrix on the right. */
const matmul: OnnxRow<'matmul'> = (t, node) => {
  const rows = t.standIn(nth(node.inputs, 0));
  const [depth, columns] = t.shape(nth(node.inputs, 1));
  const isFlat = node.type.shape.length === 2 && !rows.spread && rows.shape.length > 2;
  if (isFlat && equalDimensions(rows.shape.at(-1) ?? 0, depth ?? 1)) {
    const names = [rows.name, t.value(nth(node.inputs, 1))];
    const name = product(t, node, names);
    return { name, shape: [...rows.shape.slice(0, -1), columns ?? 1] };
  }
  const matrices = node.inputs.map((id) => {
    const { name, shape } = t.spreadable(id);
    const due = t.shape(id);
    const isWhole = equalShapes(shape.slice(-2), due.slice(-2));
    return isWhole && shape.length >= 2 ? { name, batch: shape.slice(0, -2) } : { name: t.value(id), batch: due.slice(0, -2) }; // prettier-ignore
  });
  const [left, right] = [nth(matrices, 0), nth(matrices, 1)];
  const together = broadcastShapes(left.batch, right.batch);
  const fits = together !== undefined && equalShapes(together, node.type.shape.slice(0, -2));
  const names = fits ? [left.name, right.name] : [t.value(nth(node.inputs, 0)), right.name];
  return product(t, node, names);
};

const product = (t: Translation, node: NodeOf<'matmul'>, names: readonly string[]): string =>
  wide(t, names, node.type.dtype, nth(node.inputs, 0), (inputs) => t.writer.add('MatMul', inputs));

/** Products of f16 that stay f32 are products of f32. */
function wide(
  t: Translation,
  names: readonly string[],
  dtype: 'f32' | 'f16' | 'i32' | 'u32' | 'bool',
  input: number,
  make: (names: readonly string[]) => string,
): string {
  return make(t.node(input).type.dtype === dtype ? names : names.map((name) => t.cast(name, dtype)));
}

/** Groups are a part of the channels. Zeros between elements of the input are put there; margins below 0 cut. */
const conv: OnnxRow<'conv'> = (t, node) => {
  const { strides, before, after, inputDilations, kernelDilations } = node.attributes;
  const [input, weight] = [nth(node.inputs, 0), nth(node.inputs, 1)];
  const { writer } = t;
  const merged = (shape: readonly Dimension[], at: number): Dimension[] => {
    const [first, second] = [shape[at], shape[at + 1]];
    if (typeof first !== 'number' || typeof second !== 'number')
      return broken('a convolution of open channels');
    return [...shape.slice(0, at), first * second, ...shape.slice(at + 2)];
  };
  const [x, w] = [merged(t.shape(input), 1), merged(t.shape(weight), 0)];
  const zero = writer.constant('f32', [], [0]);
  let from = { name: t.reshaped(input, x), shape: x as readonly Dimension[] };
  inputDilations.forEach((dilation, i) => {
    if (dilation > 1) from = stretch(t, from, LEADING - 1 + i, dilation - 1, zero);
  });
  const cut = [...before, ...after].some((n) => n < 0) ? cropped(t, from.name, from.shape, before, after) : from.name; // prettier-ignore
  const pads = [...before, ...after].map((n) => Math.max(0, n));
  const result = wide(t, [cut, t.reshaped(weight, w)], node.type.dtype, input, (names) =>
    writer.add('Conv', names, {
      dilations: ints(kernelDilations),
      group: int(t.shape(input)[1] as number),
      kernel_shape: ints(w.slice(2) as number[]),
      pads: ints(pads),
      strides: ints(strides),
    }),
  );
  return { name: result, shape: merged(node.type.shape, 1) };
};

/** `shape` is of the value, whose spatial axes are the last. */
function cropped(
  t: Translation,
  name: string,
  shape: readonly Dimension[],
  before: readonly number[],
  after: readonly number[],
): string {
  const axes = before.map((_, i) => LEADING - 1 + i);
  const starts = before.map((n) => Math.max(0, -n));
  const ends = axes.map((axis, i) => (shape[axis] as number) - Math.max(0, -nth(after, i)));
  const all = (values: readonly number[]): string => t.writer.constant('i64', [values.length], values);
  return t.writer.add('Slice', [name, all(starts), all(ends), all(axes)]);
}

const take: OnnxRow<'take'> = (t, node) =>
  t.writer.add('Gather', [t.value(nth(node.inputs, 0)), t.value(nth(node.inputs, 1))], { axis: int(node.attributes.axis) }); // prettier-ignore

const gather: OnnxRow<'gather'> = (t, node) =>
  t.writer.add('GatherElements', [t.value(nth(node.inputs, 0)), t.value(nth(node.inputs, 1))], { axis: int(node.attributes.axis) }); // prettier-ignore

/** An index of slices is one of elements, repeated along the slices. */
const scatterAdd: OnnxRow<'scatter_add'> = (t, node) => {
  const { axis } = node.attributes;
  const [x, index, source] = [nth(node.inputs, 0), nth(node.inputs, 1), nth(node.inputs, 2)];
  const shape = t.shape(source);
  const alone = shape.map((size, i) => (i === axis ? size : 1));
  const places =
    isByElement(t.shape(index)) || shape.length === 1
      ? t.value(index)
      : t.writer.add('Expand', [t.reshaped(index, alone), t.sizes(shape, false)]);
  return t.writer.add('ScatterElements', [t.value(x), places, t.value(source)], { axis: int(axis), reduction: string('add') }); // prettier-ignore
};

export const PRODUCTS = { matmul, conv, take, gather, scatter_add: scatterAdd };
