/**
 * What convolution and pooling have in common: the spatial axes, and arguments with a number for each of
 * them. In: a call. Out: numbers an axis, in the order of the axes; every mistake stands at its argument.
 */
import { printAxes } from '../tensors.ts';
import type { Axis, Value } from '../values.ts';
import { originNotes } from '../shape-errors.ts';
import { asInteger } from '../convert.ts';
import type { BuiltinCall } from './spec.ts';

/** A spatial axis with its size, which must not depend on the batch. */
export interface SpatialAxis {
  readonly size: number;
  readonly axis: Axis;
}

/** The axes of [B, C, W] or [B, C, H, W] behind the second. */
export function spatialAxes(call: BuiltinCall, name: string): SpatialAxis[] {
  const axes = call.tensors.axes(call.floats(name));
  if (axes.length !== 3 && axes.length !== 4) {
    call.fail(
      'E0204',
      call.spanOf(name),
      `\`${call.name}\` takes [B, C, W] or [B, C, H, W], \`${name}\` is ${printAxes(axes)}`,
      { help: 'the second axis holds the channels; `reshape` or `unsqueeze` gives it one' },
    );
  }
  return axes.slice(2).map((axis) => {
    if (typeof axis.size === 'number') return { size: axis.size, axis };
    return call.fail(
      'E0217',
      call.spanOf(name),
      'the size of the batch is not known here: nothing can slide along it',
      {
        related: originNotes([axis]),
        help: 'give the program a `data` block, whose `batch` is a number',
      },
    );
  });
}

/** `3` or `(3, 5)`: one whole number, from `least` on, for each of `count` axes. */
export function perAxis(call: BuiltinCall, name: string, count: number, least: number): number[] {
  const { value, span } = call.argument(name);
  const items = value.kind === 'tuple' ? value.items : new Array<Value>(count).fill(value);
  if (items.length !== count) {
    const due = count === 1 ? 'one number' : 'one number or a pair (height, width)';
    call.fail('E0213', span, `\`${name}\` is ${due}, not ${items.length} numbers`);
  }
  return items.map((item) => atLeast(call, name, item, least));
}

function atLeast(call: BuiltinCall, name: string, value: Value, least: number): number {
  const { span } = call.argument(name);
  const n = asInteger(call.context, value, span, `\`${name}\``);
  if (n < least) call.fail('E0220', span, `\`${name}\` is ${least} or more, this is ${n}`);
  return n;
}

export interface Margins {
  readonly before: number[];
  readonly after: number[];
}

/**
 * The margins that `pad` stands for: a number for all sides; for a plane a pair (height, width) or four
 * numbers (top, left, bottom, right), for a row a pair (left, right); or `same` where `same` is given, the
 * margins by which a window gets ceil(size / stride) places, the odd one at the end.
 */
export function margins(
  call: BuiltinCall,
  count: number,
  same?: (axis: number) => { readonly size: number; readonly extent: number; readonly stride: number },
): Margins {
  const { value, span } = call.argument('pad');
  const word = same ? ', or `same`' : '';
  if (value.kind === 'string' && value.value === 'same') {
    if (!same)
      call.fail('E0213', span, `\`pad\` of \`${call.name}\` is a number; \`same\` is for convolutions`);
    const totals = Array.from({ length: count }, (_, i) => {
      const { size, extent, stride } = same(i);
      return Math.max(0, (Math.ceil(size / stride) - 1) * stride + extent - size);
    });
    return { before: totals.map((n) => Math.floor(n / 2)), after: totals.map((n) => Math.ceil(n / 2)) };
  }
  if (value.kind !== 'tuple') {
    const side = Array.from({ length: count }, () => atLeast(call, 'pad', value, 0));
    return { before: side, after: side };
  }
  const items = value.items.map((item) => atLeast(call, 'pad', item, 0));
  if (items.length === 2 * count) return { before: items.slice(0, count), after: items.slice(count) };
  if (items.length === count) return { before: items, after: items };
  const due =
    count === 1 ? 'a pair (left, right)' : 'a pair (height, width), four (top, left, bottom, right)';
  return call.fail('E0213', span, `\`pad\` is one number, ${due}${word}, not ${items.length} numbers`);
}
