import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { decodeSafetensors } from '../../runtime/checkpoint/safetensors.ts';
import { netc } from '../cli/recording-host.ts';
import { eventsOf, stepsOf } from '../support/events.ts';
import { gpuOrSkip } from '../support/gpu.ts';
import { sharedOrSkip } from '../support/shared-files.ts';

/** What PyTorch computed; the format is described in ../shared/parity/README.md. */
interface Expected {
  steps: number;
  losses: { step: number; name?: string; loss: number }[];
  evals?: { step: number; split: string; loss: number }[];
  final_weights_norm: Record<string, number>;
  final_weights_unstable?: string[];
  weights_rtol: number;
  rtol: number;
  floor: number;
}

const CASES = ['mlp', 'cnn_bn', 'autoencoder', 'svm', 'gpt', 'wgan_gp', 'lstm'];

/**
 * The processor, and the schedules of every class of WebGPU devices, and one kernel an operator. A software device is slow
 * with those of real ones and with many kernels, so that most cases take them in the nightly run alone.
 */
const TARGETS = [
  ['--device', 'cpu'],
  ['--device', 'cpu', '--fuse', 'off'],
  ['--device', 'gpu'],
] as const;
const CLASSES = [
  ['--device', 'gpu', '--fuse', 'off'],
  ['--device', 'gpu', '--class', 'small'],
  ['--device', 'gpu', '--class', 'large'],
] as const;
const isNightly = process.env['NETC_NIGHTLY'] === '1';
const inEveryClass = (name: string): boolean => name === 'svm' || isNightly;
/** Kernels with barriers take a software driver minutes to compile where it keeps none from an earlier run. */
const MOST_MILLISECONDS = isNightly ? 1_800_000 : 120_000;
const targetsOf = (name: string) => [...TARGETS, ...(inEveryClass(name) ? CLASSES : [])];

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'netc-parity-'));
afterAll(() => fs.rmSync(scratch, { recursive: true, force: true }));

describe('losses as PyTorch computes them', () => {
  const runs = CASES.flatMap((name) => targetsOf(name).map((flags) => ({ name, flags })));
  for (const { name, flags } of runs)
    it(`${name}, ${flags.join(' ')}`, { timeout: MOST_MILLISECONDS }, async (context) => {
      const device = flags[1];
      const folder = sharedOrSkip(context, `parity/${name}`);
      if (device === 'gpu') await gpuOrSkip(context);
      const expected = JSON.parse(fs.readFileSync(path.join(folder, 'expected.json'), 'utf8')) as Expected;
      const out = path.join(scratch, [name, ...flags].join('-'));
      const run = await netc(
        'train',
        path.join(folder, `${name}.net`),
        ...['--init', path.join(folder, 'init.safetensors')],
        ...['--steps', String(expected.steps), '--log-every', '1', ...flags, '--json', '--out', out],
      );
      const events = eventsOf(run);
      expect(events[0]!['backend']).toBe(device === 'cpu' ? 'cpu' : 'webgpu');
      const steps = stepsOf(events);
      expect(steps.map((e) => e['step'])).toEqual(expected.losses.map((e) => e.step));
      const near = (got: unknown, wanted: number, what: string): void => {
        const bound = expected.rtol * Math.max(Math.abs(wanted), expected.floor);
        expect(
          Math.abs((got as number) - wanted),
          `${what}: ${String(got)}, PyTorch ${wanted}`,
        ).toBeLessThanOrEqual(bound);
      };
      expected.losses.forEach((wanted, i) => {
        expect(steps[i]!['name']).toBe(wanted.name);
        near(steps[i]!['loss'], wanted.loss, `step ${wanted.step}`);
      });
      for (const wanted of expected.evals ?? []) {
        const event = events.find(
          (e) => e.event === 'eval' && e['step'] === wanted.step && e['split'] === wanted.split,
        );
        near(event?.['loss'], wanted.loss, `evaluation of ${wanted.split} at ${wanted.step}`);
      }

      const file = 'weights.safetensors';
      const weights = decodeSafetensors(fs.readFileSync(path.join(out, file)), file);
      const norms = new Map(weights.tensors.map((t) => [t.name, Math.hypot(...t.data)]));
      for (const [weight, wanted] of Object.entries(expected.final_weights_norm)) {
        if (expected.final_weights_unstable?.includes(weight)) continue;
        const got = norms.get(weight);
        expect(got, weight).toBeDefined();
        expect(Math.abs(got! - wanted), `norm of ${weight}: ${got}, PyTorch ${wanted}`).toBeLessThanOrEqual(
          expected.weights_rtol * wanted + 1e-12,
        );
      }
    });
});
