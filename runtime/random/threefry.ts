/**
 * threefry2x32 with 20 rounds, a counter-based generator: Salmon, Moraes, Dror, Shaw, "Parallel Random
 * Numbers: As Easy as 1, 2, 3" (SC 2011). In: a key and a counter, two u32 each. Out: two u32.
 * Adds, rotations and exclusive ors only, so the kernels' generator gives the same bits on every device.
 */

/** The constant of Threefish's key schedule, cut to 32 bits. */
const PARITY = 0x1bd11bda;

/** Shuffling and weights draw millions of these: no arrays inside, and the rounds are written out. */
export function threefry2x32(
  key0: number,
  key1: number,
  counter0: number,
  counter1: number,
): [number, number] {
  let [here, next, last] = [key0 | 0, key1 | 0, PARITY ^ key0 ^ key1];
  let x0 = (counter0 + here) | 0;
  let x1 = (counter1 + next) | 0;
  for (let group = 1; group <= 5; group++) {
    if (group % 2 === 1) {
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << 13) | (x1 >>> 19)) ^ x0;
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << 15) | (x1 >>> 17)) ^ x0;
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << 26) | (x1 >>> 6)) ^ x0;
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << 6) | (x1 >>> 26)) ^ x0;
    } else {
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << 17) | (x1 >>> 15)) ^ x0;
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << 29) | (x1 >>> 3)) ^ x0;
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << 16) | (x1 >>> 16)) ^ x0;
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << 24) | (x1 >>> 8)) ^ x0;
    }
    const first = here;
    here = next;
    next = last;
    last = first;
    x0 = (x0 + here) | 0;
    x1 = (x1 + next + group) | 0;
  }
  return [x0 >>> 0, x1 >>> 0];
}
