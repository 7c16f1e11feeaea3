/**
 * Windows along axes by the cheapest views. In: a tensor and what slides along each axis. Out: a value of the
 * type that the primitive `windows` gives. Windows that lie side by side are a reshape: read, and in the
 * derivative written, element for element. A window of one element is a slice.
 */
import type { GraphBuilder } from './builder.ts';
import { reshapeTo } from './convenience.ts';
import { equalDimensions, multiplyDimensions, type Dimension } from './dimension.ts';
import { broken } from './op-row.ts';
import { windowCount } from './ops-windows.ts';

export interface Window {
  readonly axis: number;
  readonly size: number;
  readonly stride: number;
  readonly dilation: number;
}

/** Axes ascending; the windows' own axes follow last. */
export function slidingWindows(b: GraphBuilder, x: number, windows: readonly Window[]): number {
  const rank = b.type(x).shape.length;
  let result = x;
  // From the last axis on, so that the places of the others stay; the new axes come out backwards.
  for (const window of [...windows].reverse()) result = along(b, result, window);
  const order = windows.map((_, i) => rank + windows.length - 1 - i);
  if (windows.length < 2) return result;
  return b.add('transpose', [result], { permutation: [...Array(rank).keys(), ...order] });
}

function along(b: GraphBuilder, x: number, window: Window): number {
  const { axis, size, stride, dilation } = window;
  const { shape } = b.type(x);
  const length = shape[axis] as Dimension;
  const count = windowCount(length, size, stride, dilation) ?? broken('no window fits');
  const sized = (d: Dimension): Dimension[] => shape.map((old, i) => (i === axis ? d : old));
  if (size === 1) {
    const taken = b.add('slice', [x], {
      starts: shape.map(() => 0),
      limits: shape,
      steps: shape.map((_, i) => (i === axis ? stride : 1)),
    });
    return reshapeTo(b, taken, [...sized(count), 1]);
  }
  if (size !== stride || dilation !== 1) {
    return b.add('windows', [x], { axes: [axis], sizes: [size], strides: [stride], dilations: [dilation] });
  }
  const covered = multiplyDimensions(count, size) as Dimension;
  const whole = equalDimensions(covered, length)
    ? x
    : b.add('slice', [x], {
        starts: shape.map(() => 0),
        limits: sized(covered),
        steps: shape.map(() => 1),
      });
  const cut = reshapeTo(b, whole, [...shape.slice(0, axis), count, size, ...shape.slice(axis + 1)]);
  const others = [...shape.keys()].filter((i) => i > axis).map((i) => i + 1);
  return b.add('transpose', [cut], {
    permutation: [...Array(axis + 1).keys(), ...others, axis + 1],
  });
}
