/**
 * Threefry 2x32 with 20 rounds: the counter-based generator behind `random_bits`.
 * In: a key and a counter of two u32 each. Out: two u32. Source: Salmon, Moraes, Dror, Shaw, "Parallel
 * random numbers: as easy as 1, 2, 3" (SC 2011), and the Random123 library's constants and test vectors.
 */

const PARITY = 0x1bd11bda;
const ROTATIONS = [13, 15, 26, 6, 17, 29, 16, 24] as const;

const rotateLeft = (x: number, by: number): number => ((x << by) | (x >>> (32 - by))) >>> 0;

export function threefry2x32(
  key0: number,
  key1: number,
  counter0: number,
  counter1: number,
): [number, number] {
  const keys = [key0 >>> 0, key1 >>> 0, (key0 ^ key1 ^ PARITY) >>> 0] as const;
  let x = (counter0 + keys[0]) >>> 0;
  let y = (counter1 + keys[1]) >>> 0;
  for (let group = 0; group < 5; group++) {
    // Four rounds, then the key is injected again; the rotations alternate between two halves.
    for (let round = 0; round < 4; round++) {
      x = (x + y) >>> 0;
      y = rotateLeft(y, ROTATIONS[(group % 2) * 4 + round] as number) ^ x;
      y >>>= 0;
    }
    x = (x + (keys[(group + 1) % 3] as number)) >>> 0;
    y = (y + (keys[(group + 2) % 3] as number) + group + 1) >>> 0;
  }
  return [x, y];
}
