/**
 * From values to what an operation needs: a tensor of a dtype, a size, a whole number, a list of axes.
 * In: a value and the place to blame. Out: the thing itself, or an error that says what was due.
 */
import type { DType, Span } from '../../runtime/plan-format.ts';
import type { Dimension } from '../graph/dimension.ts';
import { LARGEST_HALF, roundToHalf } from '../graph/scalar-functions.ts';
import type { Context } from './context.ts';
import {
  describeValue,
  printNumber,
  type Axis,
  type DimensionValue,
  type NumberValue,
  type Value,
} from './values.ts';

export const isNumeric = (value: Value): value is NumberValue | DimensionValue =>
  value.kind === 'number' || value.kind === 'dimension';

/** A number as a tensor of shape []: it must fit the dtype exactly in kind. */
export function numberAs(
  context: Context,
  value: NumberValue | DimensionValue,
  dtype: DType,
  span: Span,
): number {
  const tensors = context.tensors(span);
  if (value.kind === 'dimension') {
    if (dtype === 'bool') context.fail('E0209', span, 'a size where a bool is due');
    return tensors.constant(value.value, dtype);
  }
  switch (dtype) {
    case 'f32':
      break;
    case 'f16':
      if (Number.isFinite(value.value) && !Number.isFinite(roundToHalf(value.value))) {
        context.fail(
          'E0220',
          span,
          `${printNumber(value)} does not fit into f16, whose largest number is ${LARGEST_HALF}`,
          {
            help: 'cast the other side: `f32(…)`',
          },
        );
      }
      break;
    case 'i32':
    case 'u32': {
      if (!value.integer) {
        context.fail('E0209', span, `the number ${printNumber(value)} where an integer (${dtype}) is due`, {
          help: `write a whole number, or cast the other side: \`f32(…)\``,
        });
      }
      const [low, high] = dtype === 'i32' ? [-(2 ** 31), 2 ** 31 - 1] : [0, 2 ** 32 - 1];
      if (value.value < low || value.value > high) {
        context.fail('E0220', span, `${value.value} does not fit into ${dtype}`);
      }
      break;
    }
    case 'bool':
      context.fail('E0209', span, `the number ${printNumber(value)} where a bool is due`);
      break;
    default:
      dtype satisfies never;
  }
  return tensors.constant(value.value, dtype);
}

/** Any value that can stand as a tensor; numbers alone are f32. */
export function asTensor(context: Context, value: Value, span: Span, dtype: DType = 'f32'): number {
  switch (value.kind) {
    case 'tensor':
      return value.id;
    case 'number':
    case 'dimension':
      return numberAs(context, value, dtype, span);
    case 'bool':
      return context.tensors(span).constant(value.value ? 1 : 0, 'bool');
    case 'training':
      return context.tensors(span).constant(context.training && !context.frozen ? 1 : 0, 'bool');
    default:
      return context.fail('E0213', span, `${describeValue(value)} where a tensor is due`, {
        help:
          value.kind === 'tuple'
            ? 'take it apart first: `(a, b) = …`'
            : value.kind === 'layer'
              ? 'feed it: `x -> …`'
              : value.kind === 'summary'
                ? 'it is reported by a metric: `metric perplexity = perplexity(loss)`'
                : undefined,
      });
  }
}

/** A size of an axis: a whole number from 1, or one that depends on the batch. */
export function asAxis(context: Context, value: Value, span: Span): Axis {
  if (value.kind === 'dimension') return { size: value.value, origin: value.origin };
  if (value.kind === 'tensor') {
    return context.fail('E0217', span, 'a size must be known at compile time');
  }
  if (value.kind !== 'number') {
    return context.fail('E0213', span, `${describeValue(value)} where a size is due`);
  }
  if (!Number.isInteger(value.value)) {
    return context.fail('E0223', span, `a size must be whole, this is ${value.value}`, {
      help: 'round it: `floor(…)` or `ceil(…)`',
    });
  }
  if (!value.integer) {
    return context.fail('E0213', span, `a size must be an integer, this is the float ${printNumber(value)}`, {
      help: 'write it without a point, or round it: `floor(…)`',
    });
  }
  if (value.value < 1) context.fail('E0220', span, `a size must be 1 or more, this is ${value.value}`);
  return { size: value.value, origin: value.origin };
}

/** A whole number known at compile time. */
export function asInteger(context: Context, value: Value, span: Span, what: string): number {
  if (value.kind === 'number' && value.integer) return value.value;
  if (value.kind === 'number') {
    const printed = printNumber(value);
    return context.fail('E0213', span, `${what} must be an integer, this is ${printed}`, {
      help: Number.isInteger(value.value)
        ? `write it as \`${value.value}\`, or round it: \`floor(…)\``
        : 'it must come out whole; round it: `floor(…)` or `ceil(…)`',
    });
  }
  if (value.kind === 'tensor' || value.kind === 'dimension') {
    return context.fail('E0217', span, `${what} must be known at compile time`);
  }
  return context.fail('E0213', span, `${describeValue(value)} where ${what} (an integer) is due`);
}

export function asNumber(context: Context, value: Value, span: Span, what: string): number {
  if (value.kind === 'number') return value.value;
  if (value.kind === 'tensor' || value.kind === 'dimension') {
    return context.fail('E0217', span, `${what} must be known at compile time`);
  }
  return context.fail('E0213', span, `${describeValue(value)} where ${what} (a number) is due`);
}

export function asBoolean(context: Context, value: Value, span: Span, what: string): boolean {
  if (value.kind === 'bool') return value.value;
  if (value.kind === 'training') return context.training && !context.frozen;
  if (value.kind === 'tensor' || value.kind === 'dimension') {
    return context.fail('E0217', span, `${what} must be known at compile time`);
  }
  return context.fail('E0213', span, `${describeValue(value)} where ${what} (true or false) is due`);
}

export function asString(context: Context, value: Value, span: Span, what: string): string {
  if (value.kind === 'string') return value.value;
  return context.fail('E0213', span, `${describeValue(value)} where ${what} (a string) is due`);
}

/** An axis of a value of that rank, counted from the end where negative. */
export function asAxisIndex(
  context: Context,
  value: Value,
  span: Span,
  rank: number,
  what = '`axis`',
): number {
  const axis = asInteger(context, value, span, what);
  if (axis < -rank || axis >= rank) {
    const range = rank === 0 ? 'the value has no axes' : `the axes are ${-rank} to ${rank - 1}`;
    context.fail('E0215', span, `axis ${axis} is out of range: ${range}`);
  }
  return axis < 0 ? axis + rank : axis;
}

/** One axis, a tuple of them, or `none` for all; ascending. */
export function asAxes(context: Context, value: Value, span: Span, rank: number): number[] {
  if (value.kind === 'none') return Array.from({ length: rank }, (_, axis) => axis);
  const items = value.kind === 'tuple' ? value.items : [value];
  const axes = items.map((item) => asAxisIndex(context, item, span, rank));
  if (new Set(axes).size !== axes.length) context.fail('E0215', span, 'an axis is named twice');
  return axes.sort((a, b) => a - b);
}

export const axisValue = (axis: Axis): NumberValue | DimensionValue => sizeValue(axis.size, axis.origin);

function sizeValue(d: Dimension, origin: Axis['origin']): NumberValue | DimensionValue {
  return typeof d === 'number'
    ? { kind: 'number', value: d, integer: true, origin }
    : { kind: 'dimension', value: d, origin };
}
