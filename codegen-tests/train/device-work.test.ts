/**
 * What a step asks of the device, counted from outside by wrapping the prototypes of WebGPU, as the side-by-side
 * benchmarks count other libraries: buffers, writes, submits, dispatches.
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { netc } from '../cli/recording-host.ts';
import { gpuOrSkip } from '../support/gpu.ts';
import { sharedOrSkip } from '../support/shared-files.ts';
import { unwatch, watch } from '../support/watch-webgpu.ts';

interface Counts {
  dispatches: number;
  writes: number;
  creates: number;
}

/** Megabytes of buffers in all and dispatches of a step, at most. */
const LIMITS: readonly {
  readonly workload: string;
  readonly flags?: readonly string[];
  readonly megabytes: number;
  readonly dispatches: number;
}[] = [
  { workload: 'mlp', megabytes: 12, dispatches: 11 },
  { workload: 'cnn', megabytes: 20, dispatches: 22 },
  { workload: 'gpt', megabytes: 60, dispatches: 120 },
];
const STEPS = 4;

const counts: Counts = { dispatches: 0, writes: 0, creates: 0 };
const memory = { live: 0, most: 0 };
/** The counts at every submit. */
const submits: Counts[] = [];

beforeAll(() => {
  const sizes = new WeakMap<object, number>();
  watch('GPUComputePassEncoder', 'dispatchWorkgroups', () => counts.dispatches++);
  watch('GPUQueue', 'writeBuffer', () => counts.writes++);
  watch('GPUQueue', 'submit', () => submits.push({ ...counts }));
  watch('GPUDevice', 'createBuffer', (_device, [descriptor], buffer) => {
    const { size } = descriptor as GPUBufferDescriptor;
    counts.creates++;
    sizes.set(buffer as object, size);
    memory.live += size;
    memory.most = Math.max(memory.most, memory.live);
  });
  watch('GPUBuffer', 'destroy', (buffer) => {
    memory.live -= sizes.get(buffer) ?? 0;
    sizes.delete(buffer);
  });
});
afterAll(unwatch);

async function trainPeer(context: TestContext, workload: string, flags: readonly string[]): Promise<void> {
  const peers = sharedOrSkip(context, 'peers');
  await gpuOrSkip(context);
  const inputs = fs.mkdtempSync(path.join(os.tmpdir(), 'netc-peers-'));
  submits.length = 0;
  memory.most = memory.live;
  try {
    execFileSync(process.execPath, [path.join(peers, 'netc/make-inputs.mjs'), inputs]);
    const run = await netc(
      ...['train', path.join(peers, `netc/${workload}.net`), '--data', inputs],
      ...['--steps', String(STEPS), '--log-every', '1', '--device', 'gpu', '--quiet', ...flags],
    );
    expect(run.stderr).toBe('');
  } finally {
    fs.rmSync(inputs, { recursive: true, force: true });
  }
}

describe('what a step asks of the device', () => {
  for (const { workload, flags = [], megabytes, dispatches } of LIMITS)
    it(`${[workload, ...flags].join(' ')}: at most ${megabytes} MB and ${dispatches} dispatches`, async (context) => {
      const before = memory.live;
      await trainPeer(context, workload, flags);
      expect((memory.most - before) / 1e6).toBeLessThanOrEqual(megabytes);
      expect(memory.live).toBe(before);
      // One submit a step; what is counted between two of them is a step.
      expect(submits).toHaveLength(STEPS);
      submits.slice(1).forEach((now, i) => {
        const last = submits[i]!;
        expect(now.creates - last.creates).toBe(0);
        expect(now.writes - last.writes).toBeLessThanOrEqual(3);
        expect(now.dispatches - last.dispatches).toBeGreaterThan(0);
        expect(now.dispatches - last.dispatches).toBeLessThanOrEqual(dispatches);
      });
    });
});
