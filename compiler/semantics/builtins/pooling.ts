/**
 * `pool_max` and `pool_mean` over windows of one spatial axis or two. In: x[B, C, size…]. Out: reductions of
 * windows, which are views. Padding never wins a maximum and is not counted in a mean; a window that does
 * not fit at the end is dropped.
 */
import { windowCount } from '../../graph/ops-windows.ts';
import { slidingWindows, type Window } from '../../graph/sliding-windows.ts';
import { originNotes } from '../shape-errors.ts';
import { printAxis } from '../tensors.ts';
import { NONE, integer, tensor, type Value } from '../values.ts';
import { parameter, type Builtin, type BuiltinCall } from './spec.ts';
import { margins, perAxis, spatialAxes, type Margins, type SpatialAxis } from './spatial.ts';

interface Pooling {
  readonly x: number;
  readonly spatial: readonly SpatialAxis[];
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
  readonly padded: Margins;
}

function pooling(call: BuiltinCall): Pooling {
  const spatial = spatialAxes(call, 'x');
  const count = spatial.length;
  const sizes = perAxis(call, 'k', count, 1);
  // Without a stride of its own, the windows lie side by side.
  const strides = call.value('stride').kind === 'none' ? sizes : perAxis(call, 'stride', count, 1);
  const padded = margins(call, count, (i) => ({
    size: spatial[i]?.size ?? 1,
    extent: sizes[i] ?? 1,
    stride: strides[i] ?? 1,
  }));
  spatial.forEach(({ size, axis }, i) => {
    const window = sizes[i] ?? 1;
    const [before, after] = [padded.before[i] ?? 0, padded.after[i] ?? 0];
    if (Math.max(before, after) > window / 2) {
      call.fail(
        'E0220',
        call.spanOf('pad'),
        `a pad of ${Math.max(before, after)} is more than half of \`k\`, ${window}`,
        {
          help: 'a window must not lie in the padding',
        },
      );
    }
    if (windowCount(size + before + after, window, 1, 1) !== undefined) return;
    call.fail(
      'E0214',
      call.span,
      `a window of ${window} does not fit into the padded axis of ${printAxis(axis)}, which has ${size + before + after}`,
      { related: originNotes([axis]) },
    );
  });
  return { x: call.floats('x'), spatial, sizes, strides, padded };
}

/** x in windows, with `fill` around it: the windows' own axes are the last. */
function inWindows(call: BuiltinCall, id: number, { sizes, strides, padded }: Pooling, fill: number): number {
  const { tensors } = call;
  const before = [0, 0, ...padded.before];
  const after = [0, 0, ...padded.after];
  const plain = [...before, ...after].every((n) => n === 0);
  const wide = plain ? id : tensors.pad(id, tensors.constant(fill, 'f32'), before, after);
  const windows = sizes.map((size, i): Window => ({
    axis: 2 + i,
    size,
    stride: strides[i] ?? 1,
    dilation: 1,
  }));
  return tensors.built(
    wide,
    (builder, id) => slidingWindows(builder, id, windows),
    tensors.axes(wide).slice(0, 2),
  );
}

const inner = ({ spatial }: Pooling): number[] => spatial.map((_, i) => 2 + spatial.length + i);

const PARAMETERS = [
  parameter.required('x', 'tensor'),
  parameter.required('k', 'value'),
  parameter.optional('stride', 'value', NONE),
  parameter.optional('pad', 'value', integer(0)),
];

const poolMax: Builtin = {
  parameters: PARAMETERS,
  run: (call): Value => {
    const given = pooling(call);
    return call.tensors.part('pool', () =>
      tensor(call.tensors.firstMaximum(inWindows(call, given.x, given, -Infinity), inner(given))),
    );
  },
};

const poolMean: Builtin = {
  parameters: PARAMETERS,
  run: (call): Value => {
    const given = pooling(call);
    const { tensors } = call;
    const sums = (id: number): number =>
      tensors.reduce('reduce_sum', inWindows(call, id, given, 0), inner(given), false);
    return tensors.part('pool', () => {
      const total = sums(given.x);
      const { before, after } = given.padded;
      if ([...before, ...after].every((n) => n === 0)) {
        const count = given.sizes.reduce((n, size) => n * size, 1);
        return tensor(tensors.binary('div', total, tensors.constant(count, 'f32')));
      }
      // How many elements of a window are the input's own: the same for all records and channels.
      const own = [1, 1, ...given.spatial.map(({ size }) => size)].map((size) => ({ size }));
      const counts = sums(tensors.broadcast(tensors.constant(1, 'f32'), own));
      return tensor(tensors.binary('div', total, counts));
    });
  },
};

export const POOLING: Readonly<Record<string, Builtin>> = { pool_max: poolMax, pool_mean: poolMean };
