/**
 * `upsample`: more pixels along the spatial axes (those behind the batch and the channels). Nearest repeats
 * pixels; bilinear interpolates between pixel centres, the axes one after another, as PyTorch's `interpolate`
 * with `align_corners = False` and a scale factor does.
 */
import { multiplyDimensions } from '../../graph/dimension.ts';
import { tensor, type Axis } from '../values.ts';
import { asNumber } from '../convert.ts';
import { originNotes } from '../shape-errors.ts';
import { printAxes, printAxis, type Tensors } from '../tensors.ts';
import { parameter, type Builtin, type BuiltinCall } from './spec.ts';

const SPATIAL = 2;

const upsample: Builtin = {
  parameters: [
    parameter.required('x', 'tensor'),
    parameter.required('scale', 'value'),
    parameter.optional('mode', { words: ['nearest', 'bilinear'] }, { kind: 'string', value: 'nearest' }),
  ],
  run: (call) => {
    const bilinear = call.string('mode') === 'bilinear';
    const id = bilinear ? call.singles('x') : call.tensor('x');
    const axes = call.tensors.axes(id);
    if (axes.length !== 3 && axes.length !== 4) {
      call.fail(
        'E0204',
        call.spanOf('x'),
        `\`upsample\` takes [B, C, W] or [B, C, H, W], not ${printAxes(axes)}`,
      );
    }
    const scales = scalesOf(call, axes.length - SPATIAL);
    const enlarged = scales.reduce((value, scale, i) => {
      const axis = SPATIAL + i;
      if (scale === 1) return value;
      if (!bilinear && Number.isInteger(scale)) return repeated(call.tensors, value, axis, scale);
      const enlarging = { axis, scale, ...enlargedSize(call, axes[axis] ?? { size: 1 }, scale) };
      return (bilinear ? interpolated : picked)(call.tensors, value, enlarging);
    }, id);
    return tensor(enlarged);
  },
};

function scalesOf(call: BuiltinCall, count: number): number[] {
  const { value, span } = call.argument('scale');
  const items = value.kind === 'tuple' ? value.items : Array.from({ length: count }, () => value);
  if (items.length !== count) {
    const what = count === 1 ? 'one number' : 'one number or a pair';
    call.fail('E0213', span, `\`scale\` is ${what} for ${count} spatial ${count === 1 ? 'axis' : 'axes'}`);
  }
  return items.map((item) => {
    const scale = asNumber(call.context, item, span, '`scale`');
    if (!(scale > 0) || !Number.isFinite(scale)) {
      call.fail('E0220', span, `\`scale\` is above 0, this is ${scale}`);
    }
    return scale;
  });
}

interface Enlarging {
  readonly axis: number;
  readonly scale: number;
  readonly from: number;
  readonly to: number;
}

function enlargedSize(call: BuiltinCall, axis: Axis, scale: number): { from: number; to: number } {
  const { size } = axis;
  if (typeof size !== 'number') {
    return call.fail(
      'E0217',
      call.spanOf('x'),
      '`upsample` needs spatial axes whose sizes are known at compile time',
    );
  }
  const to = Math.floor(size * scale);
  if (to < 1) {
    call.fail('E0220', call.spanOf('scale'), `nothing is left of an axis of ${printAxis(axis)} by ${scale}`, {
      related: originNotes([axis]),
    });
  }
  return { from: size, to };
}

/** Every pixel `scale` times: views alone. */
function repeated(tensors: Tensors, id: number, axis: number, scale: number): number {
  const axes = tensors.axes(id);
  const along = axes[axis] ?? { size: 1 };
  const open = (count: number): Axis[] => axes.toSpliced(axis + 1, 0, { size: count });
  const wide = tensors.broadcast(tensors.reshape(id, open(1)), open(scale));
  const size = multiplyDimensions(along.size, scale);
  if (size === undefined) throw new Error('internal: a number of times is always a size');
  return tensors.reshape(wide, axes.with(axis, { size }));
}

/** Pixel i of the result is pixel floor(i / scale). */
function picked(tensors: Tensors, id: number, { axis, scale, from, to }: Enlarging): number {
  const place = scaledBy(tensors, tensors.cast(tensors.iota({ size: to }), 'f32'), 1 / scale);
  return tensors.take(id, clamped(tensors, place, from), axis);
}

/** Pixel i of the result lies at (i + 0.5) / scale - 0.5, but not before the first pixel. */
function interpolated(tensors: Tensors, id: number, { axis, scale, from, to }: Enlarging): number {
  const number = (value: number): number => tensors.constant(value, 'f32');
  const centre = tensors.binary('add', tensors.cast(tensors.iota({ size: to }), 'f32'), number(0.5));
  const place = tensors.binary('sub', scaledBy(tensors, centre, 1 / scale), number(0.5));
  const inside = tensors.binary('max', place, number(0));
  const low = clamped(tensors, inside, from);
  const next = tensors.binary('add', low, tensors.constant(1, 'u32'));
  const high = tensors.binary('min', next, tensors.constant(from - 1, 'u32'));
  const column = tensors
    .axes(id)
    .slice(axis)
    .map((_, i): Axis => ({ size: i === 0 ? to : 1 }));
  const share = tensors.reshape(tensors.binary('sub', inside, tensors.cast(low, 'f32')), column);
  const [left, right] = [tensors.take(id, low, axis), tensors.take(id, high, axis)];
  return tensors.binary('add', left, tensors.binary('mul', share, tensors.binary('sub', right, left)));
}

const scaledBy = (tensors: Tensors, id: number, factor: number): number =>
  tensors.binary('mul', id, tensors.constant(factor, 'f32'));

/** The whole part as an index below `size`. */
const clamped = (tensors: Tensors, place: number, size: number): number =>
  tensors.binary('min', tensors.cast(place, 'u32'), tensors.constant(size - 1, 'u32'));

export const UPSAMPLE: Readonly<Record<string, Builtin>> = { upsample };
