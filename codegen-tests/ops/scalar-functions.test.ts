/** Functions that the interpreter brings itself: erf, rounding, 32-bit integers, random bits. */
import { describe, expect, it } from 'vitest';
import {
  convert,
  divideIntegers,
  erf,
  powerIntegers,
  remainderIntegers,
  roundHalfEven,
} from '../../compiler/graph/scalar-functions.ts';
import { threefry2x32 } from '../../compiler/graph/threefry.ts';

describe('erf', () => {
  // Abramowitz and Stegun, table 7.1, and values of higher precision beyond it.
  it.each([
    [0.25, 0.2763263901682369],
    [0.5, 0.5204998778130465],
    [1, 0.8427007929497149],
    [1.5, 0.9661051464753108],
    [2, 0.9953222650189527],
    [2.9, 0.9999589021219005],
    [3.1, 0.9999883513426328],
    [4, 0.9999999845827421],
  ])('of %f', (x, expected) => {
    expect(Math.abs(erf(x) - expected)).toBeLessThan(5e-16);
    expect(erf(-x)).toBe(-erf(x));
  });

  it('agrees on both sides of the change of method, and goes to the limits', () => {
    const slope = (2 / Math.sqrt(Math.PI)) * Math.exp(-9);
    expect(erf(3 + 1e-9) - erf(3 - 1e-9)).toBeCloseTo(2e-9 * slope, 15);
    expect([erf(0), erf(Infinity), erf(-Infinity), erf(NaN)]).toEqual([0, 1, -1, NaN]);
  });
});

describe('round', () => {
  it.each([
    [0.5, 0],
    [1.5, 2],
    [-0.5, -0],
    [-1.5, -2],
    [-2.5, -2],
    [2.5000001, 3],
    [0.49999999999999994, 0],
    [Infinity, Infinity],
    [2251799813685249.5, 2251799813685250],
  ])('of %f', (x, expected) => {
    expect(roundHalfEven(x)).toBe(expected);
  });
});

describe('integers', () => {
  it('divides by zero as WGSL does', () => {
    expect(divideIntegers(7, 0, 'i32')).toBe(7);
    expect(remainderIntegers(7, 0)).toBe(0);
    expect(divideIntegers(-(2 ** 31), -1, 'i32')).toBe(-(2 ** 31));
  });

  it('raises to powers with wrap-around', () => {
    expect(powerIntegers(3, 21, 'u32')).toBe(Number(3n ** 21n % 2n ** 32n));
    expect(powerIntegers(-3, 21, 'i32')).toBe(Number(BigInt.asIntN(32, (-3n) ** 21n)));
  });

  it('stops at the ends of the range when a float is too large', () => {
    expect(convert(1e12, 'f32', 'i32')).toBe(2 ** 31 - 1);
    expect(convert(-1e12, 'f32', 'i32')).toBe(-(2 ** 31));
    expect(convert(-1, 'f32', 'u32')).toBe(0);
    expect(convert(NaN, 'f32', 'u32')).toBe(0);
  });
});

describe('threefry2x32-20', () => {
  // The vectors of Random123 (kat_vectors).
  it.each<[number[], number[], number[]]>([
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
  ])('key %j counter %j', ([k0, k1], [c0, c1], expected) => {
    expect(threefry2x32(k0 ?? NaN, k1 ?? NaN, c0 ?? NaN, c1 ?? NaN)).toEqual(expected);
  });
});
