/**
 * Element-wise functions on doubles where JavaScript has none of the right meaning, and the arithmetic of
 * u32 and i32: wrap-around at 32 bits, division that truncates, a remainder with the sign of the dividend.
 */
import type { DType } from './ir.ts';

/** The largest f16; from 65520 on a number rounds to infinity. */
export const LARGEST_HALF = 65_504;
const OVERFLOWING_HALF = 65_520;
/** The smallest f16 with all of its digits. */
export const SMALLEST_NORMAL_HALF = 2 ** -14;

/** The nearest f16 (IEEE 754 binary16), to the even one at halves; subnormal ones too. */
export function roundToHalf(x: number): number {
  const size = Math.abs(x);
  if (!(size < OVERFLOWING_HALF)) return Number.isNaN(x) ? NaN : Math.sign(x) * Infinity;
  if (size === 0) return x;
  let exponent = Math.max(-14, Math.floor(Math.log2(size)));
  // The logarithm may be off by one at the powers of two.
  if (exponent > -14 && 2 ** exponent > size) exponent -= 1;
  else if (2 ** (exponent + 1) <= size) exponent += 1;
  const unit = 2 ** (exponent - 10);
  return roundHalfEven(x / unit) * unit;
}

/** To the even neighbour at halves. */
export function roundHalfEven(x: number): number {
  const below = Math.floor(x);
  const rest = x - below;
  // The sign of zero stays with the argument: round(-0.2) is -0.
  if (rest < 0.5 || (rest === 0.5 && below % 2 === 0)) return below === 0 && x < 0 ? -0 : below;
  return below + 1 === 0 ? -0 : below + 1;
}

/**
 * The error function to about 1e-15 relative. |x| < 3: the series of Abramowitz and Stegun 7.1.6, whose
 * terms are all positive; above: the continued fraction 7.1.14 of erfc.
 */
export function erf(x: number): number {
  if (Number.isNaN(x)) return NaN;
  const a = Math.abs(x);
  if (a > 6) return Math.sign(x);
  if (a < 3) {
    let term = a;
    let sum = a;
    for (let n = 1; term > sum * 1e-17; n++) {
      term *= (2 * a * a) / (2 * n + 1);
      sum += term;
    }
    return Math.sign(x) * (2 / Math.sqrt(Math.PI)) * Math.exp(-a * a) * sum;
  }
  let fraction = a;
  for (let n = 60; n >= 1; n--) fraction = a + n / 2 / fraction;
  return Math.sign(x) * (1 - Math.exp(-a * a) / (Math.sqrt(Math.PI) * fraction));
}

/** The value as the dtype holds it: 32-bit integers wrap; floats stay as they are (the interpreter rounds f16). */
export function wrap(x: number, dtype: DType): number {
  if (dtype === 'i32') return x | 0;
  if (dtype === 'u32') return x >>> 0;
  return x;
}

/** Product of two 32-bit integers, wrapped. */
export function multiplyIntegers(a: number, b: number, dtype: DType): number {
  return wrap(Math.imul(a, b), dtype);
}

/** Truncates towards zero. By zero: the dividend, as WGSL defines it; -2^31 / -1 wraps. */
export function divideIntegers(a: number, b: number, dtype: DType): number {
  return b === 0 ? a : wrap(Math.trunc(a / b), dtype);
}

/** Has the sign of the dividend. By zero: 0, as WGSL defines it. */
export function remainderIntegers(a: number, b: number): number {
  return b === 0 ? 0 : (a % b) + 0;
}

/** By squaring, wrapped. The exponent counts from 0; a negative one gives 1. */
export function powerIntegers(base: number, exponent: number, dtype: DType): number {
  let result = 1;
  let factor = base;
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = multiplyIntegers(result, factor, dtype);
    factor = multiplyIntegers(factor, factor, dtype);
  }
  return result;
}

/**
 * Conversion between dtypes: floats to integers truncate towards zero and stop at the ends of the range
 * (NaN gives 0), integers keep their 32 bits, anything but zero is true.
 */
export function convert(x: number, from: DType, to: DType): number {
  if (to === 'bool') return x !== 0 ? 1 : 0;
  if (to === 'f32' || to === 'f16' || from === 'bool') return x;
  if (from === 'i32' || from === 'u32') return wrap(x, to);
  if (Number.isNaN(x)) return 0;
  const [low, high] = to === 'i32' ? [-(2 ** 31), 2 ** 31 - 1] : [0, 2 ** 32 - 1];
  return Math.min(high, Math.max(low, Math.trunc(x))) + 0;
}
