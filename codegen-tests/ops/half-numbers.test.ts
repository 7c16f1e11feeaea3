/** Rounding to f16, and the bits of f16 on the host: every one of its numbers, and what lies between. */
import { describe, expect, it } from 'vitest';
import { LARGEST_HALF, roundToHalf } from '../../compiler/graph/scalar-functions.ts';
import { decodeFloat16, encodeFloat16 } from '../../runtime/data/half-float.ts';
import { printLiteral } from '../../compiler/targets/wgsl/literals.ts';

/** All finite numbers of f16 from 0 upwards, in order. */
const NUMBERS = [...decodeFloat16(Uint16Array.from({ length: 0x7c00 }, (_, bits) => bits))];

describe('rounding to f16', () => {
  it('keeps what is f16', () => {
    expect(NUMBERS.at(-1)).toBe(LARGEST_HALF);
    expect(NUMBERS.every((x) => roundToHalf(x) === x && roundToHalf(-x) === -x)).toBe(true);
  });

  it('takes the nearest, at halves the even one', () => {
    const wrong = NUMBERS.slice(1).filter((upper, i) => {
      const lower = NUMBERS[i]!;
      const middle = (lower + upper) / 2;
      const even = i % 2 === 0 ? lower : upper;
      return (
        roundToHalf(middle) !== even ||
        roundToHalf(middle - (upper - lower) * 1e-6) !== lower ||
        roundToHalf(-middle - (upper - lower) * 1e-6) !== -upper
      );
    });
    expect(wrong).toEqual([]);
  });

  it('is infinite from half a unit behind the largest', () => {
    expect(roundToHalf(65_519.999)).toBe(65_504);
    expect([65_520, 1e300, Infinity].map(roundToHalf)).toEqual([Infinity, Infinity, Infinity]);
    expect([-65_520, -Infinity].map(roundToHalf)).toEqual([-Infinity, -Infinity]);
    expect(roundToHalf(NaN)).toBeNaN();
    expect(Object.is(roundToHalf(-0), -0)).toBe(true);
  });
});

describe('bits of f16', () => {
  it('come back as they were', () => {
    const bits = Uint16Array.from({ length: 2 ** 16 }, (_, i) => i);
    const again = encodeFloat16(decodeFloat16(bits));
    const isNan = (i: number): boolean => (i & 0x7c00) === 0x7c00 && (i & 0x3ff) !== 0;
    expect([...again].filter((word, i) => word !== (isNan(i) ? 0x7e00 : i))).toEqual([]);
  });
});

describe('literals of f16', () => {
  it('read back as the same number', () => {
    const wrong = NUMBERS.filter((x) => roundToHalf(Number(printLiteral(x, 'f16').slice(0, -1))) !== x);
    expect(wrong).toEqual([]);
    expect([0.1, 2, -65_504, 1e-7].map((x) => printLiteral(x, 'f16'))).toMatchInlineSnapshot(`
      [
        "0.1h",
        "2.0h",
        "-65500.0h",
        "1e-7h",
      ]
    `);
  });
});
