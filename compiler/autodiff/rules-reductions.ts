/**
 * Derivative rules of reductions and products. Where several elements are the maximum (or the minimum) the
 * gradient is divided among them in equal parts, as PyTorch's amax does, or given to the first.
 */
import { fail } from '../diagnostics.ts';
import type { GraphBuilder } from '../graph/builder.ts';
import { castTo, reshapeTo, spreadOver, swapLastAxes } from '../graph/convenience.ts';
import { shapeProduct, type Dimension } from '../graph/dimension.ts';
import { broken, nth } from '../graph/op-row.ts';
import type { Arithmetic } from './arithmetic.ts';
import { productsOfOthers } from './products-of-others.ts';
import type { VjpRule } from './vjp-rule.ts';

const reduceSum: VjpRule<'reduce_sum'> = ({ b, gradient, node }) => [
  () => {
    const { dtype, shape } = b.type(nth(node.inputs, 0));
    return spreadOver(b, castTo(b, gradient, dtype), shape, node.attributes.axes);
  },
];

const extreme: VjpRule<'reduce_max' | 'reduce_min'> = ({ b, m, gradient, node }) => [
  () => {
    const x = nth(node.inputs, 0);
    const { dtype, shape } = b.type(x);
    const { axes } = node.attributes;
    if ('ties' in node.attributes && node.attributes.ties === 'first') {
      return toFirst(b, m, x, axes, gradient);
    }
    const isExtreme = castTo(b, m.compare('eq', x, spreadOver(b, node.id, shape, axes)), dtype);
    const shared = m.div(gradient, b.add('reduce_sum', [isExtreme], { axes }));
    return m.mul(isExtreme, spreadOver(b, shared, shape, axes));
  },
];

/** The gradient where the first of the largest elements is, else 0. The axes become one, the last, for that. */
function toFirst(
  b: GraphBuilder,
  m: Arithmetic,
  x: number,
  axes: readonly number[],
  gradient: number,
): number {
  const { shape } = b.type(x);
  const kept = [...shape.keys()].filter((axis) => !axes.includes(axis));
  const permutation = [...kept, ...axes];
  const sizes = permutation.map((axis) => shape[axis] as Dimension);
  const count = shapeProduct(sizes.slice(kept.length));
  if (count === undefined) broken('a first maximum over the batch twice');
  const merged = [...sizes.slice(0, kept.length), count];
  const last = kept.length;
  const flat = reshapeTo(b, b.add('transpose', [x], { permutation }), merged);
  const where = spreadOver(b, b.add('argmax', [flat], { axis: last }), merged, [last]);
  const isFirst = m.compare('eq', b.add('iota', [], { axis: last }, { shape: merged }), where);
  const given = spreadOver(b, gradient, merged, [last]);
  const result = reshapeTo(b, m.select(isFirst, given, m.like(given, 0)), sizes);
  return b.add('transpose', [result], {
    permutation: permutation.map((_, axis) => permutation.indexOf(axis)),
  });
}

/** The product of the other elements, right also where elements are zero, and in its own derivative. */
const reduceProd: VjpRule<'reduce_prod'> = ({ b, m, gradient, node }) => [
  () => {
    const x = nth(node.inputs, 0);
    const { dtype, shape } = b.type(x);
    const { axes } = node.attributes;
    const count = shapeProduct(axes.map((axis) => shape[axis] as Dimension));
    if (typeof count !== 'number') {
      return fail(
        'E0901',
        node.source[0],
        'the derivative of a product over a batch of any size, as in evaluation',
        {
          help: 'take the product along another axis, or the sum of logarithms: `exp(sum(log(x), axis = 0))`',
        },
      );
    }
    return m.mul(spreadOver(b, castTo(b, gradient, dtype), shape, axes), productsOfOthers(b, x, axes, count));
  },
];

/** d(A B): g B^T and A^T g. The transposes are views. The product of two f16 may be f32, its operands are not. */
const matmul: VjpRule<'matmul'> = ({ b, gradient, node }) => {
  const [x, y] = [nth(node.inputs, 0), nth(node.inputs, 1)];
  const { dtype } = b.type(x);
  return [
    () => b.add('matmul', [castTo(b, gradient, dtype), swapLastAxes(b, y)], {}),
    () => b.add('matmul', [swapLastAxes(b, x), castTo(b, gradient, dtype)], {}),
  ];
};

export const REDUCTION_RULES = {
  reduce_sum: reduceSum,
  reduce_max: extreme,
  reduce_min: extreme,
  reduce_prod: reduceProd,
  argmax: 'discrete',
  argmin: 'discrete',
  matmul,
} as const;
