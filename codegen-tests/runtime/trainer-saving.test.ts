import { describe, expect, test } from 'vitest';
import { decodeSafetensors } from '../../runtime/checkpoint/safetensors.ts';
import { lineData } from './fake-runner.ts';
import { evaluationsOf, harness, outline } from './harness.ts';
import { failureOf } from '../support/failure.ts';

describe('saving and stopping', () => {
  /** Evaluation losses by turn; training losses are 1. */
  function scripted(...losses: number[]) {
    let turn = 0;
    return (_: unknown, routine: string): number => (routine === 'evaluate' ? (losses[turn++] ?? 9) : 1);
  }
  const EVERY_STEP = { every: { count: 1, unit: 'step' as const } };
  const dataset = lineData({ train: 40, valid: 8 });

  test('best writes at every new best, and at no other evaluation', async () => {
    const { run, events, files } = harness({
      training: {
        steps: 6,
        evaluate: EVERY_STEP,
        save: [{ kind: 'best', watch: 'valid.loss', goal: 'min', to: 'best.safetensors' }],
      },
      dataset,
      loss: scripted(5, 6, 4, NaN, 4, 3),
    });
    await run();
    const saves = outline(events).filter((line) => line.startsWith('save'));
    expect(saves).toEqual([1, 3, 6].map((step) => `save ${step} best.safetensors`));
    expect([...files.keys()]).toEqual(['best.safetensors']);
  });

  test('best of a metric is the largest', async () => {
    const { run, events } = harness({
      training: {
        steps: 4,
        evaluate: EVERY_STEP,
        save: [{ kind: 'best', watch: 'valid.score', goal: 'max', to: '{step}.safetensors' }],
      },
      dataset,
      loss: scripted(5, 6, 4, 7),
      change: (listing) =>
        listing.steps[0]!.metrics.push({ name: 'score', output: 'loss', after: 'identity' }),
    });
    await run();
    expect(outline(events).filter((line) => line.startsWith('save'))).toEqual([
      'save 1 1.safetensors',
      'save 2 2.safetensors',
      'save 4 4.safetensors',
    ]);
  });

  test('every writes under its epoch and keeps the newest', async () => {
    const { run, files, removed, events } = harness({
      training: {
        epochs: 5,
        save: [
          { kind: 'every', every: { count: 1, unit: 'epoch' }, to: 'w-{epoch}-{step}.safetensors', keep: 2 },
        ],
      },
    });
    await run();
    expect([...files.keys()]).toEqual(['w-4-20.safetensors', 'w-5-25.safetensors']);
    expect(removed).toEqual(['w-1-5.safetensors', 'w-2-10.safetensors', 'w-3-15.safetensors']);
    expect(events.filter((event) => event.event === 'save')).toHaveLength(5);
  });

  test('a path without a place for the number is written again, not deleted', async () => {
    const { run, files, removed } = harness({
      training: { steps: 6, save: [{ kind: 'every', every: { count: 2, unit: 'step' }, to: 'w', keep: 1 }] },
    });
    await run();
    expect([...files.keys()]).toEqual(['w']);
    expect(removed).toEqual([]);
  });

  test('the file holds weights and layer states, as they are after the step', async () => {
    const { run, files, runner } = harness({
      training: { steps: 3 },
      change: (listing) => {
        const range = { buffer: 0, offset: 256, bytes: 4 };
        listing.states.push({ name: 'norm.mean', shape: [], range, initializer: { kind: 'zeros' } });
      },
    });
    runner.weights.set('norm.mean', Float32Array.of(0.25));
    await run({ finalPath: 'final.safetensors' });
    const { tensors } = decodeSafetensors(files.get('final.safetensors')!, 'final.safetensors');
    expect(tensors.map(({ name, shape, data }) => [name, shape, data])).toEqual([
      ['a', [], runner.weights.get('a')],
      ['b', [], runner.weights.get('b')],
      ['norm.mean', [], Float32Array.of(0.25)],
    ]);
  });

  test('weights wanted for several files at one step are read once', async () => {
    const { run, runner, files } = harness({
      training: {
        steps: 1,
        evaluate: EVERY_STEP,
        save: [
          { kind: 'best', watch: 'valid.loss', goal: 'min', to: 'best' },
          { kind: 'every', every: { count: 1, unit: 'step' }, to: 'every' },
        ],
      },
      dataset,
    });
    await run({ finalPath: 'final' });
    expect([...files.keys()]).toEqual(['best', 'every', 'final']);
    expect(runner.tensorReads).toBe(1);
  });

  test('plateau stops after patience evaluations without a new best, and brings the best weights back', async () => {
    const { run, events, runner, files } = harness({
      training: {
        steps: 100,
        evaluate: EVERY_STEP,
        stop: { watch: 'valid.loss', goal: 'min', patience: 3, restore: true },
      },
      dataset,
      loss: scripted(5, 3, 4, 3, 3.5),
    });
    const after = new Map<number, number>();
    const result = await run({
      finalPath: 'final',
      progress: ({ step }) => after.set(step, runner.weights.get('a')?.[0] ?? NaN),
    });
    expect(result).toMatchObject({ stopped: true, interrupted: false, steps: 5 });
    expect(outline(events).slice(-3)).toEqual(['eval 5 valid', 'save 5 final', 'end']);
    expect(after.get(5)).not.toBe(after.get(2));
    expect(runner.weights.get('a')?.[0]).toBe(after.get(2));
    const { tensors } = decodeSafetensors(files.get('final')!, 'final');
    expect(tensors[0]?.data[0]).toBe(after.get(2));
  });

  test('without restore the last weights stay', async () => {
    const { run, runner } = harness({
      training: {
        steps: 9,
        evaluate: EVERY_STEP,
        stop: { watch: 'valid.loss', goal: 'min', patience: 1, restore: false },
      },
      dataset,
      loss: scripted(5, 6),
    });
    const after: number[] = [];
    const result = await run({ progress: () => after.push(runner.weights.get('a')?.[0] ?? NaN) });
    expect(result.steps).toBe(2);
    expect(runner.weights.get('a')?.[0]).toBe(after[1]);
  });

  test('a plateau schedule lowers the rate when what it watches stands still', async () => {
    const schedule = {
      type: 'plateau' as const,
      base: 1,
      watch: 'valid.loss',
      goal: 'min' as const,
      factor: 0.1,
      patience: 1,
    };
    const { run, runner } = harness({
      training: { steps: 6, evaluate: EVERY_STEP },
      dataset,
      loss: scripted(5, 5, 5, 5, 5, 5),
      change: (listing) => (listing.uniform.scalars[0]!.formula = { kind: 'schedule', schedule }),
    });
    await run();
    const rates = runner.runs
      .filter((entry) => entry.routines.includes('update'))
      .map((entry) => entry.scalars[0]);
    expect(rates).toEqual([1, 1, 1, 0.1, 0.1, expect.closeTo(0.01, 12)]);
  });

  test('what is watched without eval is evaluated every epoch', async () => {
    const { run, events } = harness({
      training: { epochs: 2, save: [{ kind: 'best', watch: 'valid.loss', goal: 'min', to: 'best' }] },
    });
    await run();
    expect(evaluationsOf(events).map((event) => event.step)).toEqual([5, 10]);
  });

  test('watching what no evaluation gives is refused, with the names there are', async () => {
    const { run, events } = harness({
      training: { steps: 1, stop: { watch: 'valid.accuracy', goal: 'max', patience: 1, restore: false } },
    });
    const failure = await failureOf(run());
    expect(failure.diagnostic).toMatchObject({
      code: 'E0408',
      message: 'valid.accuracy is watched, but no evaluation gives it',
      help: 'evaluated are valid.loss, valid.distance',
    });
    expect(events).toEqual([]);
  });

  test('named steps are watched with their name', async () => {
    const rename = (listing: ReturnType<typeof harness>['listing']): void => {
      const [only] = listing.steps;
      listing.steps = ['critic', 'generator'].map((name) => ({ ...only!, name }));
    };
    const watching = (watch: string) =>
      harness({
        training: {
          steps: 2,
          evaluate: EVERY_STEP,
          save: [{ kind: 'best', watch, goal: 'min', to: 'best' }],
        },
        change: rename,
      });
    const long = watching('valid.critic.loss');
    await long.run();
    expect(long.files.has('best')).toBe(true);
    const failure = await failureOf(watching('valid.loss').run());
    expect(failure.diagnostic.help).toContain(
      'valid.critic.loss, valid.critic.distance, valid.generator.loss',
    );
  });
});
