/**
 * Helpers for angles, to about 2e-7 for |x| <= 1000 and usable to 1e5. Out: texts in the notation of prelude.ts.
 * Polynomials are minimax fits (Lawson's iteration at 600 Chebyshev points), rounded to f32.
 */
import { horner } from './polynomial.ts';

/** (sin(r) - r) / r^3 in r^2, |r| <= pi/4. */
const SIN = [-0.16666667, 0.008333329, -0.00019839316, 0.0000027181218];
/** (cos(r) - 1 + r^2/2) / r^4 in r^2, |r| <= pi/4. */
const COS = [0.041666668, -0.0013888883, 0.0000247995, -2.7208475e-7];
/** (asin(x) - x) / x^3 in x^2, x <= 1/2. */
const ASIN = [0.1666666, 0.07500511, 0.04451572, 0.031817608, 0.014402615, 0.037565187];
/** (atan(x) - x) / x^3 in x^2, x <= 1. */
const ATAN = [
  -0.33333302, 0.19998638, -0.14265245, 0.10957572, -0.08419446, 0.05823432, -0.03145547, 0.011064315,
  -0.0018271847,
];

export const TRIGONOMETRIC_HELPERS = {
  // Cody and Waite: x - n pi/2 with pi/2 in three parts, the first two so short that n times them is exact.
  quarter_turns: `
fn $quarter_turns(x: F) -> F {
  return round(x * F(0.63661975f));
}`,
  angle_rest: `
fn $angle_rest(x: F, n: F) -> F {
  let first = $apart(fma(n, F(-1.5703125f), x));
  let second = $apart(fma(n, F(-0.00048375129699707031f), first));
  return clamp(fma(n, F(-7.549789948768648e-8f), second), F(-0.8f), F(0.8f));
}`,
  sin_part: `
fn $sin_part(r: F) -> F {
  let square = r * r;
  return fma(r * square, ${horner('square', SIN)}, r);
}`,
  cos_part: `
fn $cos_part(r: F) -> F {
  let square = r * r;
  return fma(square * square, ${horner('square', COS)}, fma(square, F(-0.5f), F(1.0f)));
}`,
  // NaN where the angle is infinite or NaN.
  angle_or_nan: `
fn $angle_or_nan(x: F, found: F) -> F {
  let undefined_ = (bitcast<U>(x) & U(0x7fffffffu)) >= U(0x7f800000u);
  return bitcast<F>(select(bitcast<U>(found), U(0x7fc00000u), undefined_));
}`,
  sin: `
fn $sin(x: F) -> F {
  let n = $quarter_turns(x);
  let r = $angle_rest(x, n);
  let turn = I(n);
  let found = select($sin_part(r), $cos_part(r), (turn & I(1i)) == I(1i));
  return $angle_or_nan(x, select(found, -found, (turn & I(2i)) == I(2i)));
}`,
  cos: `
fn $cos(x: F) -> F {
  let n = $quarter_turns(x);
  let r = $angle_rest(x, n);
  let turn = I(n);
  let found = select($cos_part(r), $sin_part(r), (turn & I(1i)) == I(1i));
  return $angle_or_nan(x, select(found, -found, ((turn + I(1i)) & I(2i)) == I(2i)));
}`,
  tan: `
fn $tan(x: F) -> F {
  let n = $quarter_turns(x);
  let r = $angle_rest(x, n);
  let s = $sin_part(r);
  let c = $cos_part(r);
  let odd = (I(n) & I(1i)) == I(1i);
  return $angle_or_nan(x, select(s, -c, odd) / select(c, s, odd));
}`,
  // asin(x) for 0 <= x <= 1/2.
  asin_part: `
fn $asin_part(x: F) -> F {
  let square = x * x;
  return fma(x * square, ${horner('square', ASIN)}, x);
}`,
  // Above 1/2 by asin(x) = pi/2 - 2 asin(sqrt((1 - x) / 2)).
  asin: `
fn $asin(x: F) -> F {
  let size = abs(x);
  let high = size > F(0.5f);
  let part = $asin_part(select(size, sqrt(max(fma(size, F(-0.5f), F(0.5f)), F(0.0f))), high));
  let found = select(part, fma(part, F(-2.0f), F(1.5707964f)), high);
  return $one_or_nan(x, select(found, -found, x < F(0.0f)));
}`,
  acos: `
fn $acos(x: F) -> F {
  let size = abs(x);
  let high = size > F(0.5f);
  let part = $asin_part(select(size, sqrt(max(fma(size, F(-0.5f), F(0.5f)), F(0.0f))), high));
  let near = select(part + part, F(3.1415927f) - (part + part), x < F(0.0f));
  let middle = F(1.5707964f) - select(part, -part, x < F(0.0f));
  return $one_or_nan(x, select(middle, near, high));
}`,
  // NaN where |x| > 1.
  one_or_nan: `
fn $one_or_nan(x: F, found: F) -> F {
  let undefined_ = (bitcast<U>(x) & U(0x7fffffffu)) > U(0x3f800000u);
  return bitcast<F>(select(bitcast<U>(found), U(0x7fc00000u), undefined_));
}`,
  // Above 1 by atan(x) = pi/2 - atan(1 / x).
  atan: `
fn $atan(x: F) -> F {
  let size = abs(x);
  let high = size > F(1.0f);
  let part = select(size, F(1.0f) / size, high);
  let square = part * part;
  let near = fma(part * square, ${horner('square', ATAN)}, part);
  let found = select(near, F(1.5707964f) - near, high);
  return $keep_nan(x, select(found, -found, x < F(0.0f)));
}`,
} as const;
