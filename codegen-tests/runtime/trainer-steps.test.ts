import { describe, expect, test } from 'vitest';
import { lineData } from './fake-runner.ts';
import { evaluationsOf, harness, outline, stepsOf } from './harness.ts';

const EVERY_EPOCH = { every: { count: 1, unit: 'epoch' as const } };

describe('steps', () => {
  test('start, every step in order, end', async () => {
    const { run, events, runner } = harness({ training: { steps: 12 } });
    const result = await run();
    expect(outline(events)).toEqual([
      'start',
      ...Array.from({ length: 12 }, (_, i) => `step ${i + 1}`),
      'end',
    ]);
    expect(events[0]).toEqual({
      event: 'start',
      program: 'line',
      device: 'fake',
      backend: 'webgpu',
      seed: 1,
      parameters: 2,
      compile_seconds: 0.5,
      dispatches: 2,
      memory_bytes: 1234,
    });
    const [first] = stepsOf(events);
    // The loss before the update: a = b = 0, so the mean of y² of the first batch, x = 0 … 0.7.
    expect(first?.loss).toBeCloseTo(
      [0, 1, 2, 3, 4, 5, 6, 7].reduce((s, i) => s + (0.3 * i - 1) ** 2, 0) / 8,
      5,
    );
    expect(Object.keys(first ?? {})).toEqual(['event', 'step', 'epoch', 'loss', 'distance']);
    expect(events.at(-1)).toMatchObject({ event: 'end', steps: 12, loss: stepsOf(events)[11]?.loss });
    expect(result).toMatchObject({ steps: 12, interrupted: false, stopped: false });
    expect(runner.runs.every((entry) => entry.routines.join() === 'gradient,update')).toBe(true);
  });

  test('the draw counts batches, the epoch counts from 0', async () => {
    const { run, events, runner } = harness({ training: { steps: 7 } });
    await run();
    expect(runner.runs.map((entry) => entry.draw)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(stepsOf(events).map((event) => event.epoch)).toEqual([0, 0, 0, 0, 0, 1, 1]);
  });

  test('epochs are turned into steps; the short rest of an epoch is dropped', async () => {
    const { run, events } = harness({ training: { epochs: 3 }, dataset: lineData({ train: 23, valid: 8 }) });
    await run();
    expect(stepsOf(events).map((event) => event.epoch)).toEqual([0, 0, 1, 1, 2, 2]);
  });

  test('--steps stops earlier, schedules keep the length of the program', async () => {
    const { run, runner } = harness({
      training: { steps: 10 },
      change: (listing) => {
        const schedule = {
          type: 'linear' as const,
          base: 1,
          to: 0,
          warmup: { count: 0, unit: 'step' as const },
          over: null,
        };
        listing.uniform.scalars[0]!.formula = { kind: 'schedule', schedule };
      },
      loss: () => 1,
    });
    expect((await run({ maxSteps: 3 })).steps).toBe(3);
    expect(runner.runs.map((entry) => entry.scalars[0])).toEqual([1, 0.9, 0.8]);
  });

  test('logEvery reads and reports the first step, its multiples and the last', async () => {
    const { run, events, runner } = harness({ training: { steps: 25 } });
    await run({ logEvery: 10 });
    expect(stepsOf(events).map((event) => event.step)).toEqual([1, 10, 20, 25]);
    expect(runner.runs.filter((entry) => entry.read)).toHaveLength(4);
  });

  test('readEvery reads more than is reported', async () => {
    const { run, events, runner } = harness({ training: { steps: 20 } });
    const seen: (number | undefined)[] = [];
    await run({ logEvery: 20, readEvery: 5, progress: ({ values }) => seen.push(values.loss) });
    expect(stepsOf(events).map((event) => event.step)).toEqual([1, 20]);
    expect(runner.runs.filter((entry) => entry.read)).toHaveLength(5);
    expect(seen).toHaveLength(20);
  });

  test('keeps several runs in flight, never more than there are slots', async () => {
    const { run, runner, events } = harness({ training: { steps: 30 }, slots: 3 });
    await run();
    expect(runner.mostInFlight).toBe(3);
    expect(stepsOf(events).map((event) => event.step)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
  });
});

describe('step blocks', () => {
  const blocks = {
    training: { steps: 7 },
    change: (listing: ReturnType<typeof harness>['listing']) => {
      const [only] = listing.steps;
      listing.steps = [
        { ...only!, name: 'critic', times: 2 },
        { ...only!, name: 'generator' },
      ];
      const schedule = { type: 'inverse' as const, base: 1, decay: 1 };
      listing.uniform.scalars = [0, 1].map((step) => ({
        name: 'rate',
        step,
        formula: { kind: 'schedule' as const, schedule },
      }));
    },
    loss: () => 1,
  };

  test('run in order, each as often as it says, each with its own count of runs', async () => {
    const { run, events, runner } = harness(blocks);
    await run();
    expect(stepsOf(events).map((event) => event.name)).toEqual([
      'critic',
      'critic',
      'generator',
      'critic',
      'critic',
      'generator',
      'critic',
    ]);
    const third = 1 / 3;
    expect(runner.runs.map((entry) => entry.scalars)).toEqual([
      [1, 0],
      [0.5, 0],
      [0.5, 1],
      [third, 1],
      [0.25, 1],
      [0.25, 0.5],
      [0.2, 0.5],
    ]);
    expect(events[0]).toMatchObject({ dispatches: 6 });
  });

  test('each is evaluated under its name', async () => {
    const { run, events } = harness({
      ...blocks,
      training: { steps: 3, evaluate: { every: { count: 3, unit: 'step' } } },
    });
    await run();
    expect(evaluationsOf(events).map((event) => [event.step, event.split, event.name])).toEqual([
      [3, 'valid', 'critic'],
      [3, 'valid', 'generator'],
    ]);
  });
});

describe('accumulation', () => {
  test('a step takes k batches, updates with the last and reports their mean', async () => {
    const { run, events, runner } = harness({
      training: { steps: 4, accumulate: 3 },
      loss: ({ uniform }) => uniform.draw,
      slots: 2,
    });
    await run();
    expect(runner.runs).toHaveLength(12);
    const once = ['gradient,accumulate', 'gradient,accumulate', 'gradient,accumulate,update'];
    expect(runner.runs.map((entry) => entry.routines.join())).toEqual([...once, ...once, ...once, ...once]);
    expect(stepsOf(events).map((event) => event.loss)).toEqual([1, 4, 7, 10]);
    expect(runner.cleared.filter((roles) => roles.join() === 'accumulators')).toHaveLength(4);
    expect(events[0]).toMatchObject({ dispatches: 7 });
  });

  test('moves the weights as one large batch would', async () => {
    const dataset = lineData({ train: 8, valid: 8 });
    const single = harness({ training: { steps: 5 }, dataset });
    await single.run();
    const twice = harness({ training: { steps: 5, accumulate: 2 }, dataset });
    await twice.run();
    expect(twice.runner.weights.get('a')?.[0]).toBeCloseTo(single.runner.weights.get('a')?.[0] ?? NaN, 6);
  });

  test('epochs count batches, not steps', async () => {
    const { run, events } = harness({
      training: { epochs: 2, accumulate: 2, evaluate: EVERY_EPOCH },
      loss: () => 1,
    });
    // 5 batches an epoch: 10 batches, 5 steps; the first epoch ends inside the third step.
    await run();
    expect(evaluationsOf(events).map((event) => [event.step, event.epoch])).toEqual([
      [3, 1],
      [5, 2],
    ]);
  });
});
