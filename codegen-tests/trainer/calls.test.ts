/** Calls of a trainer that meet others on their way: refused where they would change what is read, ended where it is gone. */
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, type TestContext } from 'vitest';
import type { CompiledTrainer } from '../../runtime/trainer/compiled-trainer.ts';
import { createTrainer } from '../../runtime/trainer/create-trainer.ts';
import type { TrainerProgram } from '../../runtime/trainer/trainer-program.ts';
import { failureOf as failureOfWork } from '../support/failure.ts';
import { gpuOrSkip } from '../support/gpu.ts';
import { compileInto, emptyFolder, importTrainer } from './compiled.ts';

const temporary = emptyFolder();
afterAll(() => fs.rmSync(temporary, { recursive: true, force: true }));

const TEXT = `
data pairs {
  x[B, 4]
  batch = 4
}
model A: x[B, 4] -> y[B, 2] { return x -> dense(2) }
train on pairs {
  steps = 100, seed = 3
  step {
    loss = mean((A(x) - 1) ^ 2)
    minimize loss with adam(lr = 0.1)
  }
}
`;
const batch = { x: Float32Array.from({ length: 16 }, (_, i) => Math.sin(i)) };

let program: TrainerProgram;
beforeAll(async () => {
  const file = path.join(temporary, 'calls.net');
  fs.writeFileSync(file, TEXT);
  const folder = await compileInto(temporary, file, '--emit', 'both', '--single');
  ({ program } = await importTrainer<{ program: TrainerProgram }>(folder));
});

const failureOf = (call: () => unknown): Promise<string> =>
  failureOfWork(call).then(({ diagnostic: { code, message } }) => `${code} ${message}`);

const DISPOSED = 'E0701 this trainer was disposed of';

describe.each(['cpu', 'gpu'] as const)('on the %s', (device) => {
  async function opened(context: TestContext, signal?: AbortSignal): Promise<CompiledTrainer> {
    if (device === 'gpu') await gpuOrSkip(context);
    return await createTrainer(program, { device, ...(signal ? { signal } : {}) });
  }

  test('nothing moves the weights while they are read', async (context) => {
    const trainer = await opened(context);
    await trainer.step(batch).loss;
    const still = await trainer.save();
    const reads: [string, () => Promise<unknown>][] = [
      ['save', () => trainer.save()],
      ['evaluate', () => trainer.evaluate(batch)],
      ['predict', () => trainer.predict(batch)],
      ['gradients', () => trainer.gradients(batch)],
    ];
    for (const [name, read] of reads) {
      const reading = read();
      const refused = `E0701 ${name}() is on its way and reads what this call would change`;
      const moves = [() => trainer.step(batch), () => trainer.load(still), () => trainer.gradients(batch)];
      // All at once: the processor may be done at the next turn.
      expect(await Promise.all(moves.map(failureOf))).toEqual([refused, refused, refused]);
      await reading;
    }
    // Reads do not mind each other; afterwards steps go on.
    const [one, other] = await Promise.all([trainer.save(), trainer.save()]);
    expect([one, other]).toEqual([still, still]);
    expect(trainer.step(batch).step).toBe(2);
    trainer.dispose();
  });

  test('what is on its way when the trainer is disposed of ends', async (context) => {
    const trainer = await opened(context);
    const steps = [trainer.step(batch), trainer.step(batch)];
    const others = [trainer.save(), trainer.evaluate(batch), trainer.finished()];
    const works: Promise<unknown>[] = [...steps.map(({ loss }) => loss), ...others];
    // What was done already may be told.
    const ends = works.map((work) => work.then(() => DISPOSED, () => failureOf(() => work))); // prettier-ignore
    trainer.dispose();
    trainer.dispose();
    expect(new Set(await Promise.all(ends))).toEqual(new Set([DISPOSED]));
    expect(await failureOf(() => trainer.save())).toBe(DISPOSED);
  });

  test('its signal ends an evaluation that is on its way', async (context) => {
    const control = new AbortController();
    const trainer = await opened(context, control.signal);
    const many = { x: new Float32Array(4 * 4000) };
    const evaluating = trainer.evaluate(many, { signal: new AbortController().signal });
    control.abort(new Error('enough'));
    await expect(evaluating).rejects.toThrow('enough');
    trainer.dispose();
  });
});
