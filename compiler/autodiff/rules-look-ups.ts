/** Derivative rules of look-ups by an index, of their transposes, and of running sums: all linear. */
import { fail } from '../diagnostics.ts';
import { full, reshapeTo, scatterAdd } from '../graph/convenience.ts';
import { shapeProduct, type Dimension } from '../graph/dimension.ts';
import { nth } from '../graph/op-row.ts';
import { isByElement } from '../graph/ops-look-ups.ts';
import type { VjpContext, VjpRule } from './vjp-rule.ts';

/** Slices of g are added where they were taken from; the index's axes are flattened into one for that. */
const take: VjpRule<'take'> = (context) => [
  () => {
    const { b, gradient, node } = context;
    const { axis } = node.attributes;
    const [x, index] = [b.type(nth(node.inputs, 0)), b.type(nth(node.inputs, 1))];
    const count = counted(context, index.shape);
    const source = reshapeTo(b, gradient, [...x.shape.slice(0, axis), count, ...x.shape.slice(axis + 1)]);
    const flat = reshapeTo(b, nth(node.inputs, 1), [count]);
    return scatterAdd(b, [full(b, 0, x.shape, x.dtype), flat, source], axis);
  },
  undefined,
];

function counted({ node }: VjpContext<'take'>, shape: readonly Dimension[]): Dimension {
  return (
    shapeProduct(shape) ??
    fail(
      'E0901',
      node.source[0],
      'the derivative of a look-up with the batch, of any size in evaluation, on two axes of its index',
      {
        help: 'look up by an index that has the batch on one axis',
      },
    )
  );
}

const addition: VjpRule<'scatter_add'> = ({ b, gradient, node }) => [
  () => gradient,
  undefined,
  () => {
    const index = nth(node.inputs, 1);
    const op = isByElement(b.type(index).shape) ? 'gather' : 'take';
    return b.add(op, [gradient, index], node.attributes);
  },
];

/** Elements of g are added where they were picked. */
const gather: VjpRule<'gather'> = ({ b, gradient, node }) => [
  () => {
    const { shape, dtype } = b.type(nth(node.inputs, 0));
    const zeros = full(b, 0, shape, dtype);
    return scatterAdd(b, [zeros, nth(node.inputs, 1), gradient], node.attributes.axis);
  },
  undefined,
];

/** An element counts in all sums from it on. */
const cumsum: VjpRule<'cumsum'> = ({ b, gradient, node }) => {
  const { axis, reverse } = node.attributes;
  return [() => b.add('cumsum', [gradient], { axis, reverse: !reverse })];
};

export const LOOK_UP_RULES = {
  take,
  gather,
  scatter_add: addition,
  cumsum,
  top_k: 'discrete',
} as const;
