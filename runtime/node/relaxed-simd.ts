/**
 * Relaxed SIMD in Node 20, whose V8 has it in its final form behind a flag: multiply and add in one rounding make the
 * matrix product a quarter faster. Later versions have it without. Concerns modules that are compiled afterwards.
 */
import v8 from 'node:v8';

const FLAG = '--experimental-wasm-relaxed-simd';

export function allowRelaxedSimd(): void {
  const [major, minor] = process.versions.v8.split('.').map(Number);
  if (major === 11 && (minor ?? 0) >= 3) v8.setFlagsFromString(FLAG);
}
