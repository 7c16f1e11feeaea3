/**
 * 16-bit floats of files. In: their bits as u16 words. Out: the same numbers as f32, all of which are exact.
 * IEEE 754 binary16 (float16) and bfloat16 (the upper half of an f32).
 */

export function decodeFloat16(bits: Uint16Array): Float32Array {
  return Float32Array.from(bits, float16);
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
