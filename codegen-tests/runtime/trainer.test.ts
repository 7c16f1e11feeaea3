import { describe, expect, test } from 'vitest';
import { RuntimeFailure } from '../../runtime/failure.ts';
import type { StepEvent, TrainEvent } from '../../runtime/train/events.ts';
import { lineData } from './fake-runner.ts';
import { harness, outline } from './harness.ts';

const EVERY_EPOCH = { every: { count: 1, unit: 'epoch' as const } };

function steps(events: readonly TrainEvent[]): StepEvent[] {
  return events.filter((event) => event.event === 'step');
}

function evaluations(events: readonly TrainEvent[]) {
  return events.filter((event) => event.event === 'eval');
}

async function failureOf(promise: Promise<unknown>): Promise<RuntimeFailure> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(RuntimeFailure);
  return error as RuntimeFailure;
}

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
    const [first] = steps(events);
    // The loss before the update: a = b = 0, so the mean of y² of the first batch, x = 0 … 0.7.
    expect(first?.loss).toBeCloseTo(
      [0, 1, 2, 3, 4, 5, 6, 7].reduce((s, i) => s + (0.3 * i - 1) ** 2, 0) / 8,
      5,
    );
    expect(Object.keys(first ?? {})).toEqual(['event', 'step', 'epoch', 'loss', 'distance']);
    expect(events.at(-1)).toMatchObject({ event: 'end', steps: 12, loss: steps(events)[11]?.loss });
    expect(result).toMatchObject({ steps: 12, interrupted: false, stopped: false });
    expect(runner.runs.every((entry) => entry.routines.join() === 'gradient,update')).toBe(true);
  });

  test('the draw counts batches, the epoch counts from 0', async () => {
    const { run, events, runner } = harness({ training: { steps: 7 } });
    await run();
    expect(runner.runs.map((entry) => entry.draw)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(steps(events).map((event) => event.epoch)).toEqual([0, 0, 0, 0, 0, 1, 1]);
  });

  test('epochs are turned into steps; the short rest of an epoch is dropped', async () => {
    const { run, events } = harness({ training: { epochs: 3 }, dataset: lineData({ train: 23, valid: 8 }) });
    await run();
    expect(steps(events).map((event) => event.epoch)).toEqual([0, 0, 1, 1, 2, 2]);
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
    expect(steps(events).map((event) => event.step)).toEqual([1, 10, 20, 25]);
    expect(runner.runs.filter((entry) => entry.read)).toHaveLength(4);
  });

  test('readEvery reads more than is reported', async () => {
    const { run, events, runner } = harness({ training: { steps: 20 } });
    const seen: (number | undefined)[] = [];
    await run({ logEvery: 20, readEvery: 5, progress: ({ values }) => seen.push(values.loss) });
    expect(steps(events).map((event) => event.step)).toEqual([1, 20]);
    expect(runner.runs.filter((entry) => entry.read)).toHaveLength(5);
    expect(seen).toHaveLength(20);
  });

  test('keeps several runs in flight, never more than there are slots', async () => {
    const { run, runner, events } = harness({ training: { steps: 30 }, slots: 3 });
    await run();
    expect(runner.mostInFlight).toBe(3);
    expect(steps(events).map((event) => event.step)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
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
    expect(steps(events).map((event) => event.name)).toEqual([
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
    expect(evaluations(events).map((event) => [event.step, event.split, event.name])).toEqual([
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
    expect(steps(events).map((event) => event.loss)).toEqual([1, 4, 7, 10]);
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
    expect(evaluations(events).map((event) => [event.step, event.epoch])).toEqual([
      [3, 1],
      [5, 2],
    ]);
  });
});

describe('evaluation', () => {
  test('follows the update of its step, and comes once at the end', async () => {
    const { run, events } = harness({
      training: { steps: 25, evaluate: { every: { count: 10, unit: 'step' } } },
      dataset: lineData({ train: 40, valid: 20, test: 8 }),
    });
    await run({ logEvery: 10 });
    expect(outline(events).slice(1, -1)).toEqual(
      [
        'step 1',
        'step 10',
        'eval 10 valid',
        'eval 10 test',
        'step 20',
        'eval 20 valid',
        'eval 20 test',
        'step 25',
      ].concat(['eval 25 valid', 'eval 25 test']),
    );
  });

  test('is not repeated where the last step had one', async () => {
    const { run, events } = harness({ training: { epochs: 2, evaluate: EVERY_EPOCH } });
    const result = await run();
    expect(evaluations(events).map((event) => event.step)).toEqual([5, 10]);
    expect(result.evaluations[0]).toMatchObject({
      split: 'valid',
      block: 0,
      values: { loss: evaluations(events)[1]?.loss },
    });
  });

  test('counts every record once: the short batch weighs what it holds', async () => {
    const { run, events, runner } = harness({
      training: { steps: 1, evaluate: EVERY_EPOCH },
      loss: ({ batch }, routine) => (routine === 'evaluate' ? (batch === 4 ? 10 : 1) : 1),
    });
    await run();
    const evaluated = runner.runs.filter((entry) => entry.routines[0] === 'evaluate');
    expect(evaluated.map((entry) => entry.batch)).toEqual([8, 8, 4]);
    expect(evaluations(events)[0]?.loss).toBeCloseTo((8 + 8 + 40) / 20, 12);
  });

  test('takes no more batches than it is told', async () => {
    const { run, runner } = harness({ training: { steps: 1, evaluate: { ...EVERY_EPOCH, batches: 2 } } });
    await run();
    expect(runner.runs.filter((entry) => entry.routines[0] === 'evaluate')).toHaveLength(2);
  });

  test('applies what comes after the mean: perplexity is the exponential of the mean loss', async () => {
    const { run, events } = harness({
      training: { steps: 1, evaluate: EVERY_EPOCH },
      dataset: lineData({ train: 8, valid: 16 }),
      loss: ({ uniform }) => (uniform.draw % 2 === 0 ? 1 : 3),
      change: (listing) =>
        listing.steps[0]!.metrics.push({ name: 'perplexity', output: 'loss', after: 'exp' }),
    });
    await run();
    expect(steps(events)[0]?.perplexity).toBeCloseTo(Math.E, 12);
    expect(evaluations(events)[0]?.perplexity).toBeCloseTo(Math.exp(2), 12);
  });

  test('changes nothing about the training', async () => {
    const plain = harness({ training: { steps: 12 } });
    await plain.run();
    const evaluated = harness({ training: { steps: 12, evaluate: { every: { count: 1, unit: 'step' } } } });
    await evaluated.run();
    expect(steps(evaluated.events)).toEqual(steps(plain.events));
    const draws = evaluated.runner.runs
      .filter((entry) => entry.routines[0] === 'evaluate')
      .map((entry) => entry.draw);
    expect(Math.min(...draws)).toBeGreaterThanOrEqual(2 ** 31);
  });

  test('without a split to evaluate is refused', async () => {
    const { run } = harness({
      training: { steps: 1, evaluate: EVERY_EPOCH },
      dataset: lineData({ train: 8 }),
    });
    const failure = await failureOf(run());
    expect(failure.diagnostic).toMatchObject({
      code: 'E0408',
      help: expect.stringContaining('split valid') as string,
    });
  });

  test('a split without records is refused', async () => {
    const dataset = lineData({ train: 8, valid: 0 });
    const failure = await failureOf(
      harness({ training: { steps: 1, evaluate: EVERY_EPOCH }, dataset }).run(),
    );
    expect(failure.diagnostic).toMatchObject({ code: 'E0407', message: 'the split valid has no records' });
  });
});

describe('interruption and failure', () => {
  test('a signal ends the run after the step in flight, with a checkpoint', async () => {
    const abort = new AbortController();
    const { run, events, files } = harness({
      training: { steps: 1000, evaluate: EVERY_EPOCH, epochs: undefined },
    });
    const result = await run({
      signal: abort.signal,
      progress: ({ step }) => {
        if (step === 7) abort.abort();
      },
    });
    expect(result).toMatchObject({ interrupted: true, steps: 7 });
    expect(outline(events).slice(-3)).toEqual(['step 7', 'save 7 line-interrupted.safetensors', 'end']);
    expect([...files.keys()]).toEqual(['line-interrupted.safetensors']);
  });

  test('a signal during an evaluation gives the evaluation up', async () => {
    const abort = new AbortController();
    const { run, events } = harness({
      training: { steps: 100, evaluate: { every: { count: 2, unit: 'step' } } },
      loss: (_, routine) => {
        if (routine === 'evaluate') abort.abort();
        return undefined;
      },
    });
    const result = await run({ signal: abort.signal, interruptPath: 'here.safetensors' });
    expect(result).toMatchObject({ interrupted: true, steps: 2 });
    expect(outline(events).slice(1)).toEqual(['step 1', 'step 2', 'save 2 here.safetensors', 'end']);
  });

  test('a loss that is not finite ends the run at its step, and nothing is saved', async () => {
    const { run, events, files } = harness({
      training: {
        steps: 50,
        save: [{ kind: 'every', every: { count: 1, unit: 'epoch' }, to: 'w.safetensors' }],
      },
      loss: ({ uniform }) => (uniform.draw === 3 ? NaN : 1),
    });
    const failure = await failureOf(run());
    expect(failure.diagnostic.code).toBe('E0603');
    expect(failure.message).toContain('the loss of step 4 is not finite: loss NaN, distance ');
    expect(outline(events)).toEqual(['start', 'step 1', 'step 2', 'step 3', 'step 4']);
    expect(steps(events)[3]?.loss).toBeNaN();
    expect(files.size).toBe(0);
  });

  test('weights that are not finite are not saved, though no loss told', async () => {
    const { run, files, runner } = harness({ training: { steps: 3 }, loss: () => 1 });
    const spoil = (): void => void runner.weights.set('b', Float32Array.of(Infinity));
    const failure = await failureOf(run({ finalPath: 'w.safetensors', progress: spoil }));
    expect(failure.diagnostic.code).toBe('E0603');
    expect(failure.message).toContain('b is not finite after step 3');
    expect(files.size).toBe(0);
  });

  test('a failure of the device ends the run', async () => {
    const { run } = harness({
      training: { steps: 50 },
      loss: ({ uniform }) => {
        if (uniform.draw === 20) throw new RuntimeFailure('E0602', 'the device was lost: unplugged');
        return 1;
      },
    });
    expect((await failureOf(run())).diagnostic.code).toBe('E0602');
  });

  test('too few records for a batch are refused', async () => {
    const failure = await failureOf(
      harness({ training: { steps: 1 }, dataset: lineData({ train: 7 }) }).run(),
    );
    expect(failure.diagnostic.code).toBe('E0407');
  });
});
