import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { netc } from '../cli/recording-host.ts';
import { eventsOf, stepsOf } from '../support/events.ts';
import { gpuOrSkip } from '../support/gpu.ts';
import { sharedOrSkip } from '../support/shared-files.ts';

interface Results {
  runs: { peer: string; workload: string; losses?: number[] }[];
}

/** Workloads of the side-by-side benchmarks whose layers are all there. */
const WORKLOADS: readonly (readonly [string, string])[] = [
  ['mlp', 'cpu'],
  ['mlp', 'gpu'],
  ['cnn', 'cpu'],
  ['cnn', 'gpu'],
  ['gpt', 'cpu'],
  ['gpt', 'gpu'],
];

describe('first losses as TensorFlow.js, jax-js and PyTorch compute them', () => {
  for (const [workload, device] of WORKLOADS)
    it(`${workload}, --device ${device}`, async (context) => {
      const peers = sharedOrSkip(context, 'peers');
      if (device === 'gpu') await gpuOrSkip(context);
      const { runs } = JSON.parse(fs.readFileSync(path.join(peers, 'results.json'), 'utf8')) as Results;
      const wanted = runs.find((run) => run.peer.startsWith('torch') && run.workload === workload)!.losses!;
      const inputs = fs.mkdtempSync(path.join(os.tmpdir(), 'netc-peers-'));
      try {
        execFileSync(process.execPath, [path.join(peers, 'netc/make-inputs.mjs'), inputs]);
        const run = await netc(
          ...['train', path.join(peers, `netc/${workload}.net`), '--data', inputs],
          ...['--init', path.join(inputs, `${workload}.init.safetensors`)],
          ...['--steps', '6', '--log-every', '1', '--device', device, '--json'],
        );
        const losses = stepsOf(eventsOf(run)).map((e) => e['loss'] as number);
        expect(losses).toHaveLength(6);
        losses.forEach((loss, i) =>
          expect(Math.abs(loss - wanted[i]!), `step ${i + 1}`).toBeLessThanOrEqual(1e-4),
        );
      } finally {
        fs.rmSync(inputs, { recursive: true, force: true });
      }
    });
});
