/** Words for shapes that do not agree: both shapes, the sizes that differ, and where each comes from. */
import type { Diagnostic } from '../diagnostics.ts';
import { equalDimensions } from '../graph/dimension.ts';
import { printAxis } from './tensors.ts';
import type { Axis } from './values.ts';

/** Notes on where sizes come from, one for each that is known. */
export function originNotes(axes: readonly (Axis | undefined)[]): Diagnostic['related'] {
  const notes = axes.flatMap((axis) =>
    axis?.origin ? [{ message: `${printAxis(axis)}: ${axis.origin.text}`, span: axis.origin.span }] : [],
  );
  const each = notes.filter(
    (note, i) => notes.findIndex((other) => other.message === note.message && other.span === note.span) === i,
  );
  return each.length > 0 ? each : undefined;
}

/** The first pair of axes, aligned at the end, that do not broadcast. */
export function firstConflict(a: readonly Axis[], b: readonly Axis[]): [Axis, Axis] | undefined {
  for (let i = 1; i <= Math.min(a.length, b.length); i += 1) {
    const [x, y] = [a[a.length - i], b[b.length - i]];
    if (!x || !y) continue;
    const one = equalDimensions(x.size, 1) || equalDimensions(y.size, 1);
    if (!one && !equalDimensions(x.size, y.size)) return [x, y];
  }
  return undefined;
}
