/** Steps of `createTrainer`: the same numbers as the command, named steps, lists of batches. */
import { describe, expect, test } from 'vitest';
import { netc } from '../cli/recording-host.ts';
import { changed } from '../support/changed.ts';
import { eventsOf, stepsOf } from '../support/events.ts';
import { EXAMPLES, withoutSaves } from '../support/examples.ts';
import { failureOf } from '../support/failure.ts';
import { gpuOrSkip } from '../support/gpu.ts';
import { ACCUMULATING, compileText, TWO_STEPS } from './host-programs.ts';
import { batchesOf, glyphsTrainers } from './opened.ts';

const { temporary, glyphs, records, trainerOf } = await glyphsTrainers();

describe('step', () => {
  test.for(['cpu', 'gpu'] as const)(
    'gives the losses of `netc train` on the %s, whenever they are asked for',
    async (device, context) => {
      if (device === 'gpu') await gpuOrSkip(context);
      const file = withoutSaves(temporary, 'glyphs.net');
      const flags = ['--data', EXAMPLES, '--device', device, '--steps', '12', '--json', '--log-every', '1'];
      const expected = stepsOf(eventsOf(await netc('train', file, ...flags)));
      const trainer = await trainerOf(glyphs.program, { records, device });
      // More steps than the runtime keeps results in flight for, and nobody waits in between.
      const handles = batchesOf(glyphs, 12).map((batch) => trainer.step(batch));
      expect(handles.map(({ step }) => step)).toEqual(expected.map(({ step }) => step));
      const metrics = await Promise.all(handles.map((handle) => handle.metrics));
      expect(metrics.map(({ loss }) => loss)).toEqual(expected.map(({ loss }) => loss));
      expect(metrics.map(({ accuracy }) => accuracy)).toEqual(expected.map(({ accuracy }) => accuracy));
      expect(await handles[3]!.loss).toBe(expected[3]!['loss']);
    },
  );

  test('runs named steps in their order, or the one that is named', async () => {
    const { program } = await compileText(temporary, TWO_STEPS, 'named');
    const trainer = await trainerOf(program);
    const batch = { x: Float32Array.from({ length: 32 }, (_, i) => i / 32) };
    const names = Array.from({ length: 4 }, () => trainer.step(batch).metrics);
    const kinds = (await Promise.all(names)).map((metrics) => ('size' in metrics ? 'second' : 'first'));
    expect(kinds).toEqual(['first', 'first', 'second', 'first']);
    expect(await trainer.step(batch, { name: 'second' }).metrics).toHaveProperty('size');
    expect((await failureOf(() => trainer.step(batch, { name: 'secnd' }))).diagnostic).toMatchObject({
      code: 'E0201',
    });
    expect(Object.keys(await trainer.evaluate(batch)).sort()).toEqual(['first', 'second']);
    const { gradients } = await trainer.gradients(batch, { name: 'second' });
    expect(Object.keys(gradients).sort()).toEqual(['Z.dense_1.bias', 'Z.dense_1.weight']);
  });

  test('takes a list of batches where the program accumulates, whose mean counts', async () => {
    const joined = changed(
      changed(ACCUMULATING, 'accumulate = 2', 'accumulate = 1'),
      'batch = 4',
      'batch = 8',
    );
    const sum = await compileText(temporary, joined, 'whole');
    const parts = await compileText(temporary, ACCUMULATING, 'parts');
    const all = Float32Array.from({ length: 32 }, (_, i) => Math.sin(i));
    const whole = await trainerOf(sum.program);
    const trainer = await trainerOf(parts.program);
    for (let step = 0; step < 3; step += 1) {
      const halves = [{ x: all.subarray(0, 16) }, { x: all.subarray(16) }];
      const expected = await whole.step({ x: all }).loss;
      expect(await trainer.step(halves).loss).toBeCloseTo(expected, 5);
    }
    expect((await failureOf(() => trainer.step({ x: all }))).diagnostic).toMatchObject({
      code: 'E0214',
      message: 'a step takes a list of 2 batches, not one batch',
    });
  });
});
