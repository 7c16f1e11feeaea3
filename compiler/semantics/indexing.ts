/**
 * `x[…]`: a number drops its axis, a range keeps it and may be open, negative, past the end and stepped,
 * `...` stands for the axes between. Tuples take one whole number.
 */
import type { Span } from '../../runtime/plan-format.ts';
import { subtractDimensions, type Dimension } from '../graph/dimension.ts';
import type * as ast from '../syntax/ast.ts';
import { blame } from './arguments.ts';
import type { Context, Place } from './context.ts';
import { asInteger } from './convert.ts';
import { originNotes } from './shape-errors.ts';
import { printAxes, printAxis } from './tensors.ts';
import { isBelow } from './weights.ts';
import { describeValue, tensor, type Axis, type Origin, type Value, type WeightsValue } from './values.ts';

interface Operand {
  readonly value: Value;
  readonly span: Span;
}

export function indexValue(
  context: Context,
  base: Operand,
  ranges: readonly ast.Range[],
  span: Span,
  place: Place,
): Value {
  const { value } = base;
  if (value.kind === 'tensor') return indexTensor(context, value.id, ranges, span, place);
  if (value.kind === 'tuple') {
    const [range] = ranges;
    if (ranges.length !== 1 || range?.kind !== 'at') {
      context.fail('E0213', span, 'a tuple is indexed by one whole number');
    }
    const index = asInteger(context, context.evaluate(range.index, place), range.span, 'an index');
    const item = value.items.at(index);
    if (item === undefined) {
      context.fail(
        'E0216',
        range.span,
        `index ${index} is out of range: the tuple has ${value.items.length}`,
      );
    }
    return item;
  }
  if (value.kind === 'weights') return turnOf(context, value.path, ranges, span, place);
  return context.fail('E0213', base.span, `${describeValue(value)} cannot be indexed`);
}

/** `net.blocks[0]`: the weights of one turn of a `repeat`. */
function turnOf(
  context: Context,
  path: string,
  ranges: readonly ast.Range[],
  span: Span,
  place: Place,
): WeightsValue {
  const [range] = ranges;
  if (ranges.length !== 1 || range?.kind !== 'at') {
    return context.fail('E0213', span, 'the turns of a `repeat` are indexed by one whole number');
  }
  const names = [...context.graph(span).weights.keys()].filter((name) => isBelow(path, name));
  const turns = new Set(names.map((name) => name.slice(path.length + 1).split('.')[0]));
  const index = asInteger(context, context.evaluate(range.index, place), range.span, 'an index');
  const turn = String(index < 0 ? index + turns.size : index);
  if (!turns.has(turn)) {
    context.fail('E0216', range.span, `index ${index} is out of range: \`${path}\` has ${turns.size} turns`);
  }
  return { kind: 'weights', path: `${path}.${turn}` };
}

/** A bound that is whole and known, or a size that depends on the batch. */
function bound(context: Context, expression: ast.Expression, place: Place): Dimension {
  const value = context.evaluate(expression, place);
  if (value.kind === 'dimension') return value.value;
  if (value.kind === 'tensor') {
    context.fail('E0213', blame(context, expression, place), 'an index must be known at compile time', {
      help: 'select by a tensor of indices with `take(x, index)`',
    });
  }
  return asInteger(context, value, blame(context, expression, place), 'an index');
}

/** Positions for every axis, `...` spread out. */
function spread(
  context: Context,
  ranges: readonly ast.Range[],
  axes: readonly Axis[],
  span: Span,
): (ast.Range | undefined)[] {
  const given = ranges.filter((range) => range.kind !== 'rest').length;
  const rests = ranges.filter((range) => range.kind === 'rest');
  if (rests[1]) context.fail('E0213', rests[1].span, '`...` may stand once in an index');
  const extra = ranges[axes.length + rests.length];
  if (given > axes.length) {
    context.fail(
      'E0216',
      extra?.span ?? span,
      `too many indices: ${printAxes(axes)} has ${axes.length} axes`,
    );
  }
  const missing = new Array<undefined>(axes.length - given).fill(undefined);
  const at = ranges.findIndex((range) => range.kind === 'rest');
  const before = at < 0 ? ranges : ranges.slice(0, at);
  const after = at < 0 ? [] : ranges.slice(at + 1);
  return [...before, ...missing, ...after];
}

function indexTensor(
  context: Context,
  id: number,
  ranges: readonly ast.Range[],
  span: Span,
  place: Place,
): Value {
  const tensors = context.tensors(span);
  const axes = tensors.axes(id);
  const spreadRanges = spread(context, ranges, axes, span);
  const cuts = spreadRanges.map((range, i) => cut(context, range, axes[i] as Axis, place));
  context.current = span;
  const whole = cuts.every((c, i) => c.start === 0 && c.limit === axes[i]?.size && c.step === 1);
  const sliced = whole
    ? id
    : tensors.slice(
        id,
        cuts.map((c) => c.start),
        cuts.map((c) => c.limit),
        cuts.map((c) => c.step),
      );
  const kept = tensors
    .axes(sliced)
    .map((axis, i) => (axis.origin ? axis : { ...axis, origin: cutHere(context, spreadRanges[i]) }))
    .filter((_, i) => !cuts[i]?.drop);
  tensors.describe(sliced, kept.length === cuts.length ? kept : tensors.axes(sliced));
  return tensor(tensors.reshape(sliced, kept));
}

/** A size made by a range of the user's. */
function cutHere(context: Context, range: ast.Range | undefined): Origin | undefined {
  if (range?.kind !== 'slice' || context.isStandard(range.span)) return undefined;
  return { text: 'cut here', span: range.span };
}

interface Cut {
  readonly start: Dimension;
  readonly limit: Dimension;
  readonly step: number;
  readonly drop: boolean;
}

/** a >= b for every batch of one record or more. */
const atLeast = (a: Dimension, b: Dimension): boolean => {
  const d = subtractDimensions(a, b);
  return typeof d === 'number' ? d >= 0 : d.times >= 0 && d.times + d.plus >= 0;
};

const isNegative = (d: Dimension): boolean => (typeof d === 'number' ? d < 0 : d.times < 0);

function cut(context: Context, range: ast.Range | undefined, axis: Axis, place: Place): Cut {
  const whole: Cut = { start: 0, limit: axis.size, step: 1, drop: false };
  if (!range || range.kind === 'rest') return whole;
  const fromEnd = (d: Dimension): Dimension =>
    isNegative(d) ? subtractDimensions(axis.size, subtractDimensions(0, d)) : d;
  if (range.kind === 'at') {
    const index = bound(context, range.index, place);
    const start = fromEnd(index);
    const limit = subtractDimensions(start, -1);
    if (!atLeast(start, 0) || !atLeast(axis.size, limit)) {
      const text = typeof index === 'number' ? String(index) : 'this';
      context.fail(
        'E0216',
        range.index.span,
        `index ${text} is out of range: the axis has ${printAxis(axis)}${typeof axis.size === 'number' ? '' : ' and may be short'}`,
        { related: originNotes([axis]) },
      );
    }
    return { start, limit, step: 1, drop: true };
  }
  const step = range.step
    ? asInteger(context, context.evaluate(range.step, place), range.step.span, 'a step')
    : 1;
  if (range.step && step < 1) {
    context.fail('E0220', range.step.span, `a step must be 1 or more, this is ${step}`, {
      help: 'turn the axis around with `reverse(x, axis)`',
    });
  }
  const low = range.from ? fromEnd(bound(context, range.from, place)) : 0;
  const high = range.to ? fromEnd(bound(context, range.to, place)) : axis.size;
  // Before the first counts as the first, past the end as the end.
  const start = typeof low === 'number' && low < 0 ? 0 : low;
  const limit = atLeast(high, axis.size) ? axis.size : high;
  if (atLeast(start, limit)) {
    context.fail('E0216', range.span, `the range is empty: the axis has ${printAxis(axis)}`, {
      related: originNotes([axis]),
    });
  }
  const length = subtractDimensions(limit, start);
  const steady = typeof length === 'number' || length.times % step === 0;
  if (!steady || !atLeast(start, 0) || !atLeast(axis.size, limit) || !atLeast(length, 1)) {
    context.fail('E0216', range.span, 'the range does not lie inside every batch', {
      help: 'a batch has one record or more',
    });
  }
  return { start, limit, step, drop: false };
}
