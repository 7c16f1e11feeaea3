/**
 * The operators of the language on values. Numbers fold exactly; where a tensor takes part, the number
 * adopts its dtype, shapes broadcast as NumPy's, and a node is emitted.
 */
import type { DType, Span } from '../../runtime/plan-format.ts';
import {
  addDimensions,
  divideDimensions,
  equalDimensions,
  multiplyDimensions,
  subtractDimensions,
  type Dimension,
} from '../graph/dimension.ts';
import type { BinaryOp } from '../graph/ir.ts';
import type * as ast from '../syntax/ast.ts';
import type { Context } from './context.ts';
import { asTensor, isNumeric, numberAs } from './convert.ts';
import { matrixProduct } from './matrix-product.ts';
import { powerOf } from './power.ts';
import { firstConflict, originNotes } from './shape-errors.ts';
import { printAxes, printAxis } from './tensors.ts';
import {
  boolean,
  describeValue,
  size,
  tensor,
  type DimensionValue,
  type NumberValue,
  type Origin,
  type Value,
} from './values.ts';

/** An operand and the place to blame for it. */
export interface Operand {
  readonly value: Value;
  readonly span: Span;
}

const GRAPH_OPS: Record<Exclude<ast.BinaryOperator, '@'>, BinaryOp> = {
  or: 'or',
  and: 'and',
  '<': 'lt',
  '<=': 'le',
  '>': 'gt',
  '>=': 'ge',
  '==': 'eq',
  '!=': 'ne',
  '+': 'add',
  '-': 'sub',
  '*': 'mul',
  '/': 'div',
  '%': 'mod',
  '^': 'pow',
};

const COMPARISONS = {
  '<': (a: number, b: number) => a < b,
  '<=': (a: number, b: number) => a <= b,
  '>': (a: number, b: number) => a > b,
  '>=': (a: number, b: number) => a >= b,
  '==': (a: number, b: number) => a === b,
  '!=': (a: number, b: number) => a !== b,
};

type Comparison = keyof typeof COMPARISONS;
const isComparison = (op: string): op is Comparison => op in COMPARISONS;

/** `span` is the whole expression. */
export function binaryOperation(
  context: Context,
  operator: ast.BinaryOperator,
  left: Operand,
  right: Operand,
  span: Span,
): Value {
  context.current = span;
  if (operator === '@') return matrixProduct(context, left, right, span);
  const [a, b] = [left.value, right.value];
  if (isNumeric(a) && isNumeric(b) && operator !== 'and' && operator !== 'or') {
    const folded = foldNumbers(operator, a, b, originOf(context, span, a, b));
    if (folded) return folded;
    if (isComparison(operator)) {
      context.fail('E0217', span, 'this depends on the batch, which is not known at compile time');
    }
    return tensorOperation(context, operator, left, right, span);
  }
  if (operator === '==' || operator === '!=') {
    const same = sameValue(a, b);
    if (same !== undefined) return boolean(same === (operator === '=='));
  }
  if (operator === 'and' || operator === 'or') {
    const [p, q] = [truth(context, a), truth(context, b)];
    if (p !== undefined && q !== undefined) return boolean(operator === 'and' ? p && q : p || q);
  }
  return tensorOperation(context, operator, left, right, span);
}

function truth(context: Context, value: Value): boolean | undefined {
  if (value.kind === 'bool') return value.value;
  if (value.kind === 'training') return context.training && !context.frozen;
  return undefined;
}

/** Equality of compile-time values; undefined where tensors take part. */
function sameValue(a: Value, b: Value): boolean | undefined {
  if (a.kind === 'none' || b.kind === 'none') return a.kind === b.kind;
  if (a.kind === 'bool' && b.kind === 'bool') return a.value === b.value;
  if (a.kind === 'string' && b.kind === 'string') return a.value === b.value;
  if (a.kind === 'builtin' || b.kind === 'builtin') {
    return a.kind === 'builtin' && b.kind === 'builtin' && a.name === b.name;
  }
  if (a.kind === 'function' || b.kind === 'function') {
    return a.kind === 'function' && b.kind === 'function' && a.declaration === b.declaration;
  }
  if (isNumeric(a) && isNumeric(b)) return equalDimensions(dimensionOf(a), dimensionOf(b));
  if (a.kind === 'tuple' && b.kind === 'tuple') {
    if (a.items.length !== b.items.length) return false;
    const each = a.items.map((item, i) => sameValue(item, b.items[i] as Value));
    return each.includes(undefined) ? undefined : !each.includes(false);
  }
  return undefined;
}

const dimensionOf = (value: NumberValue | DimensionValue): Dimension => value.value;

/** A computed size is the user's own where the expression is; in the library it keeps what it is made of. */
function originOf(context: Context, span: Span, a: Value, b: Value): Origin | undefined {
  if (!context.isStandard(span)) return { text: 'computed here', span };
  return (isNumeric(a) ? a.origin : undefined) ?? (isNumeric(b) ? b.origin : undefined);
}

function foldNumbers(
  operator: Exclude<ast.BinaryOperator, '@' | 'and' | 'or'>,
  a: NumberValue | DimensionValue,
  b: NumberValue | DimensionValue,
  origin: Origin | undefined,
): Value | undefined {
  if (a.kind === 'dimension' || b.kind === 'dimension') return foldSizes(operator, a, b, origin);
  if (isComparison(operator)) return boolean(COMPARISONS[operator](a.value, b.value));
  const whole = a.integer && b.integer;
  const number = (value: number, integer: boolean): Value => ({ kind: 'number', value, integer, origin });
  switch (operator) {
    case '+':
      return number(a.value + b.value, whole);
    case '-':
      return number(a.value - b.value, whole);
    case '*':
      return number(a.value * b.value, whole);
    case '/':
      // Exact: 7 / 2 is 3.5, which is no size; 6 / 2 is 3, which is.
      return number(a.value / b.value, whole && Number.isInteger(a.value / b.value));
    case '%':
      return number(a.value % b.value, whole);
    case '^':
      return number(a.value ** b.value, whole && b.value >= 0);
    default:
      return operator satisfies never;
  }
}

function foldSizes(
  operator: string,
  a: NumberValue | DimensionValue,
  b: NumberValue | DimensionValue,
  origin: Origin | undefined,
): Value | undefined {
  const [x, y] = [dimensionOf(a), dimensionOf(b)];
  if (operator === '==' && equalDimensions(x, y)) return boolean(true);
  if (operator === '!=' && equalDimensions(x, y)) return boolean(false);
  const exact = (v: NumberValue | DimensionValue) => v.kind === 'dimension' || v.integer;
  if (!exact(a) || !exact(b)) return undefined;
  const result =
    operator === '+'
      ? addDimensions(x, y)
      : operator === '-'
        ? subtractDimensions(x, y)
        : operator === '*'
          ? multiplyDimensions(x, y)
          : operator === '/'
            ? divideDimensions(x, y)
            : undefined;
  return result === undefined ? undefined : size(result, origin);
}

/** Operands as tensors of one dtype. Numbers adopt the dtype of the other side. */
export function unifyDtypes(
  context: Context,
  operands: readonly Operand[],
  span: Span,
  what: string,
): number[] {
  const tensors = context.tensors(span);
  const first = operands.find(({ value }) => value.kind === 'tensor');
  const dtype: DType = first?.value.kind === 'tensor' ? tensors.dtype(first.value.id) : 'f32';
  const ids = operands.map(({ value, span: at }) =>
    isNumeric(value) ? numberAs(context, value, dtype, at) : asTensor(context, value, at),
  );
  const other = ids.find((id) => tensors.dtype(id) !== dtype);
  if (other !== undefined && first) {
    const found = tensors.dtype(other);
    context.fail('E0209', span, `${what} of ${dtype} and ${found}`, {
      help: `tensors of two dtypes need a cast: \`${castName(dtype, found)}(…)\``,
    });
  }
  return ids;
}

const castName = (a: DType, b: DType): string => {
  const float = (['f32', 'f16'] as const).find((dtype) => a === dtype || b === dtype);
  return float ?? (a === 'bool' ? b : a);
};

/** Stops where shapes do not broadcast, with both shapes and where the sizes come from. */
export function requireBroadcast(context: Context, ids: readonly number[], span: Span, sign: string): void {
  const tensors = context.tensors(span);
  for (let i = 1; i < ids.length; i += 1) {
    for (let j = 0; j < i; j += 1) {
      const [a, b] = [tensors.axes(ids[j] as number), tensors.axes(ids[i] as number)];
      const conflict = firstConflict(a, b);
      if (!conflict) continue;
      const [x, y] = conflict;
      context.fail(
        'E0204',
        span,
        `shapes do not agree: ${printAxes(a)} ${sign} ${printAxes(b)}: ${printAxis(x)} and ${printAxis(y)}`,
        { related: originNotes([x, y]) },
      );
    }
  }
}

const isArithmetic = (operator: string): boolean => !['==', '!=', 'and', 'or'].includes(operator);

const isBoolean = (context: Context, value: Value, span: Span): boolean =>
  value.kind === 'bool' ||
  value.kind === 'training' ||
  (value.kind === 'tensor' && context.tensors(span).dtype(value.id) === 'bool');

function tensorOperation(
  context: Context,
  operator: Exclude<ast.BinaryOperator, '@'>,
  left: Operand,
  right: Operand,
  span: Span,
): Value {
  for (const { value, span: at } of [left, right]) {
    if (!['tensor', 'number', 'dimension', 'bool', 'training'].includes(value.kind)) {
      context.fail('E0213', at, `\`${operator}\` does not take ${describeValue(value)}`);
    }
  }
  const tensors = context.tensors(span);
  if (isArithmetic(operator)) {
    for (const { value, span: at } of [left, right]) {
      if (!isBoolean(context, value, span)) continue;
      context.fail('E0209', at, `\`${operator}\` does not take bool`, { help: 'cast it: `f32(…)`' });
    }
  }
  if (operator === '^' && left.value.kind === 'tensor' && right.value.kind === 'number') {
    const power = powerOf(context, left.value.id, right.value, right.span, span);
    if (power !== undefined) return tensor(power);
  }
  const [a, b] = unifyDtypes(context, [left, right], span, `\`${operator}\``) as [number, number];
  const dtype = tensors.dtype(a);
  if (operator === 'and' || operator === 'or') {
    if (dtype !== 'bool') {
      context.fail('E0209', span, `\`${operator}\` takes bool, not ${dtype}`, {
        help: 'compare first: `x > 0`',
      });
    }
  }
  requireBroadcast(context, [a, b], span, operator);
  return tensor(tensors.binary(GRAPH_OPS[operator], a, b));
}

export function unaryOperation(context: Context, operator: '-' | 'not', operand: Operand, span: Span): Value {
  const { value, span: at } = operand;
  context.current = span;
  if (operator === '-') {
    if (value.kind === 'number') return { ...value, value: -value.value };
    if (value.kind === 'dimension') return size(subtractDimensions(0, value.value), value.origin);
    if (value.kind !== 'tensor') context.fail('E0213', at, `\`-\` does not take ${describeValue(value)}`);
    const dtype = context.tensors(span).dtype(value.id);
    if (dtype === 'bool' || dtype === 'u32') {
      context.fail('E0209', at, `\`-\` does not take ${dtype}`, { help: 'cast it: `f32(…)` or `i32(…)`' });
    }
    return tensor(context.tensors(span).unary('neg', value.id));
  }
  const known = truth(context, value);
  if (known !== undefined) return boolean(!known);
  if (value.kind !== 'tensor') context.fail('E0213', at, `\`not\` does not take ${describeValue(value)}`);
  const dtype = context.tensors(span).dtype(value.id);
  if (dtype !== 'bool') {
    context.fail('E0209', at, `\`not\` takes bool, not ${dtype}`, { help: 'compare first: `x != 0`' });
  }
  return tensor(context.tensors(span).unary('not', value.id));
}
