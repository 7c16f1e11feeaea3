/**
 * The examples that no other test trains: twenty steps lower the loss, on the CPU and on a GPU. A software driver compiles
 * the shaders of some for a minute and more: there, these wait for the nightly run.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { netc } from '../cli/recording-host.ts';
import { ALL_EXAMPLES, EXAMPLE_FILES, EXAMPLES, trainingCopy } from '../support/examples.ts';
import { eventsOf, stepsOf } from '../support/events.ts';
import { gpuOrSkip } from '../support/gpu.ts';

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'netc-gallery-'));
afterAll(() => fs.rmSync(scratch, { recursive: true, force: true }));

/** Fed by a host program (host-examples.test.ts plays with it), and on data that is not part of this repository. */
const ELSEWHERE = ['cart-pole.net', 'mnist-cnn.net'];
const TRAINED = ALL_EXAMPLES.filter((name) => !EXAMPLE_FILES.includes(name) && !ELSEWHERE.includes(name));

/** For shaders that a software driver compiles. */
const MINUTES = 600_000;

/** Those whose shaders a software driver compiles in seconds. */
const QUICK = [
  'films.net',
  'glyphs-fine-tune.net',
  'glyphs-svm.net',
  'glyphs-vae.net',
  'linear-regression.net',
  'logistic-regression.net',
  'melons.net',
  'spirals.net',
];

const dataOf = (name: string): string =>
  name === 'gpt.net' ? path.join(EXAMPLES, 'data/stories') : EXAMPLES;

/** The losses of the first block of steps: of two networks that play against each other, the one that judges. */
async function lossesOf(name: string, device: string): Promise<number[]> {
  const flags = ['--data', dataOf(name), '--device', device, '--steps', '20', '--log-every', '1', '--json'];
  const steps = stepsOf(eventsOf(await netc('train', trainingCopy(scratch, name), ...flags)));
  expect(steps).toHaveLength(20);
  return steps.filter((step) => step['name'] === steps[0]!['name']).map((step) => step['loss'] as number);
}

const mean = (list: readonly number[]): number => list.reduce((sum, loss) => sum + loss, 0) / list.length;

describe.each([{ device: 'cpu' }, { device: 'gpu' }])('twenty steps, --device $device', ({ device }) => {
  it.for(TRAINED)('%s: the loss falls', { timeout: MINUTES }, async (name, context) => {
    if (device === 'gpu') {
      const { software } = await gpuOrSkip(context);
      const slow = software && !QUICK.includes(name) && process.env['NETC_NIGHTLY'] !== '1';
      if (slow)
        context.skip('a software driver compiles its shaders for a minute and more: `npm run nightly`');
    }
    const losses = await lossesOf(name, device);
    expect(mean(losses.slice(-5))).toBeLessThan(mean(losses.slice(0, 5)));
  });
});
