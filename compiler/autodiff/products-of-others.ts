/**
 * For each element the product of all others along axes: what multiplies the gradient of a product.
 * Dividing the product by the element would fail at zeros. Instead: the product of all before it times
 * that of all after it, each a scan in log2(n) doubling steps (Hillis and Steele, 1986) of shifts and
 * multiplications, so that every derivative of it is right as well.
 */
import type { GraphBuilder } from '../graph/builder.ts';
import { binary, reshapeTo } from '../graph/convenience.ts';
import type { Dimension } from '../graph/dimension.ts';

/** `count` is the number of elements along `axes`; the result has the shape of x. */
export function productsOfOthers(b: GraphBuilder, x: number, axes: readonly number[], count: number): number {
  const { shape } = b.type(x);
  const kept = [...shape.keys()].filter((axis) => !axes.includes(axis));
  const permutation = [...kept, ...axes];
  const moved = b.add('transpose', [x], { permutation });
  const rows = reshapeTo(b, moved, [...kept.map((axis) => shape[axis] as Dimension), count]);
  const last = kept.length;

  const before = exclusiveProducts(b, rows, count);
  const reversed = b.add('reverse', [rows], { axes: [last] });
  const after = b.add('reverse', [exclusiveProducts(b, reversed, count)], { axes: [last] });

  const others = reshapeTo(b, binary(b, 'mul', before, after), b.type(moved).shape);
  return b.add('transpose', [others], {
    permutation: permutation.map((_, axis) => permutation.indexOf(axis)),
  });
}

/** Along the last axis: the product of the elements before each, 1 for the first. */
function exclusiveProducts(b: GraphBuilder, rows: number, count: number): number {
  let products = shiftRight(b, rows, 1, count);
  for (let distance = 1; distance < count; distance *= 2) {
    products = binary(b, 'mul', products, shiftRight(b, products, distance, count));
  }
  return products;
}

/** Moves elements towards the end of the last axis; ones come in. */
function shiftRight(b: GraphBuilder, x: number, distance: number, count: number): number {
  const { dtype, shape } = b.type(x);
  const last = shape.length - 1;
  const one = b.add('constant', [], { value: 1 }, { dtype });
  const at = (value: number) => shape.map((_, axis) => (axis === last ? value : 0));
  const padded = b.add('pad', [x, one], { before: at(distance), after: at(0), interior: at(0) });
  return b.add('slice', [padded], {
    starts: at(0),
    limits: shape.map((size, axis) => (axis === last ? count : size)),
    steps: shape.map(() => 1),
  });
}
