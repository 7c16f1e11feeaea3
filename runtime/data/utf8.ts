/**
 * UTF-8 code point by code point (RFC 3629), without a string of the whole text. In: bytes. Out: code points;
 * what is no UTF-8 ends it: overlong forms, surrogates, code points above U+10FFFF, sequences cut off.
 */

/** The smallest code point that needs so many further bytes. */
const SMALLEST = [0, 0x80, 0x800, 0x10000];

export class CodePoints {
  /** The next byte; where `broken`, the first that is wrong. */
  at: number;
  broken = false;
  private readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array, start: number) {
    this.bytes = bytes;
    this.at = start;
  }

  /** The next code point, or -1 at the end. */
  next(): number {
    const { bytes, at } = this;
    const first = bytes[at];
    if (first === undefined || this.broken) return -1;
    if (first < 0x80) {
      this.at = at + 1;
      return first;
    }
    const further = first >= 0xf0 && first < 0xf8 ? 3 : first >= 0xe0 ? 2 : 1;
    if (first < 0xc2 || first >= 0xf8) return this.stop();
    let point = first & (0x3f >> further);
    for (let i = 1; i <= further; i++) {
      const byte = bytes[at + i] ?? 0;
      if ((byte & 0xc0) !== 0x80) return this.stop();
      point = (point << 6) | (byte & 0x3f);
    }
    const isSurrogate = point >= 0xd800 && point <= 0xdfff;
    if (point < (SMALLEST[further] ?? 0) || isSurrogate || point > 0x10ffff) return this.stop();
    this.at = at + 1 + further;
    return point;
  }

  private stop(): number {
    this.broken = true;
    return -1;
  }
}
