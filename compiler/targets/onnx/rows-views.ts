/** Rows of the views. Windows and diagonals, which ONNX has not, are gathered at indices that are known now. */
import { equalDimensions, type Dimension } from '../../graph/dimension.ts';
import type { NodeOf } from '../../graph/ir.ts';
import { nth } from '../../graph/op-row.ts';
import { int, ints } from './model.ts';
import type { OnnxRow } from './row.ts';
import type { Translation } from './translation.ts';

/** Put off: who needs the value in that shape asks for it. */
const reshape: OnnxRow<'reshape'> = (t, node) => {
  const input = nth(node.inputs, 0);
  const { name, shape, spread } = t.standIn(input);
  return spread ? { name: t.value(input), shape: t.shape(input) } : { name, shape };
};

const transpose: OnnxRow<'transpose'> = (t, node) =>
  t.writer.add('Transpose', [t.value(nth(node.inputs, 0))], { perm: ints(node.attributes.permutation) });

/** Put off as well. */
const broadcast: OnnxRow<'broadcast'> = (t, node) => ({
  ...t.spreadable(nth(node.inputs, 0)),
  spread: true,
});

const slice: OnnxRow<'slice'> = (t, node) => {
  const { starts, limits, steps } = node.attributes;
  const shape = t.shape(nth(node.inputs, 0));
  const axes = [...shape.keys()].filter(
    (axis) =>
      starts[axis] !== 0 || steps[axis] !== 1 || !equalDimensions(limits[axis] ?? 0, shape[axis] ?? 0),
  );
  const pick = (sizes: readonly Dimension[]): Dimension[] => axes.map((axis) => sizes[axis] ?? 0);
  return t.writer.add('Slice', [
    t.value(nth(node.inputs, 0)),
    t.sizes(pick(starts), false),
    t.sizes(pick(limits), false),
    t.sizes(axes, false),
    t.sizes(pick(steps), false),
  ]);
};

/** Before every element. */
const BEGINNING = -(2 ** 62);

const reverse: OnnxRow<'reverse'> = (t, node) => {
  const { axes } = node.attributes;
  const all = (value: number): string => t.writer.constant('i64', [axes.length], axes.map(() => value)); // prettier-ignore
  const value = t.value(nth(node.inputs, 0));
  if (axes.length === 0) return value;
  return t.writer.add('Slice', [value, all(-1), all(BEGINNING), t.sizes(axes, false), all(-1)]);
};

const pad: OnnxRow<'pad'> = (t, node) => {
  const { before, after, interior } = node.attributes;
  const [input, value] = [nth(node.inputs, 0), t.value(nth(node.inputs, 1))];
  const stretched = interior.reduce(
    (from, between, axis) => (between === 0 ? from : stretch(t, from, axis, between, value)),
    { name: t.value(input), shape: t.shape(input) },
  );
  if ([...before, ...after].every((n) => n === 0)) return stretched.name;
  const sizes = t.writer.constant('i64', [2 * before.length], [...before, ...after]);
  return t.writer.add('Pad', [stretched.name, sizes, value]);
};

interface Shaped {
  readonly name: string;
  readonly shape: readonly Dimension[];
}

/** `between` elements of the value behind each element along an axis but the last. */
export function stretch(
  t: Translation,
  { name, shape }: Shaped,
  axis: number,
  between: number,
  value: string,
): Shaped {
  const { writer } = t;
  const length = shape[axis];
  if (typeof length !== 'number') throw new Error('internal: an open axis is stretched');
  const inner = writer.add('Unsqueeze', [name, writer.constant('i64', [1], [axis + 1])]);
  const after = [...shape, 1].map((_, i) => (i === axis + 1 ? between : 0));
  const zeros = after.map(() => 0);
  const filled = writer.add('Pad', [inner, writer.constant('i64', [2 * after.length], [...zeros, ...after]), value]); // prettier-ignore
  const whole = t.inShape(filled, shape.with(axis, length * (between + 1)));
  const size = length * (between + 1) - between;
  const one = (n: number): string => writer.constant('i64', [1], [n]);
  const cut = writer.add('Slice', [whole, one(0), one(size), one(axis)]);
  return { name: cut, shape: shape.with(axis, size) };
}

const concat: OnnxRow<'concat'> = (t, node) =>
  t.writer.add('Concat', node.inputs.map((id) => t.value(id)), { axis: int(node.attributes.axis) }); // prettier-ignore

/** An axis at a time: its places and the window's elements, which go last. */
const windows: OnnxRow<'windows'> = (t, node) => {
  const { axes, sizes, strides, dilations } = node.attributes;
  const { shape } = node.type;
  const rank = t.shape(nth(node.inputs, 0)).length;
  let name = t.value(nth(node.inputs, 0));
  for (const [i, axis] of axes.entries()) {
    const places = shape[axis];
    if (typeof places !== 'number') {
      return t.refuse(node, 'a window that slides along the batch', 'windows of other axes can be exported');
    }
    const size = nth(sizes, i);
    const at = Array.from(
      { length: places * size },
      (_, k) => Math.floor(k / size) * nth(strides, i) + (k % size) * nth(dilations, i),
    );
    const gathered = t.writer.add('Gather', [name, t.writer.constant('i64', [places, size], at)], { axis: int(axis) }); // prettier-ignore
    // The window's axis stands behind its places now.
    const order = [...Array(rank + i + 1).keys()].filter((each) => each !== axis + 1);
    name = t.writer.add('Transpose', [gathered], { perm: ints([...order, axis + 1]) });
  }
  return name;
};

/** The two axes side by side are one, of which every (n + 1)-th element counts. */
const diagonal: OnnxRow<'diagonal'> = (t, node) => {
  const { first, second } = node.attributes;
  const input = nth(node.inputs, 0);
  const shape = t.shape(input);
  const size = shape[first];
  if (typeof size !== 'number') {
    return t.refuse(node, 'a diagonal of the batch', 'a diagonal of other axes can be exported');
  }
  const others = [...shape.keys()].filter((axis) => axis !== first && axis !== second);
  const order = [...others.filter((axis) => axis < first), first, second, ...others.filter((axis) => axis > first)]; // prettier-ignore
  const turned = t.writer.add('Transpose', [t.value(input)], { perm: ints(order) });
  const merged = order.flatMap((axis) => (axis === second ? [] : axis === first ? [size * size] : [shape[axis] ?? 0])); // prettier-ignore
  const at = Array.from({ length: size }, (_, i) => i * (size + 1));
  return t.writer.add('Gather', [t.inShape(turned, merged), t.writer.constant('i64', [size], at)], { axis: int(first) }); // prettier-ignore
};

export const VIEWS = {
  reshape,
  transpose,
  broadcast,
  slice,
  reverse,
  pad,
  windows,
  diagonal,
  concat,
} satisfies {
  [
    P in NodeOf<
      'reshape' | 'transpose' | 'broadcast' | 'slice' | 'reverse' | 'pad' | 'windows' | 'diagonal' | 'concat'
    >['op']
  ]: OnnxRow<P>;
};
