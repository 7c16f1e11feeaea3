/**
 * FNV-1a with 64 bits (Fowler, Noll, Vo; http://www.isthe.com/chongo/tech/comp/fnv/), without BigInt.
 * In: bytes or text (as UTF-8). Out: two u32 words, or 16 hexadecimal digits. Not cryptographic: it names
 * random streams and notices damaged files.
 */

/** The prime is 2^40 + PRIME_LOW. */
const PRIME_LOW = 0x1b3;

export class Fnv64 {
  private high = 0xcbf29ce4 | 0;
  private low = 0x84222325 | 0;

  add(bytes: Uint8Array): this {
    let high = this.high;
    let low = this.low;
    for (let i = 0; i < bytes.length; i++) {
      low ^= bytes[i] ?? 0;
      // (high, low) * (2^40 + PRIME_LOW) mod 2^64, the low word by halves so that integers suffice.
      const lower = (low & 0xffff) * PRIME_LOW;
      const upper = (low >>> 16) * PRIME_LOW + (lower >>> 16);
      high = (Math.imul(high, PRIME_LOW) + (low << 8) + (upper >>> 16)) | 0;
      low = (upper << 16) | (lower & 0xffff);
    }
    this.high = high;
    this.low = low;
    return this;
  }

  addText(text: string): this {
    return this.add(new TextEncoder().encode(text));
  }

  /** High and low word. */
  words(): [number, number] {
    return [this.high >>> 0, this.low >>> 0];
  }

  hex(): string {
    return this.words()
      .map((word) => word.toString(16).padStart(8, '0'))
      .join('');
  }
}
