import { describe, expect, test } from 'vitest';
import { Fnv64 } from '../../runtime/random/fnv.ts';
import { threefry2x32 } from '../../runtime/random/threefry.ts';

describe('threefry2x32', () => {
  // Random123's known answers (kat_vectors, threefry2x32 with 20 rounds).
  test.each([
    [
      [0, 0],
      [0, 0],
      [0x6b200159, 0x99ba4efe],
    ],
    [
      [0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x1cb996fc, 0xbb002be7],
    ],
    [
      [0x13198a2e, 0x03707344],
      [0x243f6a88, 0x85a308d3],
      [0xc4923a9c, 0x483df7a0],
    ],
  ] as const)('key %j, counter %j', (key, counter, expected) => {
    expect(threefry2x32(key[0], key[1], counter[0], counter[1])).toEqual(expected);
  });

  test('gives the same for a word as signed and as unsigned', () => {
    expect(threefry2x32(-1, -1, -1, -1)).toEqual(
      threefry2x32(0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff),
    );
  });
});

describe('Fnv64', () => {
  // The reference's own vectors.
  test.each([
    ['', 'cbf29ce484222325'],
    ['a', 'af63dc4c8601ec8c'],
    ['foobar', '85944171f73967e8'],
    ['http://www.isthe.com/chongo/tech/comp/fnv', undefined],
  ])('%j', (text, expected) => {
    expect(new Fnv64().addText(text).hex()).toBe(expected ?? reference(text));
  });

  test('agrees with 64-bit integers on random bytes, however they are cut', () => {
    const bytes = Uint8Array.from({ length: 1000 }, (_, i) => (i * i * 31 + 7 * i) % 256);
    const whole = new Fnv64().add(bytes).hex();
    expect(whole).toBe(referenceOfBytes(bytes));
    expect(new Fnv64().add(bytes.subarray(0, 333)).add(bytes.subarray(333)).hex()).toBe(whole);
  });
});

function reference(text: string): string {
  return referenceOfBytes(new TextEncoder().encode(text));
}

function referenceOfBytes(bytes: Uint8Array): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of bytes) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash.toString(16).padStart(16, '0');
}
