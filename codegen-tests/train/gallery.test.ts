/** The examples that no other test trains: twenty steps lower the loss, on the CPU and on a GPU. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it, type TestContext } from 'vitest';
import { netc } from '../cli/recording-host.ts';
import { ALL_EXAMPLES, EXAMPLE_FILES, EXAMPLES, trainingCopy } from '../support/examples.ts';
import { eventsOf, stepsOf } from '../support/events.ts';
import { gpuOrSkip } from '../support/gpu.ts';
import { sharedOrSkip } from '../support/shared-files.ts';

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'netc-gallery-'));
afterAll(() => fs.rmSync(scratch, { recursive: true, force: true }));

/** Fed by a host program: host-examples.test.ts plays with it. */
const PLAYED = 'cart-pole.net';
const TRAINED = ALL_EXAMPLES.filter((name) => !EXAMPLE_FILES.includes(name) && name !== PLAYED);

/** For shaders that a software driver compiles. */
const MINUTES = 600_000;

function dataOf(context: TestContext, name: string): string {
  if (name === 'mnist-cnn.net') return sharedOrSkip(context, 'data/mnist-10k');
  return name === 'gpt.net' ? path.join(EXAMPLES, 'data/stories') : EXAMPLES;
}

/** The losses of the first block of steps: of two networks that play against each other, the one that judges. */
async function lossesOf(name: string, data: string, device: string): Promise<number[]> {
  const flags = ['--data', data, '--device', device, '--steps', '20', '--log-every', '1', '--json'];
  const steps = stepsOf(eventsOf(await netc('train', trainingCopy(scratch, name), ...flags)));
  expect(steps).toHaveLength(20);
  return steps.filter((step) => step['name'] === steps[0]!['name']).map((step) => step['loss'] as number);
}

const mean = (list: readonly number[]): number => list.reduce((sum, loss) => sum + loss, 0) / list.length;

describe.each([{ device: 'cpu' }, { device: 'gpu' }])('twenty steps, --device $device', ({ device }) => {
  it.for(TRAINED)('%s: the loss falls', { timeout: MINUTES }, async (name, context) => {
    const data = dataOf(context, name);
    if (device === 'gpu') await gpuOrSkip(context);
    const losses = await lossesOf(name, data, device);
    expect(mean(losses.slice(-5))).toBeLessThan(mean(losses.slice(0, 5)));
  });
});
