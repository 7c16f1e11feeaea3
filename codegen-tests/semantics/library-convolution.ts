/** Convolution and pooling layers of std.net against loops over their definition. */
import type { HostTensor } from '../../compiler/graph/host-tensor.ts';
import { layerCase, type LibraryCase } from './library-case.ts';
import { at, build, total } from './reference.ts';
import { random } from './calculating.ts';

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** Rows and columns: strides, margins (top, left, bottom, right), dilations; a row has one row. */
interface Sliding {
  readonly stride?: readonly [number, number];
  readonly pad?: readonly [number, number, number, number];
  readonly dilation?: readonly [number, number];
  readonly groups?: number;
}

/** An element of a plane, 0 outside. */
function seen(x: HostTensor, n: number, c: number, i: number, j: number): number {
  const [, , height = 0, width = 0] = x.shape;
  return i < 0 || j < 0 || i >= height || j >= width ? 0 : at(x, [n, c, i, j]);
}

function convolved(x: HostTensor, w: HostTensor, bias: HostTensor | undefined, by: Sliding): HostTensor {
  const { stride = [1, 1], pad = [0, 0, 0, 0], dilation = [1, 1], groups = 1 } = by;
  const [records = 0, , height = 0, width = 0] = x.shape;
  const [out = 0, own = 0, kh = 0, kw = 0] = w.shape;
  const size = (n: number, low: number, high: number, k: number, d: number, s: number): number =>
    Math.floor((n + low + high - d * (k - 1) - 1) / s) + 1;
  const rows = size(height, pad[0], pad[2], kh, dilation[0], stride[0]);
  const columns = size(width, pad[1], pad[3], kw, dilation[1], stride[1]);
  return build([records, out, rows, columns], ([n = 0, o = 0, i = 0, j = 0]) => {
    const first = Math.floor(o / (out / groups)) * own;
    const products = range(own).flatMap((c) =>
      range(kh).flatMap((p) =>
        range(kw).map((q) => {
          const [row, column] = [
            i * stride[0] + p * dilation[0] - pad[0],
            j * stride[1] + q * dilation[1] - pad[1],
          ];
          return seen(x, n, first + c, row, column) * at(w, [o, c, p, q]);
        }),
      ),
    );
    return total(products) + (bias ? at(bias, [o]) : 0);
  });
}

interface Transposed extends Sliding {
  readonly extra?: readonly [number, number];
}

/** Every element of x adds its kernel to the result, the margins are cut off. */
function transposed(x: HostTensor, w: HostTensor, bias: HostTensor | undefined, by: Transposed): HostTensor {
  const { stride = [1, 1], pad = [0, 0, 0, 0], dilation = [1, 1], groups = 1, extra = [0, 0] } = by;
  const [records = 0, channels = 0, height = 0, width = 0] = x.shape;
  const [, each = 0, kh = 0, kw = 0] = w.shape;
  const rows = (height - 1) * stride[0] - pad[0] - pad[2] + dilation[0] * (kh - 1) + extra[0] + 1;
  const columns = (width - 1) * stride[1] - pad[1] - pad[3] + dilation[1] * (kw - 1) + extra[1] + 1;
  const own = channels / groups;
  return build([records, each * groups, rows, columns], ([n = 0, o = 0, i = 0, j = 0]) => {
    const group = Math.floor(o / each);
    const parts = range(own).flatMap((c) =>
      range(height).flatMap((p) =>
        range(width).map((q) => {
          const [row, column] = [i + pad[0] - p * stride[0], j + pad[1] - q * stride[1]];
          const [u, v] = [row / dilation[0], column / dilation[1]];
          const hit = Number.isInteger(u) && Number.isInteger(v) && u >= 0 && v >= 0 && u < kh && v < kw;
          const channel = group * own + c;
          return hit ? at(x, [n, channel, p, q]) * at(w, [channel, o % each, u, v]) : 0;
        }),
      ),
    );
    return total(parts) + (bias ? at(bias, [o]) : 0);
  });
}

/** The elements of each window that lie inside, joined by `join`. */
function pooled(
  x: HostTensor,
  k: readonly [number, number],
  { stride = k, pad = [0, 0, 0, 0] }: Sliding,
  join: (values: number[]) => number,
): HostTensor {
  const [records = 0, channels = 0, height = 0, width = 0] = x.shape;
  const rows = Math.floor((height + pad[0] + pad[2] - k[0]) / stride[0]) + 1;
  const columns = Math.floor((width + pad[1] + pad[3] - k[1]) / stride[1]) + 1;
  return build([records, channels, rows, columns], ([n = 0, c = 0, i = 0, j = 0]) =>
    join(
      range(k[0]).flatMap((p) =>
        range(k[1]).flatMap((q) => {
          const [row, column] = [i * stride[0] + p - pad[0], j * stride[1] + q - pad[1]];
          const inside = row >= 0 && column >= 0 && row < height && column < width;
          return inside ? [at(x, [n, c, row, column])] : [];
        }),
      ),
    ),
  );
}

const mean = (values: number[]): number => total(values) / values.length;
const largest = (values: number[]): number => Math.max(...values);

/** The same values with one axis of size 1 in front of the last, and without. */
const asPlane = (x: HostTensor): HostTensor => ({
  ...x,
  shape: [...x.shape.slice(0, 2), 1, ...x.shape.slice(2)],
});
const asRow = (x: HostTensor): HostTensor => ({ ...x, shape: x.shape.toSpliced(2, 1) });

const plane = random([2, 4, 5, 6], 61);
const row = random([2, 4, 9], 62);
const bias = random([6], 63);

function conv2d(options: string, k: readonly [number, number], by: Sliding, withBias = true): LibraryCase {
  const weight = random([6, 4 / (by.groups ?? 1), ...k], 64);
  return layerCase(`conv2d(6, ${options})`, {
    weights: { x: plane },
    inside: withBias ? { weight, bias } : { weight },
    expected: convolved(plane, weight, withBias ? bias : undefined, by),
    orders: 2,
  });
}

function conv1d(options: string, k: number, by: Sliding): LibraryCase {
  const weight = random([6, 4 / (by.groups ?? 1), k], 65);
  return layerCase(`conv1d(6, ${options})`, {
    weights: { x: row },
    inside: { weight, bias },
    expected: asRow(convolved(asPlane(row), asPlane(weight), bias, by)),
    orders: 2,
  });
}

function transposed2d(options: string, k: readonly [number, number], by: Transposed): LibraryCase {
  const weight = random([4, 6 / (by.groups ?? 1), ...k], 66);
  return layerCase(`conv_transpose2d(6, ${options})`, {
    weights: { x: plane },
    inside: { weight, bias },
    expected: transposed(plane, weight, bias, by),
    orders: 2,
  });
}

function transposed1d(options: string, k: number, by: Transposed): LibraryCase {
  const weight = random([4, 6 / (by.groups ?? 1), k], 67);
  return layerCase(`conv_transpose1d(6, ${options})`, {
    weights: { x: row },
    inside: { weight, bias },
    expected: asRow(transposed(asPlane(row), asPlane(weight), bias, by)),
    orders: 2,
  });
}

function pool(layer: string, expected: HostTensor, x = plane): LibraryCase {
  return layerCase(layer, { weights: { x }, expected, orders: 2 });
}

export const CONVOLUTION_CASES: readonly LibraryCase[] = [
  conv2d('3', [3, 3], {}),
  conv2d('(2, 3), bias = false', [2, 3], {}, false),
  conv2d('3, stride = 2, pad = 1', [3, 3], { stride: [2, 2], pad: [1, 1, 1, 1] }),
  conv2d('(3, 2), stride = (1, 3), pad = (2, 0)', [3, 2], { stride: [1, 3], pad: [2, 0, 2, 0] }),
  conv2d('2, pad = (0, 1, 2, 3), dilation = (2, 1)', [2, 2], { pad: [0, 1, 2, 3], dilation: [2, 1] }),
  conv2d('3, pad = same', [3, 3], { pad: [1, 1, 1, 1] }),
  // Of 5 rows 3 remain, which takes 2 more, one at each end; of 6 columns 3, which takes 1 at the end.
  conv2d('3, pad = same, stride = 2', [3, 3], { stride: [2, 2], pad: [1, 0, 1, 1] }),
  conv2d('2, pad = same, groups = 2', [2, 2], { pad: [0, 0, 1, 1], groups: 2 }),
  conv1d('3', 3, {}),
  conv1d('4, stride = 2, pad = 3, groups = 2', 4, { stride: [1, 2], pad: [0, 3, 0, 3], groups: 2 }),
  conv1d('2, pad = (0, 2), dilation = 3', 2, { pad: [0, 0, 0, 2], dilation: [1, 3] }),
  conv1d('4, pad = same, stride = 3', 4, { stride: [1, 3], pad: [0, 0, 0, 1] }),
  transposed2d('3', [3, 3], {}),
  transposed2d('(3, 2), stride = 2, pad = 1, output_pad = (1, 0)', [3, 2], {
    stride: [2, 2],
    pad: [1, 1, 1, 1],
    extra: [1, 0],
  }),
  transposed2d('2, stride = (3, 1), dilation = (1, 2), groups = 2', [2, 2], {
    stride: [3, 1],
    dilation: [1, 2],
    groups: 2,
  }),
  transposed1d('4, stride = 2, pad = 1', 4, { stride: [1, 2], pad: [0, 1, 0, 1] }),
  transposed1d('2, stride = 3, output_pad = 2, groups = 2', 2, { stride: [1, 3], extra: [0, 2], groups: 2 }),
  pool('maxpool(2)', pooled(plane, [2, 2], {}, largest)),
  pool('maxpool((3, 2), stride = 2)', pooled(plane, [3, 2], { stride: [2, 2] }, largest)),
  pool(
    'maxpool(3, stride = 1, pad = 1)',
    pooled(plane, [3, 3], { stride: [1, 1], pad: [1, 1, 1, 1] }, largest),
  ),
  pool('maxpool(2)', asRow(pooled(asPlane(row), [1, 2], {}, largest)), row),
  pool('avgpool(2)', pooled(plane, [2, 2], {}, mean)),
  pool(
    'avgpool(3, stride = 2, pad = (1, 0))',
    pooled(plane, [3, 3], { stride: [2, 2], pad: [1, 0, 1, 0] }, mean),
  ),
  pool(
    'avgpool(3, stride = 2, pad = same)',
    pooled(plane, [3, 3], { stride: [2, 2], pad: [1, 0, 1, 1] }, mean),
  ),
  pool(
    'avgpool(4, stride = 3, pad = (2, 1))',
    asRow(pooled(asPlane(row), [1, 4], { stride: [1, 3], pad: [0, 2, 0, 1] }, mean)),
    row,
  ),
];
