import { describe, expect, test } from 'vitest';
import type { Schedule } from '../../runtime/plan-format.ts';
import { goalOf } from '../../compiler/semantics/watch-goal.ts';
import { PlateauRate } from '../../runtime/train/plateau.ts';
import { learningRate, scalarValue } from '../../runtime/train/schedules.ts';

const steps = (count: number): { count: number; unit: 'step' } => ({ count, unit: 'step' });
const epochs = (count: number): { count: number; unit: 'epoch' } => ({ count, unit: 'epoch' });

/** The rates of the runs given, in a program of N runs. */
function rates(schedule: Schedule, runs: number, at: number[], runsPerEpoch = 10): number[] {
  return at.map((run) => learningRate(schedule, { run, runs, runsPerEpoch }));
}

function expectClose(found: number[], expected: number[]): void {
  expect(found).toHaveLength(expected.length);
  found.forEach((value, i) => expect(value).toBeCloseTo(expected[i] ?? NaN, 12));
}

describe('learning rates', () => {
  test('constant', () => {
    expect(rates({ type: 'constant', value: 0.3 }, 5, [0, 4])).toEqual([0.3, 0.3]);
  });

  test('cosine without warm-up is CosineAnnealingLR', () => {
    const schedule: Schedule = { type: 'cosine', base: 1, to: 0.2, warmup: steps(0), over: null };
    expectClose(rates(schedule, 4, [0, 1, 2, 3]), [
      1,
      0.6 + 0.4 * Math.SQRT1_2,
      0.6,
      0.6 - 0.4 * Math.SQRT1_2,
    ]);
  });

  test('cosine with warm-up, and its end before the run is over', () => {
    const schedule: Schedule = { type: 'cosine', base: 1, to: 0, warmup: steps(4), over: steps(8) };
    expectClose(rates(schedule, 100, [0, 1, 3, 4, 6, 8, 50]), [0.25, 0.5, 1, 1, 0.5, 0, 0]);
  });

  test('linear, with durations in epochs', () => {
    const schedule: Schedule = { type: 'linear', base: 2, to: 1, warmup: epochs(0.5), over: epochs(2) };
    expectClose(rates(schedule, 100, [0, 4, 5, 10, 20]), [0.4, 2, 2, 2 - 5 / 15, 1]);
  });

  test('a warm-up that fills the whole run never divides by zero', () => {
    const schedule: Schedule = { type: 'linear', base: 1, to: 0.5, warmup: steps(2), over: null };
    expectClose(rates(schedule, 2, [0, 1, 2]), [0.5, 1, 0.5]);
  });

  test('exponential, steps, inverse', () => {
    expectClose(rates({ type: 'exponential', base: 2, decay: 0.5 }, 9, [0, 1, 3]), [2, 1, 0.25]);
    expectClose(
      rates({ type: 'steps', base: 1, every: steps(3), factor: 0.1 }, 9, [0, 2, 3, 6]),
      [1, 1, 0.1, 0.01],
    );
    expectClose(
      rates({ type: 'steps', base: 1, every: epochs(2), factor: 0.5 }, 99, [19, 20, 40]),
      [1, 0.5, 0.25],
    );
    expectClose(rates({ type: 'inverse', base: 1, decay: 0.25 }, 9, [0, 4]), [1, 0.5]);
  });

  test('one_cycle is OneCycleLR with cosine', () => {
    const schedule: Schedule = {
      type: 'one_cycle',
      peak: 0.1,
      over: null,
      start: 0.004,
      to: 4e-7,
      rise: 0.3,
    };
    // total_steps = 10: up from step 0 to 0.3 * 10 - 1 = 2, down to step 9.
    expectClose(rates(schedule, 10, [0, 1, 2, 9]), [0.004, 0.052, 0.1, 4e-7]);
    const half = 4e-7 + ((0.1 - 4e-7) / 2) * (Math.cos((Math.PI * 3) / 7) + 1);
    expectClose(rates(schedule, 10, [5, 20]), [half, 4e-7]);
  });

  test('one_cycle of few runs stays finite', () => {
    for (const runs of [1, 2, 3, 4, 10]) {
      for (const rise of [0, 0.1, 0.3, 0.5, 1]) {
        const schedule: Schedule = { type: 'one_cycle', peak: 1, over: null, start: 0.1, to: 0.01, rise };
        for (const rate of rates(
          schedule,
          runs,
          Array.from({ length: runs }, (_, i) => i),
        )) {
          expect(rate).toBeGreaterThanOrEqual(0.01);
          expect(rate).toBeLessThanOrEqual(1);
        }
      }
    }
  });
});

describe('scalarValue', () => {
  const context = { run: 2, runs: 10, runsPerEpoch: 5 };
  test('bias correction and first run', () => {
    expect(scalarValue({ kind: 'bias_correction', beta: 0.9 }, context)).toBeCloseTo(1 - 0.729, 15);
    expect(scalarValue({ kind: 'bias_correction', beta: 0.9 }, { ...context, run: 0 })).toBeCloseTo(0.1, 15);
    expect(scalarValue({ kind: 'is_first_run' }, context)).toBe(0);
    expect(scalarValue({ kind: 'is_first_run' }, { ...context, run: 0 })).toBe(1);
  });
  test('a schedule, and the rate a plateau has come to', () => {
    const plateau: Schedule = {
      type: 'plateau',
      base: 0.5,
      watch: 'valid.loss',
      goal: 'min',
      factor: 0.1,
      patience: 2,
    };
    expect(scalarValue({ kind: 'schedule', schedule: plateau }, context)).toBe(0.5);
    expect(scalarValue({ kind: 'schedule', schedule: plateau }, { ...context, plateauRate: 0.05 })).toBe(
      0.05,
    );
  });
});

describe('PlateauRate', () => {
  const plateau = (watch: string): PlateauRate =>
    new PlateauRate({ type: 'plateau', base: 1, watch, goal: goalOf(watch), factor: 0.5, patience: 1 });
  const observed = (rate: PlateauRate, values: number[]): number[] =>
    values.map((value) => {
      rate.observe(value);
      return rate.rate;
    });

  test('goals', () => {
    expect(goalOf('valid.loss')).toBe('min');
    expect(goalOf('valid.critic.loss')).toBe('min');
    for (const metric of ['error_rate', 'mae', 'rmse', 'perplexity', 'huber_10', 'critic.mse'])
      expect(goalOf(`valid.${metric}`), metric).toBe('min');
    for (const metric of ['accuracy', 'f1', 'r2', 'lossless', 'mirror'])
      expect(goalOf(`valid.${metric}`), metric).toBe('max');
  });

  test('falls after more than `patience` evaluations without a better value', () => {
    expect(observed(plateau('valid.loss'), [3, 2, 2, 2, 2, 2, 1, 1])).toEqual([
      1, 1, 1, 0.5, 0.5, 0.25, 0.25, 0.25,
    ]);
    expect(observed(plateau('valid.accuracy'), [0.1, 0.2, 0.1, 0.1, 0.3])).toEqual([1, 1, 1, 0.5, 0.5]);
  });

  test('a gain below a relative 1e-4 is none, nor is NaN', () => {
    expect(observed(plateau('valid.loss'), [1, 0.99995, 0.99992])).toEqual([1, 1, 0.5]);
    expect(observed(plateau('valid.loss'), [NaN, NaN, 1])).toEqual([1, 0.5, 0.5]);
  });

  test('goes on from a saved state', () => {
    const rate = plateau('valid.loss');
    observed(rate, [3, 3]);
    const state = JSON.parse(JSON.stringify(rate.state())) as ReturnType<PlateauRate['state']>;
    const resumed = new PlateauRate(
      { type: 'plateau', base: 1, watch: 'valid.loss', goal: 'min', factor: 0.5, patience: 1 },
      state,
    );
    expect(observed(resumed, [3, 3, 2])).toEqual(observed(rate, [3, 3, 2]));
  });
});
