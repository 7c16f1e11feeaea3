/** How many dispatches a training step of the side-by-side workloads has, by class; train/device-work counts them on a device. */
import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { compile } from '../../compiler/index.ts';
import { profileOfClass } from '../../compiler/kernel/profile.ts';
import { sharedOrSkip } from '../support/shared-files.ts';

const LIMITS = [
  { workload: 'mlp', deviceClass: 'software', most: 11 },
  { workload: 'cnn', deviceClass: 'software', most: 22 },
  { workload: 'gpt', deviceClass: 'software', most: 120 },
  { workload: 'mlp', deviceClass: 'large', most: 11 },
  { workload: 'cnn', deviceClass: 'large', most: 22 },
  { workload: 'gpt', deviceClass: 'large', most: 90 },
] as const;

const OF_TRAINING = ['forward', 'backward', 'update'];

for (const { workload, deviceClass, most } of LIMITS)
  it(`${workload}, class ${deviceClass}: at most ${most}`, (context) => {
    const file = path.join(sharedOrSkip(context, 'peers'), `netc/${workload}.net`);
    const source = { file, text: fs.readFileSync(file, 'utf8') };
    const { kernels } = compile(source, { profile: profileOfClass(deviceClass) }).report();
    const training = kernels.filter(({ phase }) => OF_TRAINING.includes(phase));
    expect(training.length).toBeGreaterThan(0);
    expect(training.length).toBeLessThanOrEqual(most);
  });
