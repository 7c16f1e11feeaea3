/**
 * Derivative rules of the primitives that move elements: each is linear, and its rule is its transpose.
 * A broadcast's sums stand here and nowhere else.
 */
import type { GraphBuilder } from '../graph/builder.ts';
import { full, reshapeTo, sumAll, sumTo } from '../graph/convenience.ts';
import { addDimensions, multiplyDimensions, subtractDimensions, type Dimension } from '../graph/dimension.ts';
import { nth } from '../graph/op-row.ts';
import type { VjpRule } from './vjp-rule.ts';

const reshape: VjpRule<'reshape'> = ({ b, gradient, node }) => [
  () => reshapeTo(b, gradient, b.type(nth(node.inputs, 0)).shape),
];

const transpose: VjpRule<'transpose'> = ({ b, gradient, node }) => [
  () => {
    const { permutation } = node.attributes;
    return b.add('transpose', [gradient], {
      permutation: permutation.map((_, axis) => permutation.indexOf(axis)),
    });
  },
];

const broadcast: VjpRule<'broadcast'> = ({ b, gradient, node }) => [
  () => sumTo(b, gradient, b.type(nth(node.inputs, 0)).shape),
];

const reverse: VjpRule<'reverse'> = ({ b, gradient, node }) => [
  () => b.add('reverse', [gradient], node.attributes),
];

/** Back into zeros: `start` before, `step - 1` between, the rest after. */
const slice: VjpRule<'slice'> = ({ b, gradient, node }) => [
  () => {
    const { starts, steps } = node.attributes;
    const from = b.type(nth(node.inputs, 0));
    const interior = steps.map((step) => step - 1);
    const after = from.shape.map((size, axis) => {
      const length = node.type.shape[axis] as Dimension;
      const reached = addDimensions(nth(starts, axis), stretched(length, nth(interior, axis)));
      return subtractDimensions(size, reached);
    });
    const zero = b.add('constant', [], { value: 0 }, { dtype: from.dtype });
    const padded = b.add('pad', [gradient, zero], {
      before: starts.map(numberOrZero),
      after: after.map(numberOrZero),
      interior,
    });
    return from.shape.reduce<number>(
      (x, _, axis) => withZeros(b, x, axis, rest(nth(starts, axis)), rest(nth(after, axis))),
      padded,
    );
  },
];

const numberOrZero = (d: Dimension): number => (typeof d === 'number' ? d : 0);

/** What a pad by numbers leaves over: a size with the batch in it. */
const rest = (d: Dimension): Dimension => (typeof d === 'number' ? 0 : d);

/** Zeros before and after along an axis, in amounts that only a concat can take. */
function withZeros(b: GraphBuilder, x: number, axis: number, before: Dimension, after: Dimension): number {
  const { dtype, shape } = b.type(x);
  const sized = (size: Dimension): Dimension[] => shape.map((d, i) => (i === axis ? size : d));
  const zeros = (size: Dimension): number[] => (size === 0 ? [] : [full(b, 0, sized(size), dtype)]);
  const parts = [...zeros(before), x, ...zeros(after)];
  return parts.length === 1 ? x : b.add('concat', parts, { axis });
}

/** Size of an axis with `interior` elements put between neighbours. */
function stretched(size: Dimension, interior: number): Dimension {
  if (size === 0) return 0;
  return subtractDimensions(multiplyDimensions(size, interior + 1) as Dimension, interior);
}

/** Of the padded tensor: the elements that came from it. Of the value: the sum of all others. */
const pad: VjpRule<'pad'> = ({ b, m, gradient, node }) => {
  const { before, interior } = node.attributes;
  const x = b.type(nth(node.inputs, 0));
  const limits = x.shape.map((size, axis) =>
    addDimensions(stretched(size, nth(interior, axis)), nth(before, axis)),
  );
  return [
    () =>
      b.add('slice', [gradient], { starts: before, limits, steps: interior.map((between) => between + 1) }),
    () => {
      const one = b.add('constant', [], { value: 1 }, { dtype: x.dtype });
      const isValue = b.add('pad', [full(b, 0, x.shape, x.dtype), one], node.attributes);
      return sumAll(b, m.mul(gradient, isValue));
    },
  ];
};

const concat: VjpRule<'concat'> = ({ b, gradient, node }) => {
  const { axis } = node.attributes;
  const { shape } = node.type;
  let start: Dimension = 0;
  return node.inputs.map((input) => {
    const from: Dimension = start;
    const limit = addDimensions(from, b.type(input).shape[axis] as Dimension);
    start = limit;
    return () =>
      b.add('slice', [gradient], {
        starts: shape.map((_, i) => (i === axis ? from : 0)),
        limits: shape.map((size, i) => (i === axis ? limit : size)),
        steps: shape.map(() => 1),
      });
  });
};

export const VIEW_RULES = { reshape, transpose, broadcast, slice, reverse, pad, concat } as const;
