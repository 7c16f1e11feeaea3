/**
 * `a @ b` with NumPy's rules: batched over the axes in front, which broadcast; a vector is a row on the left
 * and a column on the right, and its axis disappears again.
 */
import type { Span } from '../../runtime/plan-format.ts';
import { equalDimensions, shapeProduct } from '../graph/dimension.ts';
import { isFloat } from '../graph/op-row.ts';
import type { Context } from './context.ts';
import { asTensor } from './convert.ts';
import { firstConflict, originNotes } from './shape-errors.ts';
import { broadcastAxes, printAxes, printAxis, sizes, type Tensors } from './tensors.ts';
import { tensor, type Axis, type Value } from './values.ts';

interface Operand {
  readonly value: Value;
  readonly span: Span;
}

export function matrixProduct(context: Context, left: Operand, right: Operand, span: Span): Value {
  const tensors = context.tensors(span);
  const [a, b] = [asTensor(context, left.value, left.span), asTensor(context, right.value, right.span)];
  for (const [id, at] of [
    [a, left.span],
    [b, right.span],
  ] as const) {
    if (!isFloat(tensors.dtype(id))) {
      context.fail('E0209', at, `\`@\` takes f32, not ${tensors.dtype(id)}`, { help: 'cast it: `f32(…)`' });
    }
    if (tensors.rank(id) === 0) context.fail('E0204', at, '`@` takes vectors and matrices, this is a scalar');
  }
  if (tensors.dtype(a) !== tensors.dtype(b)) {
    context.fail('E0209', span, `\`@\` of ${tensors.dtype(a)} and ${tensors.dtype(b)}`, {
      help: 'tensors of two dtypes need a cast: `f16(…)` or `f32(…)`',
    });
  }
  const [x, y] = [tensors.axes(a), tensors.axes(b)];
  const shapes = `${printAxes(x)} @ ${printAxes(y)}`;
  const inner = [x.at(-1), y.length === 1 ? y[0] : y.at(-2)] as [Axis, Axis];
  if (!equalDimensions(inner[0].size, inner[1].size)) {
    context.fail(
      'E0204',
      span,
      `inner dimensions differ: ${shapes}: ${printAxis(inner[0])} and ${printAxis(inner[1])}`,
      { related: originNotes(inner), help: transposeHelp(x, y) },
    );
  }
  const batch = broadcastAxes(x.slice(0, -2), y.slice(0, -2));
  if (!batch) {
    const conflict = firstConflict(x.slice(0, -2), y.slice(0, -2)) ?? [];
    context.fail('E0204', span, `shapes do not agree: ${shapes}: ${conflict.map(printAxis).join(' and ')}`, {
      related: originNotes(conflict),
    });
  }
  return tensor(multiply(tensors, a, b, batch));
}

function transposeHelp(x: readonly Axis[], y: readonly Axis[]): string | undefined {
  const [k, last] = [x.at(-1), y.at(-1)];
  const fits = y.length >= 2 && k && last && equalDimensions(k.size, last.size);
  return fits ? 'transpose the right side: `… @ y.T`' : undefined;
}

const ONE: Axis = { size: 1 };

function multiply(tensors: Tensors, a: number, b: number, batch: readonly Axis[]): number {
  const [x, y] = [tensors.axes(a), tensors.axes(b)];
  const rowVector = x.length === 1;
  const columnVector = y.length === 1;
  const left = rowVector ? tensors.reshape(a, [ONE, ...x]) : a;
  const right = columnVector ? tensors.reshape(b, [...y, ONE]) : b;
  const rows = rowVector ? [] : x.slice(-2, -1);
  const columns = columnVector ? [] : y.slice(-1);
  const result = flatProduct(tensors, left, right) ?? batchedProduct(tensors, left, right, batch);
  return tensors.reshape(result, [...batch, ...rows, ...columns]);
}

/** One matrix on the right serves all of the left: batch axes and rows become one, no copies of it. */
function flatProduct(tensors: Tensors, left: number, right: number): number | undefined {
  const [x, y] = [tensors.axes(left), tensors.axes(right)];
  if (y.length !== 2) return undefined;
  if (x.length === 2) return tensors.matmul(left, right);
  const rows = shapeProduct(sizes(x.slice(0, -1)));
  if (rows === undefined) return undefined;
  return tensors.matmul(tensors.reshape(left, [{ size: rows }, ...x.slice(-1)]), right);
}

function batchedProduct(tensors: Tensors, left: number, right: number, batch: readonly Axis[]): number {
  const [x, y] = [tensors.axes(left), tensors.axes(right)];
  return tensors.matmul(
    tensors.broadcast(left, [...batch, ...x.slice(-2)]),
    tensors.broadcast(right, [...batch, ...y.slice(-2)]),
  );
}
