/**
 * Derivative rule of the convolution: two convolutions, so that the primitive is closed under it. With
 * out[o] = sum over k of x[o * stride + k * dilation - before] * w[k]:
 * by x: the gradient, dilated by the stride, with the kernel turned round and its channels exchanged;
 * by w: the input with the gradient as its kernel, where batch and channels change places, and stride and
 * kernel dilation too. Margins may come out below zero: elements that no window reached are cut off or zero.
 */
import type { GraphBuilder } from '../graph/builder.ts';
import { castTo } from '../graph/convenience.ts';
import type { ConvolutionAttributes } from '../graph/ir.ts';
import { nth } from '../graph/op-row.ts';
import { LEADING } from '../graph/ops-convolution.ts';
import type { VjpRule } from './vjp-rule.ts';

/** The sizes of the spatial axes, which are numbers. */
const spatialSizes = (b: GraphBuilder, id: number): number[] => b.type(id).shape.slice(LEADING) as number[];

/** Puts the first three axes in another order. */
function reordered(b: GraphBuilder, x: number, order: readonly [number, number, number]): number {
  const spatial = b
    .type(x)
    .shape.slice(LEADING)
    .map((_, i) => LEADING + i);
  return b.add('transpose', [x], { permutation: [...order, ...spatial] });
}

export const conv: VjpRule<'conv'> = ({ b, gradient: given, node }) => {
  const [x, w] = [nth(node.inputs, 0), nth(node.inputs, 1)];
  // The product of two f16 may be f32; its operands are not.
  const gradient = castTo(b, given, b.type(x).dtype);
  const { strides, before, inputDilations, kernelDilations } = node.attributes;
  const [lengths, kernels, places] = [spatialSizes(b, x), spatialSizes(b, w), spatialSizes(b, gradient)];
  const each = (f: (i: number) => number): number[] => strides.map((_, i) => f(i));
  /** Steps from the first element to the last, with zeros between them. */
  const span = (sizes: readonly number[], step: readonly number[], i: number): number =>
    (nth(sizes, i) - 1) * nth(step, i);
  return [
    () => {
      const turned = b.add('reverse', [reordered(b, w, [0, 2, 1])], { axes: each((i) => LEADING + i) });
      const attributes: ConvolutionAttributes = {
        strides: inputDilations,
        before: each((i) => span(kernels, kernelDilations, i) - nth(before, i)),
        after: each((i) => span(lengths, inputDilations, i) + nth(before, i) - span(places, strides, i)),
        inputDilations: strides,
        kernelDilations,
      };
      return b.add('conv', [gradient, turned], attributes);
    },
    () => {
      const attributes: ConvolutionAttributes = {
        strides: kernelDilations,
        before,
        after: each(
          (i) =>
            span(kernels, kernelDilations, i) +
            span(places, strides, i) -
            span(lengths, inputDilations, i) -
            nth(before, i),
        ),
        inputDilations,
        kernelDilations: strides,
      };
      const exchanged = reordered(b, x, [2, 1, 0]);
      const kernel = reordered(b, gradient, [1, 2, 0]);
      return reordered(b, b.add('conv', [exchanged, kernel], attributes), [1, 2, 0]);
    },
  ];
};
