/** What is given to `createTrainer` and its trainer: every wrong use is an error at the call. */
import { describe, expect, test } from 'vitest';
import type { GivenArrays } from '../../runtime/trainer/batch-inputs.ts';
import { createTrainer } from '../../runtime/trainer/create-trainer.ts';
import { failureOf } from '../support/failure.ts';
import { glyphsTrainers } from './opened.ts';

const { glyphs, records, trainerOf } = await glyphsTrainers();

describe('what is given', () => {
  const size = 64;
  const image = new Uint8Array(size * 784);
  const label = new Uint8Array(size);
  test.each<[string, unknown, string, RegExp]>([
    ['a name that there is not', { image, label, lable: label }, 'E0201', /lable/],
    ['an array missing', { image }, 'E0212', /the batch has no label/],
    ['no object', [image, label], 'E0214', /one batch, not 2 batches/],
    ['null', null, 'E0213', /the batch is no object/],
    [
      'floats for whole numbers',
      { image: new Float32Array(size * 784), label },
      'E0209',
      /image of the batch is a Float32Array/,
    ],
    ['texts', { image: 'pixels', label }, 'E0209', /image of the batch is string/],
    ['a list of texts', { image, label: ['a'] }, 'E0209', /a list that holds strings/],
    [
      'too few records',
      { image: image.subarray(784), label: label.subarray(1) },
      'E0214',
      /63 records; a step takes 64/,
    ],
    ['half a record', { image: image.subarray(1), label }, 'E0214', /image of the batch has 50175 values/],
    [
      'numbers of records that differ',
      { image, label: label.subarray(1) },
      'E0406',
      /64 records, label has 63/,
    ],
    [
      'a class that there is not',
      { image, label: label.map((_, i) => (i === 7 ? 10 : 0)) },
      'E0405',
      /record 7 .* label: 10 is out of range/,
    ],
    [
      'a fraction for a whole number',
      { image, label: Array(size).fill(0.5) },
      'E0405',
      /0.5 is not a whole number/,
    ],
    [
      'a number beyond a byte',
      { image: Array(size * 784).fill(256), label },
      'E0405',
      /256 is not a whole number from 0 to 255/,
    ],
  ])('%s is an error at the call', async (_what, batch, code, words) => {
    const trainer = await trainerOf(glyphs.program, { records });
    const failure = (await failureOf(() => trainer.step(batch as GivenArrays))).diagnostic;
    expect(failure.code).toBe(code);
    expect(failure.message).toMatch(words);
    expect(trainer.steps).toBe(0);
  });

  test.each<[string, object, string]>([
    ['an option that there is not', { weigths: 1 }, 'E0206'],
    ['a device that there is not', { device: 'tpu' }, 'E0213'],
    ['a seed that is none', { seed: -1 }, 'E0213'],
    ['weights that are none', { weights: 'w.safetensors' }, 'E0213'],
    ['weights that are no safetensors', { weights: new Uint8Array(4) }, 'E0502'],
    ['a setting that there is not', { set: { T: 3 } }, 'E0201'],
  ])('%s is an error of createTrainer', async (_what, options, code) => {
    expect(
      (await failureOf(() => createTrainer(glyphs.program, { device: 'cpu', ...options }))).diagnostic,
    ).toMatchObject({ code });
  });

  test('a rate that depends on the epoch asks for the number of records, once it matters', async () => {
    const trainer = await trainerOf(glyphs.program);
    const failure = (await failureOf(() => trainer.step({ image, label }))).diagnostic;
    expect(failure).toMatchObject({
      code: 'E0219',
      help: expect.stringContaining('createTrainer({ records') as string,
    });
  });
});
