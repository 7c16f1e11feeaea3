/**
 * Runs that are killed after any step and gone on with from their newest state, on the fake runner: events, weights,
 * files, draws and rates are those of a run that was not.
 */
import { describe, expect, test } from 'vitest';
import { decodeRunState } from '../../runtime/checkpoint/run-state.ts';
import type { Listing, Schedule } from '../../runtime/plan-format.ts';
import type { RunIdentity, RunState } from '../../runtime/train/run-progress.ts';
import type { LoopOptions } from '../../runtime/train/training-options.ts';
import { writeWeights } from '../../runtime/train/weights.ts';
import { lineData } from './fake-runner.ts';
import { harness, outline, type Harness, type HarnessOptions } from './harness.ts';

const IDENTITY: RunIdentity = { fingerprint: 'line', seed: 1, records: {}, device: 'fake' };
const KEEP = { path: 'state', identity: IDENTITY };
const EVERY_2 = { every: { count: 2, unit: 'step' as const } };
const dataset = lineData({ train: 40, valid: 20 });
const PLATEAU: Schedule = { type: 'plateau', base: 0.1, watch: 'valid.loss', goal: 'max', factor: 0.5, patience: 1 }; // prettier-ignore

const RUNS: Record<string, HarnessOptions> = {
  'a number of epochs': { training: { epochs: 3 } },
  'evaluations and files': {
    training: {
      steps: 11,
      evaluate: EVERY_2,
      save: [
        { kind: 'best', watch: 'valid.loss', goal: 'min', to: 'best-{step}' },
        { kind: 'every', every: { count: 3, unit: 'step' }, to: 'w-{step}', keep: 2 },
      ],
    },
  },
  'accumulated batches': { training: { steps: 7, accumulate: 3, evaluate: EVERY_2 } },
  'a rate that falls at plateaus': {
    training: { steps: 12, evaluate: EVERY_2 },
    change: (listing) => (listing.uniform.scalars[0]!.formula = { kind: 'schedule', schedule: PLATEAU }),
  },
  'a rate that falls with the runs of each step': {
    training: { steps: 11, evaluate: EVERY_2 },
    change: (listing) => {
      const [only] = listing.steps;
      listing.steps = [{ ...only!, name: 'one', times: 3 }, { ...only!, name: 'two' }]; // prettier-ignore
      const formula = {
        kind: 'schedule' as const,
        schedule: { type: 'inverse' as const, base: 0.1, decay: 0.5 },
      };
      listing.uniform.scalars = [0, 1].map((step) => ({ name: `rate${step}`, step, formula }));
    },
  },
  'an early stop that brings the best weights back': {
    training: {
      steps: 100,
      evaluate: EVERY_2,
      stop: { watch: 'valid.loss', goal: 'max', patience: 3, restore: true },
    },
  },
};

interface Ended {
  events: string[];
  files: Map<string, Uint8Array>;
  weights: Map<string, Float32Array>;
  runs: unknown[];
}

const ended = ({ events, files, runner }: Harness): Ended => ({
  events: outline(events).filter((line) => !line.startsWith('keep ') && line !== 'start'),
  files,
  weights: runner.weights,
  runs: runner.runs.map(({ routines, draw, scalars }) => ({ routines, draw, scalars })),
});

async function whole(options: HarnessOptions): Promise<Ended> {
  const run = harness({ dataset, ...options });
  await run.run({ finalPath: 'final', keep: KEEP });
  return ended(run);
}

/** A new process, as it were: nothing is left but the files. */
async function goOn(
  options: HarnessOptions,
  files: Map<string, Uint8Array>,
): Promise<{ state: RunState; ended: Ended }> {
  const run = harness({ dataset, ...options });
  for (const [path, bytes] of files) run.files.set(path, bytes);
  const state = decodeRunState(files.get('state')!, 'state', run.listing);
  writeWeights(run.runner, run.listing, state.tensors);
  await run.run({ finalPath: 'final', keep: KEEP, resume: state.progress });
  return { state, ended: ended(run) };
}

/** Runs and stops dead behind a step. */
async function kill(
  options: HarnessOptions,
  step: number,
  more: Partial<LoopOptions> = {},
): Promise<Harness> {
  const run = harness({ dataset, ...options });
  const dead = new Error('killed');
  const progress: LoopOptions['progress'] = (now) => {
    if (now.step === step) throw dead;
  };
  await run.run({ keep: KEEP, finalPath: 'final', progress, ...more }).catch((error: unknown) => {
    if (error !== dead) throw error;
  });
  return run;
}

const stepOf = (line: string): number => Number(/^\w+ (\d+)/.exec(line)?.[1] ?? Infinity);

describe.each(Object.entries(RUNS))('%s', (_, options) => {
  test('killed behind every step, it goes on as if nothing had been', async () => {
    const expected = await whole(options);
    const last = Math.max(...expected.events.map(stepOf).filter(Number.isFinite));
    let resumed = 0;
    for (let step = 1; step <= last; step++) {
      const { files } = await kill(options, step);
      if (!files.has('state')) continue;
      resumed += 1;
      const { state, ended: found } = await goOn(options, files);
      const behind = state.progress.step;
      expect(behind).toBeLessThan(step + 1);
      expect(found.events).toEqual(expected.events.filter((line) => stepOf(line) > behind));
      expect(found.weights).toEqual(expected.weights);
      expect(found.runs).toEqual(expected.runs.slice(-found.runs.length));
      expect([...found.files].filter(([path]) => path !== 'state').sort()).toEqual([...expected.files].filter(([path]) => path !== 'state').sort()); // prettier-ignore
    }
    // Without an evaluation a state is kept once a minute, and such a run takes less.
    if (options.training.evaluate) expect(resumed).toBeGreaterThan(1);
  });

  test('stopped by --steps, and then by the end', async () => {
    const expected = await whole(options);
    const first = harness({ dataset, ...options });
    await first.run({ maxSteps: 4, keep: KEEP });
    const { ended: found } = await goOn(options, new Map([['state', first.files.get('state')!]]));
    expect(found.weights).toEqual(expected.weights);
    expect(found.events).toEqual(expected.events.filter((line) => stepOf(line) > 4));
  });
});

test('an evaluation that Ctrl-C cut short is made when the run goes on', async () => {
  const options: HarnessOptions = { ...RUNS['evaluations and files']! };
  const expected = await whole(options);
  const abort = new AbortController();
  let evaluations = 0;
  const cut = harness({
    dataset,
    ...options,
    loss: (_, routine) => {
      // The second batch of the second evaluation.
      if (routine === 'evaluate' && ++evaluations === 5) abort.abort();
      return undefined;
    },
  });
  const result = await cut.run({ signal: abort.signal, keep: KEEP, finalPath: 'final' });
  expect(result).toMatchObject({ interrupted: true, steps: 4 });
  expect(outline(cut.events)).not.toContain('eval 4 valid');
  const { state, ended: found } = await goOn(options, cut.files);
  expect(state.progress).toMatchObject({ step: 4, unfinished: true });
  expect(found.events).toEqual([
    'eval 4 valid',
    ...expected.events.slice(expected.events.indexOf('eval 4 valid') + 1),
  ]);
  expect(found.weights).toEqual(expected.weights);
});

describe('when the state is kept', () => {
  const states = (run: Harness): number[] =>
    run.events.flatMap((event) => (event.event === 'keep' ? [event.step] : []));
  /** A clock that a test moves; writing the state takes `cost` seconds. */
  async function timed(
    stepSeconds: number,
    cost: number,
    training: HarnessOptions['training'],
  ): Promise<number[]> {
    let now = 0;
    const run = harness({ dataset, training });
    await run.run({
      keep: KEEP,
      clock: () => now,
      progress: () => (now += stepSeconds),
      writeFile: (path) => {
        if (path === 'state') now += cost;
        return Promise.resolve();
      },
    });
    return states(run);
  }

  test('at evaluations and at the end', async () => {
    expect(await timed(1, 0.001, { steps: 9, evaluate: { every: { count: 4, unit: 'step' } } })).toEqual([4, 8, 9]); // prettier-ignore
  });

  test('once a minute without any', async () => {
    expect(await timed(25, 0.001, { steps: 10 })).toEqual([3, 6, 9, 10]);
  });

  test('less often where it takes long, so that it costs a twentieth of the time', async () => {
    expect(await timed(1, 1, { steps: 50, evaluate: EVERY_2 })).toEqual([2, 22, 42, 50]);
    expect(await timed(25, 10, { steps: 20 })).toEqual([3, 11, 19, 20]);
  });

  test('not with weights that are broken', async () => {
    const { run, files, events } = harness({
      dataset,
      training: { steps: 8, evaluate: EVERY_2 },
      change: (listing: Listing) =>
        (listing.uniform.scalars[0]!.formula = {
          kind: 'schedule',
          schedule: { type: 'constant', value: 1e30 },
        }),
      loss: () => 1,
    });
    await expect(run({ keep: KEEP })).rejects.toThrow(/E0603.*is not finite after step/);
    expect(files.has('state')).toBe(false);
    expect(outline(events)).not.toContain('end');
  });
});
