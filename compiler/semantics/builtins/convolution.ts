/**
 * `conv` and `conv_transpose`, of one spatial axis or two by the rank of what they take, as PyTorch's
 * functions of that name. In: x[B, in, size…] and a weight. Out: the primitive `conv`, with the groups as an
 * axis of their own. Sizes are checked here.
 */
import { divideDimensions, equalDimensions, type Dimension } from '../../graph/dimension.ts';
import type { ConvolutionAttributes } from '../../graph/ir.ts';
import { convolvedSize, stretchedSize } from '../../graph/ops-convolution.ts';
import { windowExtent } from '../../graph/ops-windows.ts';
import { axisValue } from '../convert.ts';
import { originNotes } from '../shape-errors.ts';
import { printAxes, printAxis } from '../tensors.ts';
import { integer, tensor, tuple, type Axis, type Value } from '../values.ts';
import { parameter, type Builtin, type BuiltinCall } from './spec.ts';
import { margins, perAxis, spatialAxes, type SpatialAxis } from './spatial.ts';

const ONE: Axis = { size: 1 };

const x = parameter.required('x', 'tensor');
const weight = parameter.required('weight', 'tensor');
const stride = parameter.optional('stride', 'value', integer(1));
const pad = parameter.optional('pad', 'value', integer(0));
const dilation = parameter.optional('dilation', 'value', integer(1));
const groups = parameter.optional('groups', 'integer', integer(1));

/** The number of groups, which must divide the channels of both sides. */
function checkedGroups(
  call: BuiltinCall,
  channels: readonly (readonly [what: string, axis: Axis])[],
): number {
  const count = call.number('groups');
  if (count < 1) call.fail('E0220', call.spanOf('groups'), `\`groups\` is 1 or more, this is ${count}`);
  for (const [what, axis] of channels) {
    if (divideDimensions(axis.size, count) !== undefined) continue;
    call.fail(
      'E0214',
      call.spanOf('groups'),
      `${printAxis(axis)} channels ${what} do not divide into ${count} groups`,
      { related: originNotes([axis]) },
    );
  }
  return count;
}

/** What both functions read: the input, the weight and what slides. */
interface Sliding {
  readonly x: number;
  readonly w: number;
  readonly input: readonly Axis[];
  readonly kernel: readonly Axis[];
  readonly spatial: readonly SpatialAxis[];
  /** Sizes of the kernel along the spatial axes. */
  readonly taps: number[];
  readonly strides: number[];
  readonly dilations: number[];
}

function sliding(call: BuiltinCall): Sliding {
  const spatial = spatialAxes(call, 'x');
  const [id, w] = [call.floats('x'), call.floats('weight')];
  const [input, kernel] = [call.tensors.axes(id), call.tensors.axes(w)];
  if (kernel.length !== input.length) {
    const due = spatial.length === 1 ? '[out, in / groups, k]' : '[out, in / groups, kh, kw]';
    call.fail(
      'E0204',
      call.spanOf('weight'),
      `a weight ${printAxes(kernel)} for an input ${printAxes(input)}: ${due} is due`,
    );
  }
  const taps = kernel.slice(2).map(({ size }) => {
    if (typeof size === 'number') return size;
    return call.fail(
      'E0217',
      call.spanOf('weight'),
      'the size of the batch is not known here: a kernel cannot have it',
      {
        help: 'give the program a `data` block, whose `batch` is a number',
      },
    );
  });
  const count = spatial.length;
  const [strides, dilations] = [perAxis(call, 'stride', count, 1), perAxis(call, 'dilation', count, 1)];
  return { x: id, w, input, kernel, spatial, taps, strides, dilations };
}

const axisOf = (axes: readonly Axis[], i: number): Axis => axes[i] ?? ONE;

const quotientAxis = (axis: Axis, count: number): Axis => ({
  ...axis,
  size: divideDimensions(axis.size, count) as Dimension,
});

const conv: Builtin = {
  parameters: [x, weight, stride, pad, dilation, groups],
  run: (call) => {
    const given = sliding(call);
    const { input, kernel, spatial, taps, strides, dilations } = given;
    const [channels, out] = [axisOf(input, 1), axisOf(kernel, 0)];
    const count = checkedGroups(call, [
      ['of the input', channels],
      ['of the result', out],
    ]);
    const own = quotientAxis(channels, count);
    if (!equalDimensions(own.size, axisOf(kernel, 1).size)) {
      wrongChannels(call, given, `${printAxis(channels)}${count === 1 ? '' : ` / ${count}`}`, [channels]);
    }
    const { before, after } = margins(call, spatial.length, (i) => ({
      size: spatial[i]?.size ?? 1,
      extent: windowExtent(taps[i] ?? 1, dilations[i] ?? 1),
      stride: strides[i] ?? 1,
    }));
    const attributes: ConvolutionAttributes = {
      strides,
      before,
      after,
      inputDilations: strides.map(() => 1),
      kernelDilations: dilations,
    };
    checkFits(call, given, attributes);
    noteFans(call, given.w, own, quotientAxis(out, count), taps);
    const grouped = call.tensors.reshape(given.w, [
      { size: count },
      quotientAxis(out, count),
      ...kernel.slice(1),
    ]);
    return convolved(call, given, count, out, grouped, attributes);
  },
};

const convTranspose: Builtin = {
  parameters: [
    x,
    weight,
    stride,
    pad,
    parameter.optional('output_pad', 'value', integer(0)),
    dilation,
    groups,
  ],
  run: (call) => {
    const given = sliding(call);
    const { input, kernel, spatial, taps, strides, dilations } = given;
    const channels = axisOf(input, 1);
    const count = checkedGroups(call, [['of the input', channels]]);
    if (!equalDimensions(channels.size, axisOf(kernel, 0).size)) {
      wrongChannels(call, given, printAxis(channels), [channels]);
    }
    const extra = perAxis(call, 'output_pad', spatial.length, 0);
    extra.forEach((n, i) => {
      const most = Math.max(strides[i] ?? 1, dilations[i] ?? 1);
      if (n < most) return;
      call.fail(
        'E0220',
        call.spanOf('output_pad'),
        `\`output_pad\` is below the stride or the dilation (${most}), this is ${n}`,
      );
    });
    const { before, after } = margins(call, spatial.length);
    const reach = taps.map((size, i) => windowExtent(size, dilations[i] ?? 1) - 1);
    const attributes: ConvolutionAttributes = {
      strides: strides.map(() => 1),
      before: reach.map((n, i) => n - (before[i] ?? 0)),
      after: reach.map((n, i) => n - (after[i] ?? 0) + (extra[i] ?? 0)),
      inputDilations: strides,
      kernelDilations: dilations,
    };
    checkFits(call, given, attributes);
    const [own, each] = [quotientAxis(channels, count), axisOf(kernel, 1)];
    noteFans(call, given.w, own, each, taps);
    const grouped = call.tensors.reshape(given.w, [{ size: count }, own, ...kernel.slice(1)]);
    const turned = call.tensors.reverse(
      call.tensors.transpose(grouped, [0, 2, 1, ...spatial.map((_, i) => 3 + i)]),
      spatial.map((_, i) => 3 + i),
    );
    const out: Axis = { size: (each.size as number) * count };
    return convolved(call, given, count, out, turned, attributes);
  },
};

function wrongChannels(call: BuiltinCall, given: Sliding, due: string, related: readonly Axis[]): never {
  const place = call.name === 'conv' ? 'second' : 'first';
  return call.fail(
    'E0204',
    call.spanOf('weight'),
    `a weight ${printAxes(given.kernel)} for an input ${printAxes(given.input)}: its ${place} axis must be ${due}`,
    { related: originNotes(related) },
  );
}

/** Stops where no place of the kernel lies inside the padded input. */
function checkFits(call: BuiltinCall, given: Sliding, attributes: ConvolutionAttributes): void {
  given.spatial.forEach(({ size, axis }, i) => {
    const [taps, dilated] = [given.taps[i] ?? 1, given.dilations[i] ?? 1];
    if (convolvedSize(size, taps, attributes, i) !== undefined) return;
    const extent = windowExtent(taps, dilated);
    const padded = stretchedSize(size, attributes, i);
    const message =
      call.name === 'conv'
        ? `a kernel of ${taps}${dilated > 1 ? `, ${dilated} apart,` : ''} reaches over ${extent} elements, the padded axis of ${printAxis(axis)} has ${padded}`
        : `the padding leaves nothing of the result along an axis of ${printAxis(axis)}`;
    const help = call.name === 'conv' ? 'a larger `pad` makes room for it; `same` keeps the size' : undefined;
    call.fail('E0214', call.span, message, { help, related: originNotes([axis]) });
  });
}

/** x[B, in, …] by the weight [groups, out, in, …]: [B, out, …]. */
function convolved(
  call: BuiltinCall,
  { x: id, input }: Sliding,
  count: number,
  out: Axis,
  grouped: number,
  attributes: ConvolutionAttributes,
): Value {
  const { tensors } = call;
  const [records, channels] = [axisOf(input, 0), axisOf(input, 1)];
  const wide = tensors.reshape(id, [
    records,
    { size: count },
    quotientAxis(channels, count),
    ...input.slice(2),
  ]);
  const result = tensors.convolution(wide, grouped, attributes);
  return tensor(tensors.reshape(result, [records, out, ...tensors.axes(result).slice(3)]));
}

/** Tells the weight, if it is one, how many inputs and outputs a unit has, which its layout does not. */
function noteFans(call: BuiltinCall, id: number, own: Axis, out: Axis, taps: readonly number[]): void {
  const name = call.tensors.weightOf(id);
  if (name === undefined || typeof own.size !== 'number' || typeof out.size !== 'number') return;
  const field = taps.reduce((n, size) => n * size, 1);
  call.context.session.weights.setFans(name, own.size * field, out.size * field);
}

/** The channels that a layer makes must divide into groups before its weight has a shape. */
const checkGroups: Builtin = {
  internal: true,
  parameters: [
    parameter.required('groups', 'integer'),
    parameter.required('channels', 'size'),
    parameter.required('out', 'size'),
  ],
  run: (call) =>
    integer(
      checkedGroups(call, [
        ['of the input', call.size('channels')],
        ['of the result', call.size('out')],
      ]),
    ),
};

/** `3` or `(3, 5)` as a pair of sizes. */
const pair: Builtin = {
  internal: true,
  parameters: [parameter.required('k', 'value')],
  run: (call) => tuple(perAxis(call, 'k', 2, 1).map((size) => axisValue({ size }))),
};

export const CONVOLUTION: Readonly<Record<string, Builtin>> = {
  conv,
  conv_transpose: convTranspose,
  check_groups: checkGroups,
  pair,
};
