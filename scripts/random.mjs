/**
 * Random numbers for the data of the examples. In: whole numbers that name a purpose. Out: draws that are the same
 * on every machine: additions, products and exclusive ors only.
 */

/** Numbers of one purpose: splitmix32 (Vigna's splitmix64 cut to 32 bits), started from three whole numbers. */
export function generator(...purpose) {
  let state = 0;
  const next = () => {
    state = (state + 0x9e3779b9) | 0;
    let z = state ^ (state >>> 16);
    z = Math.imul(z, 0x21f0aaad);
    z ^= z >>> 15;
    z = Math.imul(z, 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
  for (const part of purpose) state = next() ^ part;
  const uniform = (low = 0, high = 1) => low + (high - low) * (next() / 2 ** 32);
  /** Mean 0, deviation 1, nearly normal: the sum of twelve. */
  const normal = () => Array.from({ length: 12 }, () => uniform()).reduce((sum, value) => sum + value, -6);
  const below = (limit) => Math.floor(uniform(0, limit));
  return { uniform, normal, below };
}
