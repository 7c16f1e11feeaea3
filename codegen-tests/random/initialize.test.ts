import { describe, expect, test } from 'vitest';
import type { Initializer } from '../../runtime/plan-format.ts';
import { initialize } from '../../runtime/train/initialize.ts';

const make = (initializer: Initializer, shape = [200, 100], seed = 1, name = 'net.fc.weight'): number[] =>
  Array.from(initialize({ name, shape, initializer }, seed));

const deviation = (values: number[]): number => {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  return Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length);
};

describe('initialize', () => {
  test('constants', () => {
    expect(make({ kind: 'zeros' }, [3])).toEqual([0, 0, 0]);
    expect(make({ kind: 'ones' }, [2])).toEqual([1, 1]);
    expect(make({ kind: 'constant', value: -2.5 }, [2])).toEqual([-2.5, -2.5]);
  });

  // Bounds of torch.nn.init: xavier sqrt(6 / (in + out)), kaiming (relu, fan_in) sqrt(6 / in).
  test.each([
    [{ kind: 'uniform', low: -3, high: 1 }, -3, 1],
    [{ kind: 'glorot', fanIn: 200, fanOut: 100 }, -0.1414213562, 0.1414213562],
    [{ kind: 'he', fanIn: 150, fanOut: 100 }, -0.2, 0.2],
  ] as const)('%j fills its interval evenly', (initializer, low, high) => {
    const values = make(initializer);
    const edge = (high - low) / 500;
    expect(Math.min(...values)).toBeGreaterThanOrEqual(Math.fround(low));
    expect(Math.min(...values)).toBeLessThan(low + edge);
    expect(Math.max(...values)).toBeLessThanOrEqual(Math.fround(high));
    expect(Math.max(...values)).toBeGreaterThan(high - edge);
    expect(deviation(values) / ((high - low) / Math.sqrt(12))).toBeCloseTo(1, 1);
  });

  test.each([
    [{ kind: 'normal', std: 0.02 }, 0.02],
    [{ kind: 'glorot_normal', fanIn: 200, fanOut: 100 }, Math.sqrt(2 / 300)],
    [{ kind: 'he_normal', fanIn: 200, fanOut: 100 }, 0.1],
    // A normal distribution cut at two deviations has 0.87963 of the deviation.
    [{ kind: 'truncated_normal', std: 0.5 }, 0.5 * 0.87963],
  ] as const)('%j has deviation %f', (initializer, std) => {
    expect(Math.abs(deviation(make(initializer)) / std - 1)).toBeLessThan(0.02);
  });

  test('truncated_normal stays within two deviations', () => {
    const values = make({ kind: 'truncated_normal', std: 0.5 });
    expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(1);
    expect(Math.max(...values.map(Math.abs))).toBeGreaterThan(0.98);
  });

  test.each([[[8, 8]], [[5, 12]], [[12, 5]], [[4, 3, 2, 2]], [[16, 2, 3]], [[6]]])(
    'orthogonal %j',
    (shape) => {
      const values = make({ kind: 'orthogonal' }, shape);
      const rows = shape[0] ?? 1;
      const columns = values.length / rows;
      const at = (r: number, c: number): number => values[r * columns + c] ?? NaN;
      const count = Math.min(rows, columns);
      for (let i = 0; i < count; i++) {
        for (let j = 0; j < count; j++) {
          let product = 0;
          for (let k = 0; k < Math.max(rows, columns); k++) {
            product += rows < columns ? at(i, k) * at(j, k) : at(k, i) * at(k, j);
          }
          expect(product).toBeCloseTo(i === j ? 1 : 0, 6);
        }
      }
    },
  );

  test('a name has its own numbers, whatever else the program holds', () => {
    const initializer: Initializer = { kind: 'normal', std: 1 };
    const first = make(initializer, [10], 1, 'net.a.weight');
    expect(make(initializer, [10], 1, 'net.a.weight')).toEqual(first);
    expect(make(initializer, [10], 1, 'net.b.weight')).not.toEqual(first);
    expect(make(initializer, [10], 2, 'net.a.weight')).not.toEqual(first);
  });
});
