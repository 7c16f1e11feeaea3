/** Dropout: what is drawn, what of it the derivative sees, and that evaluation leaves everything as it was. */
import { describe, expect, it } from 'vitest';
import { calculate, gradientsOf, random, array, type Calculated } from './calculating.ts';

const COUNT = 20_000;

const net = (p: number): string => `model net: x[...] -> [...] { return x -> dropout(${p}) }`;

const drawn = (made: Calculated, name: string): number[] => [...made.get(name).data];

describe('dropout', () => {
  it.each([0.1, 0.5, 0.9])('keeps a share of 1 - %d and scales it up by its inverse', (p) => {
    const made = calculate({ declarations: net(p), body: `    y = net(ones(200, ${COUNT / 200})) * 1` });
    const values = drawn(made, 'y');
    const kept = values.filter((value) => value !== 0);
    for (const value of kept) expect(value).toBeCloseTo(1 / (1 - p), 12);
    // Six standard deviations of a binomial draw.
    const spread = 6 * Math.sqrt((p * (1 - p)) / COUNT);
    expect(Math.abs(kept.length / COUNT - (1 - p))).toBeLessThan(spread);
  });

  it('draws each element on its own: neighbours are not alike', () => {
    const made = calculate({ declarations: net(0.5), body: `    y = net(ones(200, ${COUNT / 200})) * 1` });
    const signs = drawn(made, 'y').map((value) => (value === 0 ? -1 : 1));
    for (const apart of [1, COUNT / 200, 4]) {
      const products = signs.slice(apart).map((sign, i) => sign * (signs[i] ?? 0));
      const mean = products.reduce((a, b) => a + b, 0) / products.length;
      expect(Math.abs(mean)).toBeLessThan(6 / Math.sqrt(products.length));
    }
  });

  it('drops in the derivative what it dropped in the value', () => {
    const made = calculate({
      declarations: net(0.3),
      weights: { x: random([40, 50], 7) },
      body: `    y = net(x) * 1
    slope = grad(sum(y), x) * 1
    curve = grad(sum(slope * y), x) * 1`,
    });
    const [x, y, slope, curve] = [
      random([40, 50], 7).data,
      ...['y', 'slope', 'curve'].map((n) => drawn(made, n)),
    ];
    expect(new Set(slope?.map((s) => s.toFixed(9)))).toEqual(new Set(['0.000000000', (1 / 0.7).toFixed(9)]));
    x?.forEach((value, i) => {
      const s = slope?.[i] ?? NaN;
      expect(y?.[i]).toBeCloseTo(value * s, 12);
      expect(curve?.[i]).toBeCloseTo(s * s, 12);
    });
  });

  it('has the derivative of its mask by differences, once and twice', () => {
    const reports = gradientsOf(
      {
        declarations: net(0.4),
        weights: { x: random([3, 5], 8) },
        body: '    loss = sum(tanh(net(x * x)) ^ 2)',
      },
      { orders: 2 },
    );
    expect(reports.length).toBeGreaterThan(1);
    expect(reports.filter(({ passed }) => !passed)).toEqual([]);
  });

  it('is the identity in evaluation, value and derivative', () => {
    const x = array([0.5, -2, 3e20, 0]);
    const made = calculate({
      declarations: net(0.9),
      weights: { x },
      body: '    y = net(x) * 1\n    slope = grad(sum(net(x) * 2), x) * 1',
    });
    expect(made.list('y', 'evaluate')).toEqual([...x.data]);
    expect(made.list('slope', 'evaluate')).toEqual([2, 2, 2, 2]);
  });

  it('draws anew in every step and at every call', () => {
    const of = (draw: number): string[] => {
      const body = '    a = net(ones(64)) * 1\n    b = net(ones(64)) * 1';
      const made = calculate({ declarations: net(0.5), body, draw });
      return ['a', 'b'].map((name) => drawn(made, name).join());
    };
    expect(new Set([...of(1), ...of(2)]).size).toBe(4);
    expect(of(1)).toEqual(of(1));
  });
});
