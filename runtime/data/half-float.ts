/**
 * 16-bit floats of files and of outputs. Their bits as u16 words to the same numbers as f32, all of which are exact;
 * and numbers that f16 holds back to their bits.
 * IEEE 754 binary16 (float16) and bfloat16 (the upper half of an f32).
 */

export function decodeFloat16(bits: Uint16Array): Float32Array {
  return Float32Array.from(bits, float16);
}

/** Bits of numbers that are f16 already; others are cut towards zero, or infinite where they are too large. */
export function encodeFloat16(numbers: ArrayLike<number>): Uint16Array {
  return Uint16Array.from(numbers, bitsOfFloat16);
}

export function decodeBfloat16(bits: Uint16Array): Float32Array {
  const words = new Uint32Array(bits.length);
  for (let i = 0; i < bits.length; i++) words[i] = (bits[i] ?? 0) << 16;
  return new Float32Array(words.buffer);
}

function float16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function bitsOfFloat16(x: number): number {
  const sign = x < 0 || Object.is(x, -0) ? 0x8000 : 0;
  const size = Math.abs(x);
  if (Number.isNaN(x)) return 0x7e00;
  if (size >= 65536) return sign | 0x7c00;
  if (size < 2 ** -14) return sign | Math.trunc(size * 2 ** 24);
  let exponent = Math.floor(Math.log2(size));
  // The logarithm may be off by one at the powers of two.
  if (2 ** exponent > size) exponent -= 1;
  else if (2 ** (exponent + 1) <= size) exponent += 1;
  return sign | ((exponent + 15) << 10) | Math.trunc((size / 2 ** exponent - 1) * 1024);
}
