/** Rows of convolutions and pooling over one axis or two: strides, margins, dilation, groups, overlapping windows. */
import { layerCall } from './rows-layers.ts';
import { fullShape, recordShape, tuple } from './texts.ts';
import type { Pool, Row, Value } from './values.ts';

/** A value with records, channels and `spatial` axes; made where there is none. */
function image(pool: Pool, spatial: number, least = 1): Value {
  const known = pool.pick((value) => {
    const full = fullShape(pool, value);
    return (
      value.dtype === 'f32' &&
      value.batched === pool.batched &&
      full.length === spatial + 2 &&
      full.slice(2).every((size) => size >= least)
    );
  });
  if (known) return known;
  const sizes = Array.from({ length: spatial }, () => Math.max(least, pool.draw.pick([1, 3, 4, 5, 7])));
  const records = pool.batched ? pool.batch : pool.draw.pick([1, 2]);
  return pool.leaf([records, pool.draw.pick([1, 2, 3, 4]), ...sizes]);
}

/** One number an axis, or one for all. */
function each(pool: Pool, spatial: number, of: readonly number[]): number[] {
  if (pool.draw.chance(0.5)) return new Array<number>(spatial).fill(pool.draw.pick(of));
  return Array.from({ length: spatial }, () => pool.draw.pick(of));
}

const settings = (given: Readonly<Record<string, readonly (number | string)[] | undefined>>): string =>
  Object.entries(given).map(([name, value]) => (value ? `, ${name} = ${tuple(value)}` : '')).join(''); // prettier-ignore

const divisors = (count: number): number[] =>
  Array.from({ length: count }, (_, i) => i + 1).filter((d) => count % d === 0);

/** A convolution by the layer or by the function beneath it; depthwise where there is a group a channel. */
function convolution(spatial: 1 | 2): Row {
  return {
    of: [`conv${spatial}d`, 'conv'],
    make(pool) {
      const x = image(pool, spatial);
      const [records = 1, from = 1, ...sizes] = fullShape(pool, x);
      const groups = pool.draw.pick(divisors(from));
      const channels = groups * pool.draw.pick([1, 2, 3]);
      const [k, stride, dilation] = [each(pool, spatial, [1, 2, 3]), each(pool, spatial, [1, 1, 2, 3]), each(pool, spatial, [1, 1, 2])];
      const isSame = pool.draw.chance(0.3);
      const pads = spatial === 2 && pool.draw.chance(0.3) ? [0, 1, 2, 1] : each(pool, spatial, [0, 1, 2]);
      const [before, after] = pads.length === 4 ? [pads.slice(0, 2), pads.slice(2)] : [pads, pads];
      const made = sizes.map((size, axis) => {
        const step = stride[axis] ?? 1;
        const reach = (dilation[axis] ?? 1) * ((k[axis] ?? 1) - 1) + 1;
        if (isSame) return Math.ceil(size / step);
        return Math.floor((size + (before[axis] ?? 0) + (after[axis] ?? 0) - reach) / step) + 1;
      });
      const full = [records, channels, ...made];
      if (made.some((size) => size < 1) || !pool.fits(recordShape(x, full), x.batched)) return undefined;
      const rest = settings({ stride, pad: isSame ? ['same'] : pads, dilation, groups: [groups] });
      const bound = x.bound * Math.sqrt((from / groups) * k.reduce((a, b) => a * b, 1)) * 1.5;
      const shape = recordShape(x, full);
      if (pool.draw.chance(0.3)) {
        const weight = pool.weight([channels, from / groups, ...k]);
        return { text: `conv(${x.name}, ${weight.name}${rest})`, uses: [x, weight], shape, bound };
      }
      const bias = pool.draw.pick(['', ', bias = false']);
      return { ...layerCall(pool, x, `conv${spatial}d(${channels}, ${tuple(k)}${rest}${bias})`), shape, bound };
    },
  }; // prettier-ignore
}

function transposed(spatial: 1 | 2): Row {
  return {
    of: [`conv_transpose${spatial}d`, 'conv_transpose'],
    make(pool) {
      const x = image(pool, spatial);
      const [records = 1, from = 1, ...sizes] = fullShape(pool, x);
      const groups = pool.draw.pick(divisors(from));
      const channels = groups * pool.draw.pick([1, 2]);
      const [k, stride, dilation] = [each(pool, spatial, [1, 2, 3]), each(pool, spatial, [1, 2, 3]), each(pool, spatial, [1, 1, 2])];
      const pads = each(pool, spatial, [0, 0, 1]);
      const more = stride.map((step, axis) => pool.draw.below(Math.max(step, dilation[axis] ?? 1)));
      const made = sizes.map((size, axis) => {
        const reach = (dilation[axis] ?? 1) * ((k[axis] ?? 1) - 1) + 1;
        return (size - 1) * (stride[axis] ?? 1) - 2 * (pads[axis] ?? 0) + reach + (more[axis] ?? 0);
      });
      const shape = recordShape(x, [records, channels, ...made]);
      if (made.some((size) => size < 1) || !pool.fits(shape, x.batched)) return undefined;
      const rest = settings({ stride, pad: pads, output_pad: more, dilation, groups: [groups] });
      const bound = x.bound * Math.sqrt((from / groups) * k.reduce((a, b) => a * b, 1)) * 1.5;
      if (pool.draw.chance(0.3)) {
        const weight = pool.weight([from, channels / groups, ...k]);
        return { text: `conv_transpose(${x.name}, ${weight.name}${rest})`, uses: [x, weight], shape, bound };
      }
      return { ...layerCall(pool, x, `conv_transpose${spatial}d(${channels}, ${tuple(k)}${rest})`), shape, bound };
    },
  }; // prettier-ignore
}

/** Windows side by side, with gaps or overlapping. */
function pooling(of: 'maxpool' | 'avgpool', beneath: string, spatial: 1 | 2): Row {
  return {
    of: [of, beneath],
    make(pool) {
      const x = image(pool, spatial);
      const [records = 1, channels = 1, ...sizes] = fullShape(pool, x);
      const k = each(pool, spatial, [1, 2, 3]);
      const stride = pool.draw.chance(0.3) ? undefined : each(pool, spatial, [1, 2, 3]);
      const pads = k.map((size) => pool.draw.below(Math.floor(size / 2) + 1));
      const made = sizes.map((size, axis) => {
        const step = (stride ?? k)[axis] ?? 1;
        return Math.floor((size + 2 * (pads[axis] ?? 0) - (k[axis] ?? 1)) / step) + 1;
      });
      const shape = recordShape(x, [records, channels, ...made]);
      if (made.some((size) => size < 1) || !pool.fits(shape, x.batched)) return undefined;
      const rest = `${tuple(k)}${settings({ stride, pad: pads })}`;
      return pool.draw.chance(0.3)
        ? { text: `${beneath}(${x.name}, ${rest})`, uses: [x], shape, bound: x.bound }
        : { ...layerCall(pool, x, `${of}(${rest})`), shape, bound: x.bound };
    },
  };
}

export const IMAGE_ROWS: readonly Row[] = ([1, 2] as const).flatMap((spatial) => [
  convolution(spatial),
  transposed(spatial),
  pooling('maxpool', 'pool_max', spatial),
  pooling('avgpool', 'pool_mean', spatial),
]);
