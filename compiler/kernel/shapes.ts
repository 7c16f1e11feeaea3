/** Coordinates and positions of row-major tensors as indices. `limit` is the largest batch throughout. */
import type { Dimension } from '../graph/dimension.ts';
import { quotient, remainder } from './index-division.ts';
import { ONE, ZERO, fromDimension, isConstant, product, sum, type Index } from './index-expression.ts';

const isOne = (size: Index): boolean => isConstant(size) && size.constant === 1;

export const sizesOf = (shape: readonly Dimension[], limit: number): Index[] =>
  shape.map((d) => fromDimension(d, limit));

export const countOf = (sizes: readonly Index[]): Index => sizes.reduce(product, ONE);

/** The position of the element at `coordinates`. */
export function flatten(coordinates: readonly Index[], sizes: readonly Index[]): Index {
  let position = ZERO;
  let stride = ONE;
  for (let axis = sizes.length - 1; axis >= 0; axis--) {
    position = sum(position, product(coordinates[axis] as Index, stride));
    stride = product(stride, sizes[axis] as Index);
  }
  return position;
}

/** The coordinates of the element at `position`, which lies inside. */
export function unflatten(position: Index, sizes: readonly Index[]): Index[] {
  const coordinates = sizes.map(() => ZERO);
  let outermost = sizes.findIndex((size) => !isOne(size));
  if (outermost < 0) outermost = sizes.length;
  let rest = position;
  for (let axis = sizes.length - 1; axis >= outermost; axis--) {
    const size = sizes[axis] as Index;
    if (isOne(size)) continue;
    coordinates[axis] = axis === outermost ? rest : remainder(rest, size);
    if (axis > outermost) rest = quotient(rest, size);
  }
  return coordinates;
}

/**
 * Coordinates in a tensor of another shape with the same elements. Runs of axes with equal products are
 * mapped each for itself, so that axes a reshape leaves alone stay as they are.
 */
export function reshaped(
  coordinates: readonly Index[],
  from: readonly Index[],
  to: readonly Index[],
): Index[] {
  const result: Index[] = [];
  let [i, j] = [from.length, to.length];
  let [low, high] = [ONE, ONE];
  let [i0, j0] = [i, j];
  const close = (): void => {
    const position = flatten(coordinates.slice(i, i0), from.slice(i, i0));
    result.unshift(...unflatten(position, to.slice(j, j0)));
    [i0, j0, low, high] = [i, j, ONE, ONE];
  };
  // From the innermost axis outwards; a run closes where the products of both sides are equal.
  while (i > 0 || j > 0) {
    if (i > 0 && (j === 0 || isConstantAtMost(low, high))) low = product(low, from[--i] as Index);
    else high = product(high, to[--j] as Index);
    if (low.key === high.key) close();
  }
  if (i0 > 0 || j0 > 0) close();
  return result;
}

/** Orders products roughly; only how small the runs come out depends on it. */
function isConstantAtMost(a: Index, b: Index): boolean {
  const degree = (index: Index) => Math.max(0, ...index.terms.map((t) => t.atoms.length));
  const size = (index: Index) => index.terms.reduce((n, t) => n + t.coefficient, index.constant);
  return degree(a) === degree(b) ? size(a) <= size(b) : degree(a) < degree(b);
}
