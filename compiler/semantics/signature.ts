/**
 * Signatures at a call: unifies the declared dimensions with the shapes given, and holds the declared
 * results against what comes out. A name in brackets that is no number in view is a dimension of its own,
 * bound at its first place; every other dimension is an expression that must agree.
 */
import type { Span } from '../../runtime/plan-format.ts';
import { equalDimensions, type Dimension } from '../graph/dimension.ts';
import type { DType } from '../../runtime/plan-format.ts';
import type * as ast from '../syntax/ast.ts';
import type { Context, Place } from './context.ts';
import { asAxis, axisValue } from './convert.ts';
import { dtypeOf } from './dtypes.ts';
import { namesIn } from './names-in.ts';
import { originNotes } from './shape-errors.ts';
import { solveDimension } from './solve-dimension.ts';
import { printAxes, printAxis } from './tensors.ts';
import type { Axis, Origin } from './values.ts';

export interface Declared {
  readonly tensor: ast.Tensor;
  /** `x of net`, for messages. */
  readonly what: string;
}

/** Dimensions that this signature has bound, by name. */
export type BoundDimensions = Map<string, Axis>;

/** A name in brackets that stands for a number in view (a `let`, a layer's argument). */
function knownNumber(name: string, place: Place): boolean {
  if (name === 'B' && place.scope.local('B') === undefined) return false;
  const binding = place.scope.lookup(name);
  if (!binding) return false;
  const { kind } = binding.get();
  return kind === 'number' || kind === 'dimension';
}

/** How a size that is given differs from the one that is due. */
interface Mismatch {
  readonly code: 'E0204' | 'E0207' | 'E0208';
  readonly span: Span;
}

/** A declared tensor and what is given for it; mistakes stand at `mismatch.span`. */
export interface Pairing {
  readonly declared: Declared;
  readonly given: readonly Axis[];
  readonly mismatch: Mismatch;
}

/** Unifies one tensor, see `unifyTensors`. */
export function unifyTensor(
  context: Context,
  declared: Declared,
  given: readonly Axis[],
  place: Place,
  bound: BoundDimensions,
  mismatch: Mismatch,
): void {
  unifyTensors(context, [{ declared, given, mismatch }], place, bound);
}

/**
 * Unifies tensors together. Plain names are bound first, in all of them, so that `x[2 * N], y[N]` knows N;
 * they are bound in `place.scope` with the origin of the axis they were met at.
 */
export function unifyTensors(
  context: Context,
  pairings: readonly Pairing[],
  place: Place,
  bound: BoundDimensions,
): void {
  const later = pairings.map((pairing) => ({
    pairing,
    open: alignedAxes(context, pairing).filter(({ dim, axis }) => {
      if (dim.kind !== 'name' || knownHere(dim.name, place, bound)) return true;
      bindDimension(dim, axis, place, bound);
      return false;
    }),
  }));
  for (const { pairing, open } of later) {
    for (const { dim, axis } of open) checkDimension(context, pairing, dim, axis, place, bound);
  }
}

interface AlignedAxis {
  readonly dim: ast.Expression;
  readonly axis: Axis;
}

/** Declared dimensions beside the axes given; `...` stands for any number of axes. */
function alignedAxes(context: Context, { declared, given, mismatch }: Pairing): AlignedAxis[] {
  const { dims } = declared.tensor;
  const rest = dims.findIndex((dim) => dim.kind === 'rest');
  const fixed = rest < 0 ? dims.length : dims.length - 1;
  if (rest < 0 ? given.length !== fixed : given.length < fixed) {
    const shape = printDeclared(declared.tensor);
    const axes = (n: number) => `${n} ${n === 1 ? 'axis' : 'axes'}`;
    context.fail(
      mismatch.code,
      mismatch.span,
      `${declared.what} is declared ${shape}, this is ${printAxes(given)}: ${axes(given.length)} in place of ${axes(fixed)}`,
      { related: [{ message: `declared ${shape}`, span: declared.tensor.span }] },
    );
  }
  const hidden = given.length - fixed;
  return dims.flatMap((dim, i) => {
    if (dim.kind === 'rest') return [];
    const axis = given[rest >= 0 && i > rest ? i - 1 + hidden : i];
    return axis ? [{ dim: dim.value, axis }] : [];
  });
}

function checkDimension(
  context: Context,
  { declared, given, mismatch }: Pairing,
  dim: ast.Expression,
  axis: Axis,
  place: Place,
  bound: BoundDimensions,
): void {
  const shape = printDeclared(declared.tensor);
  const related = [
    ...(originNotes([axis]) ?? []),
    { message: `declared ${shape}`, span: declared.tensor.span },
  ];
  const is = `${declared.what} is declared ${shape}, this is ${printAxes(given)}`;
  const solution = solve(context, dim, axis, place, bound);
  if (solution === 'solved') return;
  if (solution === 'impossible') {
    context.fail(
      mismatch.code,
      mismatch.span,
      `${is}: ${printAxis(axis)} cannot be \`${printExpression(dim)}\``,
      {
        related,
      },
    );
  }
  const due = asAxis(context, context.evaluate(dim, place), dim.span);
  if (equalDimensions(due.size, axis.size)) return;
  if (dim.kind === 'name' && bound.has(dim.name) && mismatch.code !== 'E0208') {
    context.fail(
      'E0207',
      mismatch.span,
      `the dimension \`${dim.name}\` of ${declared.what} is bound to two sizes: ${printAxis(due)} and ${printAxis(axis)}`,
      { related: originNotes([due, axis]) },
    );
  }
  context.fail(mismatch.code, mismatch.span, `${is}: ${printAxis(axis)} in place of ${printAxis(due)}`, {
    related,
  });
}

/** Binds the one unknown name of a dimension such as `2 * N`; `known` where there is none. */
function solve(
  context: Context,
  dim: ast.Expression,
  axis: Axis,
  place: Place,
  bound: BoundDimensions,
): 'solved' | 'impossible' | 'known' {
  const unknown = new Set([...namesIn(dim)].filter((name) => !bound.has(name) && !place.scope.lookup(name)));
  if (unknown.size !== 1) return 'known';
  const solution = solveDimension(dim, axis.size, (part) => {
    if ([...namesIn(part)].some((name) => unknown.has(name))) return undefined;
    return asAxis(context, context.evaluate(part, place), part.span).size;
  });
  if (solution.kind === 'not solvable') return 'known';
  if (solution.kind === 'impossible' || !isAtLeastOne(solution.size)) return 'impossible';
  bindDimension(solution.name, { ...axis, size: solution.size }, place, bound);
  return 'solved';
}

const isAtLeastOne = (d: Dimension): boolean =>
  typeof d === 'number' ? d >= 1 : d.times >= 0 && d.times + d.plus >= 1;

const knownHere = (name: string, place: Place, bound: BoundDimensions): boolean =>
  bound.has(name) || knownNumber(name, place);

function bindDimension(
  dim: Extract<ast.Expression, { kind: 'name' }>,
  axis: Axis,
  place: Place,
  bound: BoundDimensions,
): void {
  const origin: Origin = axis.origin ?? { text: `the dimension \`${dim.name}\``, span: dim.span };
  const known: Axis = { size: axis.size, origin };
  bound.set(dim.name, known);
  place.scope.bind(dim.name, axisValue(known), dim.span);
}

/** Checks the dtype of a tensor against its declaration (f32 where none stands). */
export function requireDtype(
  context: Context,
  declared: Declared,
  dtype: DType,
  span: Span,
  code: 'E0209' | 'E0208' = 'E0209',
): void {
  const due = dtypeOf(context, declared.tensor.dtype);
  if (due === dtype) return;
  context.fail(code, span, `${declared.what} is declared ${due}, this is ${dtype}`, {
    help: declared.tensor.dtype
      ? `cast it: \`${due}(…)\``
      : `cast it: \`${due}(…)\`, or declare \`${printDeclared(declared.tensor)} ${dtype}\``,
    related: [{ message: `declared ${due}`, span: declared.tensor.span }],
  });
}

/** `[B, 4 * D]` as written. */
export function printDeclared(declared: ast.Tensor): string {
  return `[${declared.dims.map((dim) => (dim.kind === 'rest' ? '...' : printExpression(dim.value))).join(', ')}]`;
}

/** Short text of a size expression. */
export function printExpression(expression: ast.Expression): string {
  switch (expression.kind) {
    case 'number':
      return expression.text;
    case 'name':
      return expression.name;
    case 'binary':
      return `${printExpression(expression.left)} ${expression.operator} ${printExpression(expression.right)}`;
    case 'call':
      return `${printExpression(expression.callee)}(${expression.arguments.map((a) => printExpression(a.value)).join(', ')})`;
    case 'unary':
      return `${expression.operator === 'not' ? 'not ' : '-'}${printExpression(expression.operand)}`;
    case 'member':
      return `${printExpression(expression.base)}.${expression.name.text}`;
    default:
      return '…';
  }
}
