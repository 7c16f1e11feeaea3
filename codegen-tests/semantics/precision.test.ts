/**
 * Accuracy where single precision is at its end, and draws: every value rounded to f32, held against the true
 * one within 2e-6, relative or absolute whichever is larger; derivatives too, and none of them NaN.
 */
import { describe, expect, it } from 'vitest';
import { array, calculate, gradientsOf } from './calculating.ts';

const far = [-1000, -104, -100, -88, -50, -20, -10, -5, -1e-3, 0, 1e-3, 5, 10, 19.9, 20.1, 50, 88, 100, 1000];
const sigmoid = (v: number) => 1 / (1 + Math.exp(-v));
const phi = (v: number) => (v < -30 ? 0 : v > 30 ? 1 : undefined);

const FUNCTIONS: Record<string, readonly [f: (x: number) => number, slope: (x: number) => number]> = {
  sigmoid: [sigmoid, (v) => sigmoid(v) * sigmoid(-v)],
  silu: [(v) => v * sigmoid(v), (v) => sigmoid(v) * (1 + v * sigmoid(-v))],
  softplus: [(v) => Math.max(v, 0) + Math.log1p(Math.exp(-Math.abs(v))), sigmoid],
  elu: [(v) => (v > 0 ? v : Math.expm1(v)), (v) => (v > 0 ? 1 : Math.exp(v))],
  relu: [(v) => Math.max(v, 0), (v) => (v > 0 ? 1 : 0)],
  tanh: [Math.tanh, (v) => 1 - Math.tanh(v) ** 2],
  gelu: [(v) => v * (phi(v) ?? NaN), (v) => phi(v) ?? NaN],
  gelu_tanh: [(v) => v * (phi(v) ?? NaN), (v) => phi(v) ?? NaN],
};

const close = (found: number, due: number): boolean =>
  Math.abs(found - due) <= 2e-6 * Math.max(1, Math.abs(due));

describe('far arguments', () => {
  it.each(Object.entries(FUNCTIONS))('%s', (name, [f, slope]) => {
    const points = name.startsWith('gelu') ? far.filter((v) => Math.abs(v) > 30) : far;
    const x = array(points);
    const made = calculate({
      weights: { x },
      body: `    y = ${name}(x)\n    dy = grad(sum(y), x)`,
      single: true,
    });
    const wrong = points.flatMap((v, i) => {
      const [y, dy] = [made.get('y').data[i] ?? NaN, made.get('dy').data[i] ?? NaN];
      // At the kink of relu either side is right; elu has one slope there.
      const slopeFits = close(dy, slope(v)) || (name === 'relu' && v === 0);
      return close(y, f(v)) && slopeFits ? [] : [{ v, y, dy }];
    });
    expect(wrong).toEqual([]);
  });

  it('softmax and log_softmax', () => {
    const x = array([
      [1000, 999, -1000],
      [-1000, -1000, -1001],
      [3e38, -3e38, 0],
      [-104, 0, 20],
    ]);
    const made = calculate({
      weights: { x },
      body: `    p = softmax(x)
    logp = log_softmax(x)
    total = logsumexp(x[:2], axis = -1)
    slope = grad(-mean(log_softmax(x)[:, 0]), x)`,
      single: true,
    });
    const e = Math.exp(-1);
    const row = [1 / (1 + e), e / (1 + e), 0];
    expect([...made.get('p').data.slice(0, 3)].every((v, i) => close(v, row[i] ?? NaN))).toBe(true);
    const log = -Math.log(1 + e);
    expect(
      [...made.get('logp').data.slice(0, 3)].every((v, i) => close(v, [log, log - 1, log - 2000][i] ?? NaN)),
    ).toBe(true);
    const spread = Math.log(2 + e);
    expect(
      [...made.get('total').data].every((v, i) => close(v, [1000 - log, -1000 + spread][i] ?? NaN)),
    ).toBe(true);
    expect([...made.get('p').data].every(Number.isFinite)).toBe(true);
    expect([...made.get('slope').data].every(Number.isFinite)).toBe(true);
  });

  it('losses', () => {
    const x = array([-1000, -100, 0, 100, 1000]);
    const y = array([1, 0, 1, 1, 0]);
    const made = calculate({
      weights: { x, y },
      body: '    each = bce_logits(x, y, reduce = none)\n    slope = grad(sum(each), x)',
      single: true,
    });
    expect([...made.get('each').data]).toEqual([1000, 0, Math.fround(Math.LN2), 0, 1000]);
    expect([...made.get('slope').data].map((v) => Math.round(v * 1e6) / 1e6 + 0)).toEqual([
      -1, 0, -0.5, 0, 1,
    ]);
  });

  it('norms', () => {
    const made = calculate({
      weights: {
        x: array([
          [0, 0],
          [3, 4],
        ]),
      },
      body: `    n = norm(x, axis = -1)
    slope = grad(sum(n), x)
    flat = normalize(x * 0, axis = -1)
    steep = grad(sum(normalize(x * 0, axis = -1) * x), x)`,
      single: true,
    });
    expect([...made.get('n').data]).toEqual([0, 5]);
    expect([...made.get('slope').data]).toEqual([0, 0, Math.fround(0.6), Math.fround(0.8)]);
    expect([...made.get('flat').data]).toEqual([0, 0, 0, 0]);
    expect([...made.get('steep').data].every(Number.isFinite)).toBe(true);
  });
});

describe('draws', () => {
  const count = 40_000;
  const drawn = (expression: string, draw = 1): number[] => [
    ...calculate({ body: `    result = ${expression}`, draw }).get('result').data,
  ];
  const mean = (v: readonly number[]) => v.reduce((a, b) => a + b, 0) / v.length;

  it('have the moments of their distribution', () => {
    const normal = drawn(`random.normal(${count})`);
    expect(mean(normal)).toBeCloseTo(0, 1);
    expect(mean(normal.map((v) => v * v))).toBeCloseTo(1, 1);
    expect(mean(normal.map((v) => v ** 4))).toBeGreaterThan(2.7);
    const uniform = drawn(`random.uniform(100, ${count / 100})`);
    expect(mean(uniform)).toBeCloseTo(0.5, 1);
    expect(Math.min(...uniform)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...uniform)).toBeLessThan(1);
    const coins = drawn(`random.bernoulli(0.3, ${count})`);
    expect(mean(coins)).toBeCloseTo(0.3, 1);
    expect(new Set(coins)).toEqual(new Set([0, 1]));
  });

  it('differ between calls and steps', () => {
    const twice = drawn('stack(random.uniform(50), random.uniform(50))');
    expect(twice.slice(0, 50)).not.toEqual(twice.slice(50));
    expect(drawn('random.uniform(50)', 1)).not.toEqual(drawn('random.uniform(50)', 2));
    expect(drawn('random.uniform(50)', 2)).toEqual(drawn('random.uniform(50)', 2));
  });

  it('drop out a share and scale up the rest, in training alone', () => {
    const made = calculate({
      declarations: 'model net: x[...] -> [...] { return x -> dropout(0.25) }',
      body: `    result = net(ones(${count})) * 1\n    kept = frozen(net)(ones(5)) * 1`,
    });
    const values = [...made.get('result').data];
    expect(new Set(values.map((v) => v.toFixed(4)))).toEqual(new Set(['0.0000', '1.3333']));
    expect(mean(values)).toBeCloseTo(1, 1);
    expect([...made.get('result', 'evaluate').data].every((v) => v === 1)).toBe(true);
    expect([...made.get('kept').data]).toEqual([1, 1, 1, 1, 1]);
  });

  it('drops everything at one and nothing at zero', () => {
    const declarations =
      'model all: x[...] -> [...] { return x -> dropout(1) }\nmodel none: x[...] -> [...] { return x -> dropout(0) }';
    const made = calculate({ declarations, body: '    result = stack(all(ones(3)), none(ones(3)))' });
    expect([...made.get('result').data]).toEqual([0, 0, 0, 1, 1, 1]);
    expect([...made.get('result', 'evaluate').data]).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it('differentiates through what was drawn', () => {
    const reports = gradientsOf({
      weights: { mu: array([0.5, -0.5]), rho: array([0.1, 0.2]) },
      body: '    z = mu + exp(rho) * random.normal(2)\n    loss = sum(z * z)',
    });
    expect(reports.filter(({ passed }) => !passed)).toEqual([]);
    expect(reports).toHaveLength(4);
  });
});
