/**
 * Helper functions of shaders. In: which helpers a kernel calls, at which lanes. Out: their texts and those of
 * what they call, callees first, each once.
 *
 * WGSL's own functions promise too little (sin is good to 5e-4, exp(80) to 1e-5, log(0) may be finite), so the
 * helpers compute from additions, products, `fma` and bits. Each is described once: in the text `F`, `H`, `U`,
 * `I`, `B` stand for f32, f16, u32, i32, bool, or for vectors of four; `$exp` for the helper `exp` at the same lanes.
 * NaN and infinities are made and recognized as integers, because a shader compiler may assume that there are
 * none and because WGSL refuses them as constants.
 */
import { EXPONENTIAL_HELPERS } from './prelude-exponential.ts';
import { INTEGER_HELPERS } from './prelude-integer.ts';
import { TRIGONOMETRIC_HELPERS } from './prelude-trigonometric.ts';

/** Helpers of sign, order and rounding. */
const BASIC_HELPERS = {
  is_nan: `
fn $is_nan(x: F) -> B {
  return (bitcast<U>(x) & U(0x7fffffffu)) > U(0x7f800000u);
}`,
  is_inf: `
fn $is_inf(x: F) -> B {
  return (bitcast<U>(x) & U(0x7fffffffu)) == U(0x7f800000u);
}`,
  // What is NaN in the first argument, else the second: no float comparison decides.
  keep_nan: `
fn $keep_nan(x: F, otherwise: F) -> F {
  return bitcast<F>(select(bitcast<U>(otherwise), bitcast<U>(x), $is_nan(x)));
}`,
  sign: `
fn $sign(x: F) -> F {
  return $keep_nan(x, sign(x));
}`,
  min: `
fn $min(a: F, b: F) -> F {
  return $keep_nan(a, $keep_nan(b, min(a, b)));
}`,
  max: `
fn $max(a: F, b: F) -> F {
  return $keep_nan(a, $keep_nan(b, max(a, b)));
}`,
  // The value itself. Compilers regroup a*b + (a*c + d) to a*(b + c) + d, and the parts of a constant are one
  // again; they do not look through a clamp.
  apart: `
fn $apart(x: F) -> F {
  return clamp(x, F(-0x1.fffffep+127f), F(0x1.fffffep+127f));
}`,
  // The upper 12 bits: products of two such numbers are exact.
  upper: `
fn $upper(x: F) -> F {
  return bitcast<F>(bitcast<U>(x) & U(0xfffff000u));
}`,
  // Exact for part / size up to 4096: the quotient may be off by one from rounding, which is put right after.
  mod_step: `
fn $mod_step(part: F, size: F) -> F {
  let n = floor(part / size);
  let size_high = $upper(size);
  var rest = $apart(part - n * size_high) - n * (size - size_high);
  rest = select(rest, rest + size, rest < F(0.0f));
  rest = select(rest, rest - size, rest >= size);
  return select(rest, part, part < size);
}`,
  // Remainder with the sign of the dividend; exact for quotients up to 2^24.
  mod: `
fn $mod(x: F, y: F) -> F {
  let size = abs(y);
  let rest = $mod_step($mod_step(abs(x), size * F(4096.0f)), size);
  let undefined_ = $is_nan(x) | $is_inf(x) | $is_nan(y) | (y == F(0.0f));
  let found = bitcast<U>(select(rest, -rest, x < F(0.0f)));
  return bitcast<F>(select(found, U(0x7fc00000u), undefined_));
}`,
  // Truncates, stops at the ends of the range; NaN is 0.
  to_i32: `
fn $to_i32(x: F) -> I {
  let inside = I(clamp(x, F(-2147483648.0f), F(2147483520.0f)));
  return select(select(inside, I(2147483647i), x >= F(2147483648.0f)), I(0i), $is_nan(x));
}`,
  to_u32: `
fn $to_u32(x: F) -> U {
  let inside = U(clamp(x, F(0.0f), F(4294967040.0f)));
  return select(select(inside, U(4294967295u), x >= F(4294967296.0f)), U(0u), $is_nan(x));
}`,
  // Beyond the largest f16 (from 65520 on, 0x477ff000) it is infinite, whatever the device's rounding does.
  to_f16: `
fn $to_f16(x: F) -> H {
  let bits = bitcast<U>(x);
  let size = bits & U(0x7fffffffu);
  let beyond = (size >= U(0x477ff000u)) & (size < U(0x7f800000u));
  return H(bitcast<F>(select(bits, (bits & U(0x80000000u)) | U(0x7f800000u), beyond)));
}`,
} as const;

const HELPERS = { ...BASIC_HELPERS, ...EXPONENTIAL_HELPERS, ...TRIGONOMETRIC_HELPERS, ...INTEGER_HELPERS };

export type HelperName = keyof typeof HELPERS;

/** The text in the notation of this file; the CPU target reads it as well. */
export const helperText = (helper: HelperName): string => HELPERS[helper];

export const HELPER_NAMES = Object.keys(HELPERS) as HelperName[];

const TYPES = { F: 'f32', H: 'f16', U: 'u32', I: 'i32', B: 'bool' } as const;

/** The identifier of a helper in the shader. */
export function helperName(helper: HelperName, lanes: 1 | 4): string {
  return lanes === 4 ? `helper_${helper}_vec4` : `helper_${helper}`;
}

function instantiate(text: string, lanes: 1 | 4): string {
  return text
    .trim()
    .replace(/\$(\w+)/g, (_, helper: string) => helperName(helper as HelperName, lanes))
    .replace(/\b[FHUIB]\b/g, (letter) => {
      const scalar = TYPES[letter as keyof typeof TYPES];
      return lanes === 4 ? `vec4<${scalar}>` : scalar;
    });
}

/** Collects the helpers of one shader. */
export class HelperSet {
  readonly #texts = new Map<string, string>();
  /** True when a helper reads the uniform block (`uniforms.seed`, `uniforms.draw`). */
  usesUniform = false;

  /** Takes the helper and what it calls; returns its name. */
  use(helper: HelperName, lanes: 1 | 4): string {
    const identifier = helperName(helper, lanes);
    if (this.#texts.has(identifier)) return identifier;
    const text: string = HELPERS[helper];
    for (const [, callee] of text.matchAll(/\$(\w+)/g)) {
      if (callee !== helper) this.use(callee as HelperName, lanes);
    }
    if (text.includes('uniforms.')) this.usesUniform = true;
    this.#texts.set(identifier, instantiate(text, lanes));
    return identifier;
  }

  /** Callees before callers. */
  texts(): string[] {
    return [...this.#texts.values()];
  }
}
