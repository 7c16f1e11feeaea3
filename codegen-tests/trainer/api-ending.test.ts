/** How a trainer that a host steps ends: disposed of, aborted, without its device. */
import { describe, expect, test } from 'vitest';
import { openDevice } from '../../runtime/device.ts';
import { createTrainer } from '../../runtime/trainer/create-trainer.ts';
import { failureOf } from '../support/failure.ts';
import { gpuOrSkip } from '../support/gpu.ts';
import { batchesOf, glyphsTrainers } from './opened.ts';

const { glyphs, records, trainerOf } = await glyphsTrainers();

describe('the end', () => {
  test('after `dispose` every call is an error', async () => {
    const trainer = await trainerOf(glyphs.program, { records });
    const [batch] = batchesOf(glyphs, 1);
    trainer.dispose();
    trainer.dispose();
    for (const call of [() => trainer.step(batch!), () => trainer.save(), () => trainer.evaluate(batch!)])
      expect((await failureOf(call)).diagnostic).toMatchObject({
        code: 'E0701',
        message: 'this trainer was disposed of',
      });
  });

  test('a signal that is aborted ends creation and calls with its reason', async () => {
    const aborted = AbortSignal.abort(new Error('enough'));
    await expect(createTrainer(glyphs.program, { device: 'cpu', signal: aborted })).rejects.toThrow('enough');
    const control = new AbortController();
    const trainer = await trainerOf(glyphs.program, { records, signal: control.signal });
    const [batch] = batchesOf(glyphs, 1);
    await trainer.step(batch!).loss;
    control.abort(new Error('no more'));
    expect(() => trainer.step(batch!)).toThrow('no more');
    await expect(trainer.evaluate(batch!)).rejects.toThrow('no more');
  });

  test('a lost device is told once and clearly, and by every later call', async (context) => {
    await gpuOrSkip(context);
    const device = await openDevice();
    const trainer = await createTrainer(glyphs.program, { device: device.gpu, records: 6400 });
    const [batch] = batchesOf(glyphs, 1);
    await trainer.step(batch!).loss;
    device.gpu.destroy();
    const lost = await trainer.lost;
    expect(lost.diagnostic).toMatchObject({
      code: 'E0602',
      message: expect.stringMatching(/^the device was lost: /) as string,
    });
    expect((await failureOf(() => trainer.step(batch!))).diagnostic).toMatchObject({ code: 'E0602' });
    expect((await failureOf(() => trainer.save())).diagnostic).toMatchObject({ code: 'E0602' });
    trainer.dispose();
  });
});
