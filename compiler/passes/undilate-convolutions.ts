/**
 * A convolution whose input has zeros put between its elements (the derivative of one with strides, or one
 * transposed) multiplies by zero most of the time. Which elements of the kernel meet the input's own depends
 * on the place modulo the dilation alone, so each such phase becomes channels of its own of a convolution
 * over the input as it is, and the phases are laid beside each other at the end (sub-pixel convolution; Shi
 * et al. 2016, arXiv 1609.07009). In: any graph. Out: the same values; where strides or a dilated kernel come
 * together with a dilated input, the convolution stays.
 *
 * Along an axis, with dilation d: y[q * d + r] = sum over u of x[q + u] * w[u * d - r + before].
 */
import type { GraphBuilder } from '../graph/builder.ts';
import { reshapeTo } from '../graph/convenience.ts';
import type { Dimension } from '../graph/dimension.ts';
import type { NodeOf } from '../graph/ir.ts';
import { nth } from '../graph/op-row.ts';
import { LEADING } from '../graph/ops-convolution.ts';
import { rewriteGraph, type Pass } from './rewrite.ts';

export const undilateConvolutions: Pass = {
  name: 'undilate convolutions',
  run: (graph) =>
    rewriteGraph(graph, (b, node, inputs) =>
      node.op === 'conv' && isPlainlyDilated(node)
        ? undilate(b, node, nth(inputs, 0), nth(inputs, 1))
        : undefined,
    ),
};

function isPlainlyDilated({ attributes }: NodeOf<'conv'>): boolean {
  const { strides, inputDilations, kernelDilations } = attributes;
  return inputDilations.some((d) => d > 1) && [...strides, ...kernelDilations].every((n) => n === 1);
}

/** Along one axis: the offsets u, from `first` on, that meet the kernel in any phase. */
interface Phases {
  readonly dilation: number;
  readonly first: number;
  readonly offsets: number;
  /** Zeros around the kernel, with which it has offsets * dilation elements. */
  readonly before: number;
  readonly after: number;
  /** Places of a phase in the result. */
  readonly places: number;
}

function phasesOf(dilation: number, before: number, kernel: number, size: number): Phases {
  const first = -Math.floor(before / dilation);
  const last = Math.floor((kernel + dilation - 2 - before) / dilation);
  const offsets = last - first + 1;
  const zeros = dilation - 1 - first * dilation - before;
  const places = Math.ceil(size / dilation);
  return { dilation, first, offsets, before: zeros, after: offsets * dilation - zeros - kernel, places };
}

function undilate(b: GraphBuilder, node: NodeOf<'conv'>, x: number, w: number): number {
  b.origin = 'conv';
  const { before, inputDilations, strides } = node.attributes;
  const [lengths, kernels, sizes] = [b.type(x).shape, b.type(w).shape, node.type.shape].map((shape) =>
    shape.slice(LEADING),
  ) as [number[], number[], number[]];
  const phases = inputDilations.map((d, i) => phasesOf(d, nth(before, i), nth(kernels, i), nth(sizes, i)));
  const [records, groups, channels] = node.type.shape as [Dimension, Dimension, Dimension];
  const each = (f: (phase: Phases, i: number) => number): number[] => phases.map(f);
  const one = each(() => 1);
  const attributes = {
    strides,
    before: each((phase) => -phase.first),
    after: each(({ places, first, offsets }, i) => places - 1 - nth(lengths, i) + first + offsets),
    inputDilations: one,
    kernelDilations: one,
  };
  // Of f16 the result may be f32, as it was added up.
  const { dtype } = node.type;
  const result = b.add('conv', [x, phaseKernels(b, w, phases)], attributes, { dtype });
  // [N, groups, (phases…, out), places…] -> [N, groups, out, (place, phase)…]
  const count = phases.length;
  const dilations = each(({ dilation }) => dilation);
  const places = each((phase) => phase.places);
  const apart = reshapeTo(b, result, [records, groups, ...dilations, channels, ...places]);
  const beside = b.add('transpose', [apart], {
    permutation: [0, 1, 2 + count, ...phases.flatMap((_, i) => [LEADING + count + i, 2 + i])],
  });
  const joined = reshapeTo(b, beside, [
    ...[records, groups, channels],
    ...each((phase) => phase.places * phase.dilation),
  ]);
  const { shape } = node.type;
  return b.add('slice', [joined], { starts: shape.map(() => 0), limits: shape, steps: shape.map(() => 1) });
}

/** w[groups, out, in, kernel…] -> [groups, (phases…, out), in, offsets…] */
function phaseKernels(b: GraphBuilder, w: number, phases: readonly Phases[]): number {
  const { dtype, shape } = b.type(w);
  const [groups, channels, own] = shape as [Dimension, number, Dimension];
  const count = phases.length;
  const lead = new Array<number>(LEADING).fill(0);
  const zero = b.add('constant', [], { value: 0 }, { dtype });
  const padded = b.add('pad', [w, zero], {
    before: [...lead, ...phases.map((phase) => phase.before)],
    after: [...lead, ...phases.map((phase) => phase.after)],
    interior: shape.map(() => 0),
  });
  const table = reshapeTo(b, padded, [
    ...[groups, channels, own],
    ...phases.flatMap(({ offsets, dilation }) => [offsets, dilation]),
  ]);
  const phaseAxes = phases.map((_, i) => LEADING + 2 * i + 1);
  const turned = b.add('reverse', [table], { axes: phaseAxes });
  const ordered = b.add('transpose', [turned], {
    permutation: [0, ...phaseAxes, 1, 2, ...phaseAxes.map((axis) => axis - 1)],
  });
  const rows = phases.reduce((n, { dilation }) => n * dilation, channels);
  return reshapeTo(b, ordered, [groups, rows, own, ...b.type(ordered).shape.slice(-count)]);
}
