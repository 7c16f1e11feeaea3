/**
 * Byte strings by number: words and categories without a string of JavaScript for each time they occur. In:
 * ranges of bytes. Out: the same number for the same bytes, from 0 in the order of their first occurrence.
 */

/** FNV-1a with 32 bits (Fowler, Noll, Vo). */
const BASIS = 0x811c9dc5;
const PRIME = 0x01000193;

export class ByteTable {
  private pool = new Uint8Array(1024);
  /** Where each string begins in the pool; one more entry for the end of the last. */
  private readonly starts = [0];
  /** Open addressing: number + 1, or 0 for a free slot. */
  private slots = new Uint32Array(64);

  get size(): number {
    return this.starts.length - 1;
  }

  /** The number of bytes [start, end), given now where they are new. */
  intern(bytes: Uint8Array, start = 0, end = bytes.length): number {
    const slot = this.slotOf(bytes, start, end);
    const known = this.slots[slot] ?? 0;
    if (known > 0) return known - 1;
    const id = this.size;
    this.append(bytes, start, end);
    this.slots[slot] = id + 1;
    if (this.size * 2 > this.slots.length) this.grow();
    return id;
  }

  /** The number of bytes [start, end), or -1 where the table has none. */
  find(bytes: Uint8Array, start = 0, end = bytes.length): number {
    return (this.slots[this.slotOf(bytes, start, end)] ?? 0) - 1;
  }

  bytes(id: number): Uint8Array {
    return this.pool.subarray(this.starts[id] ?? 0, this.starts[id + 1] ?? 0);
  }

  private slotOf(bytes: Uint8Array, start: number, end: number): number {
    const mask = this.slots.length - 1;
    let slot = hash(bytes, start, end) & mask;
    for (;;) {
      const known = this.slots[slot] ?? 0;
      if (known === 0 || this.equals(known - 1, bytes, start, end)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  private equals(id: number, bytes: Uint8Array, start: number, end: number): boolean {
    const from = this.starts[id] ?? 0;
    if ((this.starts[id + 1] ?? 0) - from !== end - start) return false;
    for (let i = start; i < end; i++) if (this.pool[from + i - start] !== bytes[i]) return false;
    return true;
  }

  private append(bytes: Uint8Array, start: number, end: number): void {
    const from = this.starts.at(-1) ?? 0;
    const needed = from + end - start;
    if (needed > this.pool.length) {
      const larger = new Uint8Array(Math.max(needed, 2 * this.pool.length));
      larger.set(this.pool);
      this.pool = larger;
    }
    this.pool.set(bytes.subarray(start, end), from);
    this.starts.push(needed);
  }

  private grow(): void {
    this.slots = new Uint32Array(2 * this.slots.length);
    for (let id = 0; id < this.size; id++) {
      const bytes = this.bytes(id);
      this.slots[this.slotOf(bytes, 0, bytes.length)] = id + 1;
    }
  }
}

/** Negative, zero or positive; for UTF-8 this is the order of the code points. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

function hash(bytes: Uint8Array, start: number, end: number): number {
  let value = BASIS;
  for (let i = start; i < end; i++) value = Math.imul(value ^ (bytes[i] ?? 0), PRIME);
  return value >>> 0;
}
