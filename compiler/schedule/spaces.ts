/**
 * What a kernel runs over. In: shapes and reduced axes. Out: keys that are equal where two tensors have their
 * elements in the same order, or two reductions the same rows: unit axes dropped, neighbours joined.
 */
import type { Dimension } from '../graph/dimension.ts';
import type { Node, NodeOf } from '../graph/ir.ts';

export type Reduction =
  | NodeOf<'reduce_sum'>
  | NodeOf<'reduce_max'>
  | NodeOf<'reduce_min'>
  | NodeOf<'reduce_prod'>
  | NodeOf<'argmax'>
  | NodeOf<'argmin'>;

export function isReduction(node: Node): node is Reduction {
  switch (node.op) {
    case 'reduce_sum':
    case 'reduce_max':
    case 'reduce_min':
    case 'reduce_prod':
    case 'argmax':
    case 'argmin':
      return true;
    default:
      return false;
  }
}

export const axesOf = (node: Reduction): readonly number[] =>
  node.op === 'argmax' || node.op === 'argmin' ? [node.attributes.axis] : node.attributes.axes;

/** The number of elements: equal where a reshape leads from one shape to the other. */
export function countKey(shape: readonly Dimension[]): string {
  let product = 1;
  const symbols: string[] = [];
  for (const d of shape) {
    if (typeof d === 'number') product *= d;
    else if (d.plus === 0) {
      product *= d.times;
      symbols.push('B');
    } else symbols.push(`(${d.times}B+${d.plus})`);
  }
  return [product, ...symbols.sort()].join('*');
}

/** Which runs of axes are reduced, from the outermost in: `rows 1024, along 96`. */
export function rowsKey(shape: readonly Dimension[], reduced: readonly boolean[]): string {
  const runs: { along: boolean; dims: Dimension[] }[] = [];
  shape.forEach((d, axis) => {
    if (d === 1) return;
    const along = reduced[axis] === true;
    const last = runs.at(-1);
    if (last?.along === along) last.dims.push(d);
    else runs.push({ along, dims: [d] });
  });
  return runs.map(({ along, dims }) => `${along ? 'along' : 'rows'} ${countKey(dims)}`).join(', ');
}

/** The rows a reduction of a tensor of this shape runs along. */
export const rowsOfReduction = (node: Reduction, input: readonly Dimension[]): string =>
  rowsKey(
    input,
    input.map((_, axis) => axesOf(node).includes(axis)),
  );

/** The rows along which a broadcast repeats; undefined where it only renames axes. */
export function rowsOfBroadcast(
  input: readonly Dimension[],
  result: readonly Dimension[],
): string | undefined {
  const repeated = result.map((d, axis) => input[axis] === 1 && d !== 1);
  return repeated.includes(true) ? rowsKey(result, repeated) : undefined;
}
