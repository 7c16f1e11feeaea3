import { describe, expect, test, vi } from 'vitest';
import { countDispatches, limitsNeeded } from '../../runtime/device-limits.ts';
import { Naps } from '../../runtime/naps.ts';
import { planCopies } from '../../runtime/readback-ring.ts';
import type { RunHandle } from '../../runtime/step-runner.ts';
import { LateReads } from '../../runtime/train/late-reads.ts';
import { blockOf, isDue, planRun } from '../../runtime/train/run-plan.ts';
import { Stopwatch } from '../../runtime/train/stopwatch.ts';
import { UniformBlock } from '../../runtime/uniform.ts';
import { lineListing } from './line-listing.ts';

const TRAINING = { steps: 10, seed: 1, accumulate: 1, save: [] };

describe('UniformBlock', () => {
  test('header as u32, scalars as f32, padded to 16 bytes', () => {
    const scalar = { step: 0, formula: { kind: 'is_first_run' as const } };
    const block = new UniformBlock({
      bytes: 24,
      scalars: [
        { name: 'p', ...scalar },
        { name: 'q', ...scalar },
      ],
    });
    const bytes = block.pack({ seed: 2 ** 32 - 1, draw: 7, scalars: Float64Array.of(0.1, -2) }, 5);
    expect(bytes.byteLength).toBe(32);
    expect([...new Uint32Array(bytes.buffer, 0, 4)]).toEqual([2 ** 32 - 1, 7, 5, 0]);
    expect([...new Float32Array(bytes.buffer, 16, 2)]).toEqual([Math.fround(0.1), -2]);
  });
});

describe('planCopies', () => {
  test('neighbours travel in one copy, far ones in their own', () => {
    const plan = planCopies([
      { buffer: 1, offset: 256, bytes: 4 },
      { buffer: 1, offset: 0, bytes: 4 },
      { buffer: 1, offset: 100_096, bytes: 8 },
      { buffer: 0, offset: 512, bytes: 6 },
    ]);
    expect(plan.copies).toEqual([
      { range: { buffer: 0, offset: 512, bytes: 8 }, slotOffset: 0 },
      { range: { buffer: 1, offset: 0, bytes: 260 }, slotOffset: 8 },
      { range: { buffer: 1, offset: 100_096, bytes: 8 }, slotOffset: 268 },
    ]);
    expect(plan.placed.map(({ offset }) => offset)).toEqual([264, 8, 268, 0]);
    expect(plan.bytes).toBe(276);
  });

  test('a range inside another adds nothing', () => {
    const plan = planCopies([
      { buffer: 0, offset: 0, bytes: 64 },
      { buffer: 0, offset: 16, bytes: 4 },
    ]);
    expect(plan).toMatchObject({ bytes: 64, copies: [{ range: { bytes: 64 } }] });
    expect(plan.placed[1]?.offset).toBe(16);
  });
});

describe('limitsNeeded', () => {
  test('asks for nothing where the default limits do', () => {
    expect(limitsNeeded(lineListing({ training: TRAINING }))).toEqual({});
  });

  test('asks for what the listing exceeds', () => {
    const listing = lineListing({ training: TRAINING });
    listing.buffers[0]!.bytes = 2 ** 29;
    const command = listing.routines[0]?.commands[0];
    if (command?.kind === 'dispatch') command.bindings[0]!.bytes = 2 ** 28;
    listing.kernels[0]!.access = Array<'read'>(10).fill('read');
    expect(limitsNeeded(listing)).toEqual({
      maxBufferSize: 2 ** 29,
      maxStorageBufferBindingSize: 2 ** 28,
      maxStorageBuffersPerShaderStage: 10,
    });
  });
});

test('dispatches in a loop count as often as it runs', () => {
  const [dispatch] = lineListing({ training: TRAINING }).routines[0]!.commands;
  const inner = { kind: 'loop' as const, count: 3, body: [dispatch!, dispatch!] };
  expect(countDispatches([dispatch!, { kind: 'loop', count: 2, body: [inner] }])).toBe(13);
});

describe('planRun', () => {
  const block = (times: number) => ({ times, gradient: 0, evaluate: 0, metrics: [] });

  test('counts the runs of each block, a cut round included', () => {
    const plan = planRun({ ...TRAINING, steps: 10 }, [block(3), block(1)], 5);
    expect(plan.runs).toEqual([8, 2]);
    expect(plan.runsPerEpoch).toEqual([3.75, 1.25]);
    expect(Array.from({ length: 9 }, (_, i) => blockOf(plan, i + 1))).toEqual([0, 0, 0, 1, 0, 0, 0, 1, 0]);
  });

  test('epochs give whole steps of k batches; a limit leaves the runs as they are', () => {
    const training = { epochs: 3, seed: 1, accumulate: 2, save: [] };
    expect(planRun(training, [block(1)], 7)).toMatchObject({ steps: 10, runs: [10], runsPerEpoch: [3.5] });
    expect(planRun(training, [block(1)], 7, 4)).toMatchObject({ steps: 4, runs: [10] });
    expect(planRun(training, [block(1)], 7, 400)).toMatchObject({ steps: 10 });
  });

  test('durations are due when a multiple is reached or passed', () => {
    const plan = planRun(TRAINING, [block(1)], 10);
    const dueSteps = (count: number, unit: 'step' | 'epoch'): number[] =>
      Array.from({ length: 25 }, (_, i) => i + 1).filter((step) =>
        isDue({ count, unit }, plan, { step: step - 1, batches: step - 1 }, { step, batches: step }),
      );
    expect(dueSteps(10, 'step')).toEqual([10, 20]);
    expect(dueSteps(1, 'epoch')).toEqual([10, 20]);
    // 0.3 epochs are 3 steps, though 0.9 / 0.3 is below 3 in binary.
    expect(dueSteps(0.3, 'epoch')).toEqual([3, 6, 9, 12, 15, 18, 21, 24]);
  });
});

describe('Stopwatch', () => {
  test('counts the steps after the first, from the first read to the last', () => {
    const watch = new Stopwatch();
    watch.read(1, 10);
    expect(watch.stepsPerSecond).toBe(0);
    watch.read(11, 12);
    expect(watch.stepsPerSecond).toBe(5);
    expect(watch.firstRead).toBe(10);
  });

  test('leaves pauses out, the one after the last read as well', () => {
    const watch = new Stopwatch();
    watch.read(1, 10);
    watch.read(5, 11);
    watch.pause(12);
    watch.resume(112);
    watch.read(9, 113);
    watch.pause(113);
    watch.resume(999);
    expect(watch.stepsPerSecond).toBeCloseTo(8 / 3, 12);
  });
});

describe('LateReads', () => {
  /** A run whose outputs arrive when the test says. */
  function pending(): { handle: RunHandle; arrive: () => void; fail: (reason: Error) => void } {
    let arrive = (): void => undefined;
    let fail = (_: Error): void => undefined;
    const outputs = new Promise<Map<string, Float32Array>>((resolve, reject) => {
      arrive = () => resolve(new Map());
      fail = reject;
    });
    return { handle: { outputs: () => outputs }, arrive: () => arrive(), fail: (reason) => fail(reason) };
  }

  test('hands on in order, whatever arrives first', async () => {
    const reads = new LateReads(3);
    const [first, second] = [pending(), pending()];
    const seen: number[] = [];
    reads.add(first.handle, () => seen.push(1));
    reads.add(second.handle, () => seen.push(2));
    second.arrive();
    await Promise.resolve();
    expect(seen).toEqual([]);
    first.arrive();
    await reads.drain();
    expect(seen).toEqual([1, 2]);
  });

  test('makes the caller wait only when it is full', async () => {
    const reads = new LateReads(2);
    const [first, second] = [pending(), pending()];
    reads.add(first.handle, () => undefined);
    expect(reads.room()).toBeUndefined();
    reads.add(second.handle, () => undefined);
    const wait = reads.room();
    expect(wait).toBeInstanceOf(Promise);
    first.arrive();
    await wait;
    expect(reads.room()).toBeUndefined();
  });

  test('after a failure nothing is handed on, and the next call throws it', async () => {
    const reads = new LateReads(2);
    const [first, second] = [pending(), pending()];
    const seen: number[] = [];
    reads.add(first.handle, () => seen.push(1));
    reads.add(second.handle, () => seen.push(2));
    first.fail(new Error('gone'));
    second.arrive();
    await expect(reads.drain()).rejects.toThrow('gone');
    expect(() => reads.room()).toThrow('gone');
    expect(seen).toEqual([]);
  });
});

describe('Naps', () => {
  test('take turns of the event loop while something is awaited, and none after', async () => {
    const turns: (() => void)[] = [];
    const naps = new Naps((callback) => turns.push(callback));
    let arrive = (): void => undefined;
    const late = new Promise<void>((resolve) => (arrive = resolve));
    expect(naps.during(late)).toBe(late);
    naps.during(Promise.resolve()).catch(() => undefined);
    expect(turns).toHaveLength(1);
    turns.shift()?.();
    expect(turns).toHaveLength(1);
    arrive();
    await late;
    await Promise.resolve();
    turns.shift()?.();
    expect(turns).toHaveLength(0);
  });

  test('need nothing of a host without turns to space out', () => {
    vi.stubGlobal('SharedArrayBuffer', undefined);
    try {
      const late = Promise.resolve(1);
      expect(new Naps(undefined).during(late)).toBe(late);
    } finally {
      vi.unstubAllGlobals();
    }
  });
});
