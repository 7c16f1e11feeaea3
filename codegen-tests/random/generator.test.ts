import { describe, expect, test } from 'vitest';
import { Generator } from '../../runtime/random/generator.ts';

const take = (count: number, draw: () => number): number[] => Array.from({ length: count }, draw);

describe('Generator', () => {
  test('the same seed and purpose give the same stream; another of either gives another', () => {
    const stream = (seed: number, purpose: string): number[] => {
      const random = new Generator(seed, purpose);
      return take(20, () => random.u32());
    };
    expect(stream(7, 'split')).toEqual(stream(7, 'split'));
    expect(stream(8, 'split')).not.toEqual(stream(7, 'split'));
    expect(stream(7, 'shuffle')).not.toEqual(stream(7, 'split'));
  });

  test('uniform numbers lie in [0, 1) with mean 1/2 and variance 1/12', () => {
    const random = new Generator(1, 'uniform');
    const values = take(20_000, () => random.uniform());
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThan(1);
    expect(mean(values)).toBeCloseTo(0.5, 2);
    expect(variance(values)).toBeCloseTo(1 / 12, 2);
  });

  test('normal numbers have the moments of the normal distribution', () => {
    const random = new Generator(1, 'normal');
    const values = take(40_000, () => random.normal());
    expect(Math.abs(mean(values))).toBeLessThan(0.02);
    expect(Math.abs(variance(values) - 1)).toBeLessThan(0.03);
    expect(Math.abs(mean(values.map((v) => v ** 3)))).toBeLessThan(0.06);
    expect(Math.abs(mean(values.map((v) => v ** 4)) - 3)).toBeLessThan(0.15);
    // Neighbours come from one transform; they must not be tied to each other.
    const products = values.slice(1).map((v, i) => v * (values[i] ?? 0));
    expect(Math.abs(mean(products))).toBeLessThan(0.02);
  });

  test('below(n) stays below n and meets every number about equally often', () => {
    const random = new Generator(3, 'below');
    const counts = new Array<number>(7).fill(0);
    for (let i = 0; i < 14_000; i++) {
      const value = random.below(7);
      counts[value] = (counts[value] ?? 0) + 1;
    }
    expect(counts).toHaveLength(7);
    for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(200);
  });

  test.each([0, 1, 2, 5, 1000])('permutation(%i) holds every number once', (count) => {
    const order = new Generator(5, 'permutation').permutation(count);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i));
  });

  test('every order of three records is about equally likely', () => {
    const random = new Generator(5, 'orders');
    const counts = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const key = random.permutation(3).join();
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });
});

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function variance(values: number[]): number {
  const center = mean(values);
  return mean(values.map((value) => (value - center) ** 2));
}
