/**
 * Random numbers of the host: weights, splits, shuffling. In: the run's seed and a purpose. Out: a stream of
 * its own for each pair, so that what one purpose draws never moves another's numbers.
 * The stream is threefry2x32: key = (seed, high word of the purpose's hash), counter = (block, low word).
 */
import { Fnv64 } from './fnv.ts';
import { threefry2x32 } from './threefry.ts';

export class Generator {
  private readonly seed: number;
  private readonly purpose: [number, number];
  private block = 0;
  /** The unused second word of the last block. */
  private spareWord: number | undefined;
  private spareNormal: number | undefined;

  /** The low 32 bits of the seed count, as in the kernels. */
  constructor(seed: number, purpose: string) {
    this.seed = seed >>> 0;
    this.purpose = new Fnv64().addText(purpose).words();
  }

  u32(): number {
    if (this.spareWord !== undefined) {
      const word = this.spareWord;
      this.spareWord = undefined;
      return word;
    }
    const [first, second] = threefry2x32(this.seed, this.purpose[0], this.block, this.purpose[1]);
    this.block++;
    this.spareWord = second;
    return first;
  }

  /** In [0, 1), a multiple of 2^-53. */
  uniform(): number {
    const high = this.u32() >>> 5;
    const low = this.u32() >>> 6;
    return (high * 0x400_0000 + low) / 0x20_0000_0000_0000;
  }

  /** Mean 0, deviation 1: Box and Muller's transform, both values used. */
  normal(): number {
    if (this.spareNormal !== undefined) {
      const value = this.spareNormal;
      this.spareNormal = undefined;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.spareNormal = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** A whole number in [0, limit), each equally likely. 1 <= limit <= 2^32. */
  below(limit: number): number {
    // Words above the last whole multiple of the limit would favour small results.
    const usable = 0x1_0000_0000 - (0x1_0000_0000 % limit);
    for (;;) {
      const word = this.u32();
      if (word < usable) return word % limit;
    }
  }

  /** 0 … count - 1 in random order (Fisher and Yates). */
  permutation(count: number): Uint32Array {
    const order = new Uint32Array(count);
    for (let i = 0; i < count; i++) order[i] = i;
    for (let i = count - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const moved = order[i] ?? 0;
      order[i] = order[j] ?? 0;
      order[j] = moved;
    }
    return order;
  }
}
