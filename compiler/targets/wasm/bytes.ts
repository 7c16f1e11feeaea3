/** Bytes of a WebAssembly module as they are written. In: numbers, texts, parts. Out: a list of bytes that grows. */

export class ByteWriter {
  readonly bytes: number[] = [];
  private readonly number = new DataView(new ArrayBuffer(4));

  byte(...values: readonly number[]): this {
    this.bytes.push(...values);
    return this;
  }

  /** LEB128 of a number from 0 to 2^32 - 1. */
  unsigned(value: number): this {
    let rest = value >>> 0;
    while (rest >= 0x80) {
      this.bytes.push((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    this.bytes.push(rest);
    return this;
  }

  /** Signed LEB128 of the 32 bits of a number. */
  signed(value: number): this {
    let rest = value | 0;
    for (;;) {
      const low = rest & 0x7f;
      rest >>= 7;
      const last = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0);
      this.bytes.push(last ? low : low | 0x80);
      if (last) return this;
    }
  }

  /** The four bytes of an f32; NaN is the canonical one. */
  float(value: number): this {
    const view = this.number;
    if (Number.isNaN(value)) view.setUint32(0, 0x7fc00000, true);
    else view.setFloat32(0, value, true);
    for (let i = 0; i < 4; i++) this.bytes.push(view.getUint8(i));
    return this;
  }

  /** The four bytes of a 32-bit integer. */
  word(value: number): this {
    return this.byte(value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, (value >>> 24) & 0xff);
  }

  /** ASCII text with its length. */
  text(value: string): this {
    this.unsigned(value.length);
    for (let i = 0; i < value.length; i++) this.bytes.push(value.charCodeAt(i));
    return this;
  }

  append(part: readonly number[]): this {
    for (const byte of part) this.bytes.push(byte);
    return this;
  }

  /** A part with its length before it. */
  sized(part: readonly number[]): this {
    return this.unsigned(part.length).append(part);
  }
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** As RFC 4648 has it, with padding. */
export function toBase64(bytes: ArrayLike<number>): string {
  const parts: string[] = [];
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const word = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    const digit = (shift: number): string => DIGITS[(word >> shift) & 63] ?? '';
    parts.push(digit(18) + digit(12) + (left > 1 ? digit(6) : '=') + (left > 2 ? digit(0) : '='));
  }
  return parts.join('');
}

/** The bytes that `toBase64` was given. */
export function fromBase64(text: string): Uint8Array {
  const characters = atob(text);
  return Uint8Array.from(characters, (character) => character.charCodeAt(0));
}
