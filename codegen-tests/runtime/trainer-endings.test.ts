import { describe, expect, test } from 'vitest';
import { RuntimeFailure } from '../../runtime/failure.ts';
import { lineData } from './fake-runner.ts';
import { harness, outline, stepsOf } from './harness.ts';
import { failureOf } from '../support/failure.ts';

const EVERY_EPOCH = { every: { count: 1, unit: 'epoch' as const } };

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

  test('a run that is aborted before it starts takes no step', async () => {
    const { run, runner, events } = harness({ training: { steps: 10 } });
    const result = await run({ signal: AbortSignal.abort() });
    expect(result).toMatchObject({ interrupted: true, steps: 0 });
    expect(runner.runs).toEqual([]);
    expect(events.at(-1)).toMatchObject({ event: 'end', steps: 0, steps_per_second: 0 });
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
    expect(stepsOf(events)[3]?.loss).toBeNaN();
    expect(files.size).toBe(0);
  });

  test('weights that are not finite are not saved, though no loss told', async () => {
    const { run, files, runner } = harness({ training: { steps: 3 }, loss: () => 1 });
    const failure = await failureOf(
      run({
        finalPath: 'w.safetensors',
        progress: ({ step }) => {
          if (step === 3) runner.weights.set('b', Float32Array.of(Infinity));
        },
      }),
    );
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
