/** Rows of reductions and of what runs along one axis. */
import type { NodeOf } from '../../graph/ir.ts';
import { nth } from '../../graph/op-row.ts';
import { int, ints } from './model.ts';
import type { OnnxRow } from './row.ts';
import { wrapped } from './rows-elementwise.ts';
import type { Translation } from './translation.ts';

/**
 * Sums of f16 may be f32; those of integers are formed in 64 bits, of which the last 32 count.
 */
function summed(
  t: Translation,
  node: NodeOf<'reduce_sum' | 'reduce_prod' | 'cumsum'>,
  make: (value: string) => string,
): string {
  const input = nth(node.inputs, 0);
  const from = t.node(input).type.dtype;
  const { dtype } = node.type;
  const value = t.value(input);
  if (dtype === 'u32') return wrapped(t, make(value));
  if (dtype === 'i32') return t.cast(make(t.cast(value, 'u32')), dtype);
  return make(from === dtype ? value : t.cast(value, dtype));
}

const sum: OnnxRow<'reduce_sum'> = (t, node) => {
  const axes = t.sizes(node.attributes.axes, false);
  return summed(t, node, (value) => t.writer.add('ReduceSum', [value, axes], { keepdims: int(0) }));
};

const product: OnnxRow<'reduce_prod'> = (t, node) => {
  const axes = ints(node.attributes.axes);
  return summed(t, node, (value) => t.writer.add('ReduceProd', [value], { axes, keepdims: int(0) }));
};

const extreme =
  (op: 'ReduceMax' | 'ReduceMin'): OnnxRow<'reduce_max' | 'reduce_min'> =>
  (t, node) =>
    t.writer.add(op, [t.value(nth(node.inputs, 0))], { axes: ints(node.attributes.axes), keepdims: int(0) });

const place =
  (op: 'ArgMax' | 'ArgMin'): OnnxRow<'argmax' | 'argmin'> =>
  (t, node) =>
    t.writer.add(op, [t.value(nth(node.inputs, 0))], { axis: int(node.attributes.axis), keepdims: int(0) });

const cumsum: OnnxRow<'cumsum'> = (t, node) => {
  const { axis, reverse } = node.attributes;
  const along = t.writer.constant('i64', [], [axis]);
  const turned = { reverse: int(reverse ? 1 : 0) };
  return summed(t, node, (value) => t.writer.add('CumSum', [value, along], turned));
};

const topK: OnnxRow<'top_k'> = (t, node) => {
  const { axis, k } = node.attributes;
  const inputs = [t.value(nth(node.inputs, 0)), t.writer.constant('i64', [1], [k])];
  return nth(t.writer.addSeveral('TopK', inputs, { axis: int(axis) }, 2), 1);
};

export const SUMS = {
  reduce_sum: sum,
  reduce_prod: product,
  reduce_max: extreme('ReduceMax'),
  reduce_min: extreme('ReduceMin'),
  argmax: place('ArgMax'),
  argmin: place('ArgMin'),
  cumsum,
  top_k: topK,
};
