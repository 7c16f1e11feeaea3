import { describe, expect, test } from 'vitest';
import { lineData } from './fake-runner.ts';
import { evaluationsOf, harness, outline, stepsOf } from './harness.ts';
import { failureOf } from '../support/failure.ts';

const EVERY_EPOCH = { every: { count: 1, unit: 'epoch' as const } };

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
    expect(evaluationsOf(events).map((event) => event.step)).toEqual([5, 10]);
    expect(result.evaluations[0]).toMatchObject({
      split: 'valid',
      block: 0,
      values: { loss: evaluationsOf(events)[1]?.loss },
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
    expect(evaluationsOf(events)[0]?.loss).toBeCloseTo((8 + 8 + 40) / 20, 12);
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
    expect(stepsOf(events)[0]?.perplexity).toBeCloseTo(Math.E, 12);
    expect(evaluationsOf(events)[0]?.perplexity).toBeCloseTo(Math.exp(2), 12);
  });

  test('changes nothing about the training', async () => {
    const plain = harness({ training: { steps: 12 } });
    await plain.run();
    const evaluated = harness({ training: { steps: 12, evaluate: { every: { count: 1, unit: 'step' } } } });
    await evaluated.run();
    expect(stepsOf(evaluated.events)).toEqual(stepsOf(plain.events));
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
