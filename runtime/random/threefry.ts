/**
 * threefry2x32 with 20 rounds, a counter-based generator: Salmon, Moraes, Dror, Shaw, "Parallel Random
 * Numbers: As Easy as 1, 2, 3" (SC 2011). In: a key and a counter, two u32 each. Out: two u32.
 * Adds, rotations and exclusive ors only, so the kernels' generator gives the same bits on every device.
 */

const ROTATIONS = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const;

/** The constant of Threefish's key schedule, cut to 32 bits. */
const PARITY = 0x1bd11bda;

export function threefry2x32(
  key0: number,
  key1: number,
  counter0: number,
  counter1: number,
): [number, number] {
  const keys = [key0 | 0, key1 | 0, PARITY ^ key0 ^ key1];
  let x0 = (counter0 + key0) | 0;
  let x1 = (counter1 + key1) | 0;
  for (let group = 0; group < 5; group++) {
    for (const rotation of ROTATIONS[group % 2 === 0 ? 0 : 1]) {
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << rotation) | (x1 >>> (32 - rotation))) ^ x0;
    }
    x0 = (x0 + (keys[(group + 1) % 3] ?? 0)) | 0;
    x1 = (x1 + (keys[(group + 2) % 3] ?? 0) + group + 1) | 0;
  }
  return [x0 >>> 0, x1 >>> 0];
}
