/** Weights and gradients of a trainer that a host steps: saved, loaded, predicting, read. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { anyListing } from '../../runtime/trainer/trainer-program.ts';
import { netc } from '../cli/recording-host.ts';
import { eventsOf } from '../support/events.ts';
import { EXAMPLES, exampleFile } from '../support/examples.ts';
import { failureOf } from '../support/failure.ts';
import { arraysOf, batchesOf, glyphsTrainers } from './opened.ts';

const { temporary, glyphs, records, trainerOf } = await glyphsTrainers();

describe('weights', () => {
  test('that are saved go on in another trainer, in `netc eval`, and the other way round', async () => {
    const batches = batchesOf(glyphs, 20);
    const trainer = await trainerOf(glyphs.program, { records });
    for (const batch of batches) trainer.step(batch);
    const saved = await trainer.save();
    const test = Uint32Array.from({ length: glyphs.dataset.splits.get('test')! }, (_, i) => i);
    const tested = arraysOf(glyphs.program, glyphs.dataset, 'test', test);
    const here = await trainer.evaluate(tested);
    const other = await trainerOf(glyphs.program, { records, weights: saved });
    expect(await other.evaluate(tested)).toEqual(here);
    const file = path.join(temporary, 'saved.safetensors');
    fs.writeFileSync(file, saved);
    const flags = ['--weights', file, '--split', 'test', '--data', EXAMPLES, '--device', 'cpu', '--json'];
    const [event] = eventsOf(await netc('eval', exampleFile('glyphs.net'), ...flags));
    expect(event).toMatchObject(here);

    other.step(batches[0]!);
    other.load(saved);
    expect([other.steps, await other.evaluate(tested)]).toEqual([0, here]);
    expect((await failureOf(() => other.load(new Uint8Array(3)))).diagnostic).toMatchObject({
      code: 'E0502',
    });
  });

  test('predict what evaluation says of them, for any number of records', async () => {
    const trainer = await trainerOf(glyphs.program, { records });
    for (const batch of batchesOf(glyphs, 30)) trainer.step(batch);
    const chosen = Uint32Array.from({ length: 130 }, (_, i) => i);
    const { image, label } = arraysOf(glyphs.program, glyphs.dataset, 'test', chosen);
    const inputs = Float32Array.from(image as Uint8Array, (byte) => byte / 255);
    const { logits } = await trainer.predict({ image: inputs });
    expect(logits).toMatchObject({ name: 'logits', shape: [130, 10], dtype: 'f32' });
    const right = Array.from(chosen, (record) => {
      const row = [...(logits!.data as Float32Array).subarray(10 * record, 10 * record + 10)];
      return row.indexOf(Math.max(...row)) === (label as Uint8Array)[record];
    }).filter(Boolean).length;
    const evaluated = await trainer.evaluate({ image: image!, label: label! });
    expect(right / 130).toBeCloseTo(evaluated['accuracy'] as number, 6);
    expect((await failureOf(() => trainer.predict({ image: image! }))).diagnostic).toMatchObject({
      code: 'E0209',
    });
    expect(
      (await failureOf(() => trainer.predict({ image: inputs }, { model: 'nett' }))).diagnostic,
    ).toMatchObject({
      code: 'E0201',
    });
  });
});

describe('gradients', () => {
  test('are of every weight that moves, and move nothing themselves', async () => {
    const trainer = await trainerOf(glyphs.program, { records });
    const [batch] = batchesOf(glyphs, 1);
    const before = await trainer.save();
    const { metrics, gradients } = await trainer.gradients(batch!);
    expect(Object.keys(gradients).sort()).toEqual(
      anyListing(glyphs.program)
        .parameters.map(({ name }) => name)
        .sort(),
    );
    expect(await trainer.save()).toEqual(before);
    // The bias of one class: p - y, over the batch, so that all ten add up to nothing.
    const bias = [...gradients['net.out.bias']!];
    expect(bias.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 5);
    expect(Math.max(...bias.map(Math.abs))).toBeGreaterThan(1e-3);
    expect(await trainer.step(batch!).loss).toBe(metrics['loss']);
  });
});
