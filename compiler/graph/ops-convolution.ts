/**
 * Row of the convolution: every form of it that its derivatives need, with a group axis, strides, padding
 * or cropping, and dilation of the kernel and of the input (XLA's general convolution). A convolution
 * transposed is one with its input dilated.
 */
import { equalDimensions, printShape, type Dimension } from './dimension.ts';
import { elementCount, rowMajorStrides, type HostTensor } from './host-tensor.ts';
import type { ConvolutionAttributes } from './ir.ts';
import { accumulated, broken, isFloat, nth, type OpRow } from './op-row.ts';
import { windowCount } from './ops-windows.ts';

/** Axes before the spatial ones: N, groups, channels of the input; groups, out, in of the weight. */
export const LEADING = 3;

/** Size of the input along a spatial axis with its zeros put in. */
export function stretchedSize(length: number, attributes: ConvolutionAttributes, i: number): number {
  const { before, after, inputDilations } = attributes;
  return (length - 1) * nth(inputDilations, i) + 1 + nth(before, i) + nth(after, i);
}

/** Size of the result along a spatial axis; undefined where no window fits. */
export function convolvedSize(
  length: number,
  kernel: number,
  attributes: ConvolutionAttributes,
  i: number,
): number | undefined {
  const { strides, kernelDilations } = attributes;
  const size = windowCount(
    stretchedSize(length, attributes, i),
    kernel,
    nth(strides, i),
    nth(kernelDilations, i),
  );
  return size as number | undefined;
}

const conv: OpRow<'conv'> = {
  kind: 'conv',
  arity: 2,
  infer(inputs, attributes, given) {
    const [x, w] = [nth(inputs, 0), nth(inputs, 1)];
    const wrong = (): never => broken(`conv of ${printShape(x.shape)} and ${printShape(w.shape)}`);
    const spatial = x.shape.length - LEADING;
    const { strides, before, after, inputDilations, kernelDilations } = attributes;
    const entries = [strides, before, after, inputDilations, kernelDilations];
    if (spatial < 1 || w.shape.length !== x.shape.length) wrong();
    if (entries.some((list) => list.length !== spatial)) wrong();
    if ([...strides, ...inputDilations, ...kernelDilations].some((n) => n < 1)) wrong();
    const same = (i: number, j: number): boolean =>
      equalDimensions(x.shape[i] as Dimension, w.shape[j] as Dimension);
    if (!same(1, 0) || !same(2, 2)) wrong();
    if (x.dtype !== w.dtype || !isFloat(x.dtype)) broken(`conv of ${x.dtype} and ${w.dtype}`);
    const sizes = strides.map((_, i) => {
      const [length, kernel] = [x.shape[LEADING + i], w.shape[LEADING + i]];
      if (typeof length !== 'number' || typeof kernel !== 'number') return wrong();
      return convolvedSize(length, kernel, attributes, i) ?? wrong();
    });
    const dtype = accumulated(x.dtype, given);
    return { dtype, shape: [x.shape[0], w.shape[0], w.shape[1], ...sizes] as Dimension[] };
  },
  evaluate(e) {
    const [x, w] = [nth(e.inputs, 0), nth(e.inputs, 1)];
    const result = new Float64Array(elementCount(e.shape));
    const [out, from, weight] = [e.shape, x.shape, w.shape].map(rowMajorStrides) as [
      number[],
      number[],
      number[],
    ];
    const reach = reachOf(x, w, e.shape, e.attributes);
    const [records = 0, groups = 0, channels = 0] = e.shape;
    for (let n = 0; n < records; n++)
      for (let g = 0; g < groups; g++)
        for (let c = 0; c < channels; c++)
          for (let k = 0; k < (w.shape[2] as number); k++) {
            const to = n * nth(out, 0) + g * nth(out, 1) + c * nth(out, 2);
            const read = n * nth(from, 0) + g * nth(from, 1) + k * nth(from, 2);
            const by = g * nth(weight, 0) + c * nth(weight, 1) + k * nth(weight, 2);
            for (const { target, source, tap } of reach) {
              result[to + target] =
                (result[to + target] as number) +
                (x.data[read + source] as number) * (w.data[by + tap] as number);
            }
          }
    return result;
  },
};

/** One product of a plane: offsets in the result's plane, the input's and the kernel. */
interface Reach {
  readonly target: number;
  readonly source: number;
  readonly tap: number;
}

/** All products of one plane, in the order of the result and, for each element, of the kernel. */
function reachOf(
  x: HostTensor,
  w: HostTensor,
  shape: readonly number[],
  attributes: ConvolutionAttributes,
): Reach[] {
  let all: readonly Reach[] = [{ target: 0, source: 0, tap: 0 }];
  attributes.strides.forEach((stride, i) => {
    const [size, length, kernel] = [shape, x.shape, w.shape].map((s) => s[LEADING + i] as number) as [
      number,
      number,
      number,
    ];
    const [dilation, between] = [nth(attributes.kernelDilations, i), nth(attributes.inputDilations, i)];
    const along: Reach[] = [];
    for (let target = 0; target < size; target++) {
      for (let tap = 0; tap < kernel; tap++) {
        const at = target * stride + tap * dilation - nth(attributes.before, i);
        const source = at / between;
        if (at >= 0 && at % between === 0 && source < length) along.push({ target, source, tap });
      }
    }
    all = all.flatMap((outer) =>
      along.map(({ target, source, tap }) => ({
        target: outer.target * size + target,
        source: outer.source * length + source,
        tap: outer.tap * kernel + tap,
      })),
    );
  });
  return [...all];
}

export const CONVOLUTION_ROWS = { conv };
