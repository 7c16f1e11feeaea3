/**
 * Helpers around exp and log, to about 4e-7 relative over the whole range of f32. Out: texts in the notation of
 * prelude.ts. Polynomials and quotients of them are minimax fits (Lawson's iteration at 600 Chebyshev points), rounded to f32.
 */
import { horner } from './polynomial.ts';

/** (e^r - 1 - r) / r^2 for |r| <= ln(2)/2, error 5e-9. */
const EXP = [0.5, 0.16666514, 0.041666187, 0.00836959, 0.0013951703];
/** (2^r - 1) / r for |r| <= 1/2, error 2e-9. */
const EXP2 = [0.6931472, 0.2402265, 0.05550411, 0.009618036, 0.0013333431, 0.0001546711, 0.000015314947];
/** (ln(1 + f) - f + f^2/2) / f^3 for sqrt(1/2) - 1 <= f <= sqrt(2) - 1, error 9e-10. */
const LOG = [
  0.3333331, -0.24999987, 0.20002228, -0.16669244, 0.14218616, -0.123844616, 0.11873426, -0.117892504,
  0.06913567,
];
/** (2 atanh(s) - 2s) / s^3 in s^2, s <= 0.172, error 9e-10. */
const LOG_BY_QUOTIENT = [0.6666666, 0.4000034, 0.2853692, 0.23589993];
/** tanh(x) / x as a quotient of polynomials in x^2, x <= 9, error 2e-8: 4e-7 when worked out in f32. */
const TANH_ABOVE = [1, 0.13381025, 0.0034955875, 0.000020609074, 0.000000013354652];
const TANH_BELOW = [1, 0.46714342, 0.02587698, 0.0003285634, 0.0000007776554];
/** (sinh(x) - x) / x^3 in x^2, x <= 1. */
const SINH = [0.16666667, 0.0083333505, 0.00019836066, 0.0000028174397];
/** erf(x) / x in x^2, x <= 1, error 6e-8. */
const ERF_SMALL = [1.1283791, -0.37612626, 0.112836, -0.026854444, 0.005189535, -0.0008020841, 0.00007889119];
/** -ln(erfc(x)) / x for 1 <= x <= 4; the error of erf is 1e-8. */
const ERF_LARGE = [
  1.1285996, 0.6354101, 0.10566906, -0.023091642, 0.0031820154, -0.00013874962, -0.000028435381,
  0.0000035570074,
];

export const EXPONENTIAL_HELPERS = {
  // x * 2^n in two steps, so that results near the ends of the range come out; |n| <= 250. Of a whole number and 1.5 * 2^23
  // the last bits of the sum are the whole number: no conversion, which is slow on processors.
  scale: `
fn $scale(x: F, n: F) -> F {
  let half = floor(n * F(0.5f));
  let low = bitcast<F>((bitcast<U>(half + F(12582912.0f)) + U(127u)) << U(23u));
  let high = bitcast<F>((bitcast<U>((n - half) + F(12582912.0f)) + U(127u)) << U(23u));
  return (x * low) * high;
}`,
  // Cody and Waite: x = n ln 2 + r with ln 2 in two parts, then 1 + r + r^2 P(r).
  exp: `
fn $exp(x: F) -> F {
  let inside = clamp(x, F(-110.0f), F(100.0f));
  let n = round(inside * F(1.442695f));
  let r = fma(n, F(-1.4286068e-6f), $apart(fma(n, F(-0.693145752f), inside)));
  let p = fma(r * r, ${horner('r', EXP)}, r) + F(1.0f);
  return $keep_nan(x, $scale(p, n));
}`,
  // x = 2^e m with m near 1, from bits, so that denormal numbers count; then ln(m) + e ln 2.
  log: `
fn $log(x: F) -> F {
  let bits = bitcast<U>(x);
  let tiny = bits < U(0x00800000u);
  let normal = select(bits, bitcast<U>(F(bits)), tiny);
  let raised = I(normal) - I(0x3f3504f3i);
  let exponent = raised >> U(23u);
  let m = bitcast<F>(U(I(normal) - (exponent << U(23u))));
  let e = F(select(exponent, exponent - I(149i), tiny));
  let f = m - F(1.0f);
  let tail = fma(e, F(-0.00021219444f), f * f * f * (${horner('f', LOG)})) - F(0.5f) * f * f;
  let found = bitcast<U>(fma(e, F(0.693359375f), f + tail));
  let special = select(select(found, bits, bits >= U(0x7f800000u)), U(0x7fc00000u), bits > U(0x80000000u));
  return bitcast<F>(select(special, U(0xff800000u), (bits & U(0x7fffffffu)) == U(0u)));
}`,
  // Beyond 9 it is 1 in f32.
  tanh: `
fn $tanh(x: F) -> F {
  let near = clamp(x, F(-9.0f), F(9.0f));
  let square = near * near;
  let above = near * (${horner('square', TANH_ABOVE)});
  let found = clamp(above / (${horner('square', TANH_BELOW)}), F(-1.0f), F(1.0f));
  return $keep_nan(x, select(found, clamp(near, F(-1.0f), F(1.0f)), square >= F(81.0f)));
}`,
  // e^(x/2) twice, so that the result may be as large as f32 holds: the half comes first, apart, because the square alone may
  // be larger, and a driver was seen to regroup.
  sinh: `
fn $sinh(x: F) -> F {
  let size = abs(x);
  let square = size * size;
  let small = fma(size * square, ${horner('square', SINH)}, size);
  let root = $exp(F(0.5f) * size);
  let inverse = F(1.0f) / root;
  let large = $apart(F(0.5f) * root) * root - (F(0.5f) * inverse) * inverse;
  let found = select(large, small, size < F(1.0f));
  return $keep_nan(x, select(found, -found, x < F(0.0f)));
}`,
  cosh: `
fn $cosh(x: F) -> F {
  let root = $exp(F(0.5f) * abs(x));
  let inverse = F(1.0f) / root;
  return $keep_nan(x, fma($apart(F(0.5f) * root), root, (F(0.5f) * inverse) * inverse));
}`,
  erf: `
fn $erf(x: F) -> F {
  let size = min(abs(x), F(4.0f));
  let square = size * size;
  let small = size * (${horner('square', ERF_SMALL)});
  let large = F(1.0f) - $exp(-size * (${horner('size', ERF_LARGE)}));
  let found = select(large, small, size < F(1.0f));
  return $keep_nan(x, select(found, -found, x < F(0.0f)));
}`,
  // 2^(y log2 |x|) with the logarithm in two parts, since its error is multiplied by y: the upper parts have 12
  // bits, so that their products are exact (as in fdlibm's e_powf.c). Then the rules of sign: a negative base
  // has a power only for whole exponents.
  pow: `
fn $pow(x: F, y: F) -> F {
  let bits = bitcast<U>(x) & U(0x7fffffffu);
  let tiny = bits < U(0x00800000u);
  let normal = select(bits, bitcast<U>(F(bits)), tiny);
  let exponent = (I(normal) - I(0x3f3504f3i)) >> U(23u);
  let m = bitcast<F>(U(I(normal) - (exponent << U(23u))));
  let e = F(select(exponent, exponent - I(149i), tiny));
  let under = m + F(1.0f);
  let under_high = $upper(under);
  let under_low = m - (under_high - F(1.0f));
  let s = (m - F(1.0f)) / under;
  let s_high = $upper(s);
  let s_low = ($apart((m - F(1.0f)) - s_high * under_high) - s_high * under_low) / under;
  let z = s * s;
  let tail = s_low + s_low + s * z * (${horner('z', LOG_BY_QUOTIENT)});
  let p = (s_high + s_high) * F(1.44238281f);
  let p_low = $apart((s_high + s_high) * F(0.00031223f)) + tail * F(1.442695f);
  let high = $upper(e + (p + p_low));
  let low = $apart((e - high) + p) + p_low;
  let y_high = $upper(y);
  let product = y_high * high;
  let inside = abs(product) < F(240.0f);
  let q = clamp(product, F(-240.0f), F(240.0f));
  let q_low = select(F(0.0f), $apart(y * low) + (y - y_high) * high, inside);
  let n = round(q + q_low);
  let r = $apart(q - n) + q_low;
  let size = $scale(fma(r, ${horner('r', EXP2)}, F(1.0f)), n);

  let whole = (abs(y) >= F(16777216.0f)) | (floor(y) == y);
  let parity = I(clamp(y, F(-16777216.0f), F(16777216.0f))) & I(1i);
  let odd = whole & (abs(y) < F(16777216.0f)) & (parity == I(1i));
  let y_bits = bitcast<U>(y);
  let y_negative = y_bits > U(0x80000000u);
  var found = bitcast<U>(size);
  let infinite = U(0x7f800000u);
  found = select(found, select(U(0u), infinite, y_negative), bits == U(0u));
  found = select(found, select(infinite, U(0u), y_negative), bits == infinite);
  let negative = bitcast<U>(x) > U(0x7fffffffu);
  found = select(found, found | U(0x80000000u), negative & odd);
  let undefined_ = (negative & !whole & (bits != U(0u)) & (bits != infinite)) | $is_nan(x) | $is_nan(y);
  found = select(found, U(0x7fc00000u), undefined_);
  return bitcast<F>(select(found, U(0x3f800000u), y == F(0.0f)));
}`,
} as const;
