import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it, type TestContext } from 'vitest';
import { compile, type InspectReport } from '../../compiler/index.ts';
import { netc } from '../cli/recording-host.ts';
import { eventsOf, lastEvaluation, stepsOf } from '../support/events.ts';
import { gpuOrSkip } from '../support/gpu.ts';
import { sharedOrSkip } from '../support/shared-files.ts';
import { EXAMPLE_FILES, EXAMPLES, exampleText } from '../support/examples.ts';

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'netc-examples-'));
afterAll(() => fs.rmSync(scratch, { recursive: true, force: true }));

/** Data that does not lie beside the example. */
const DATA: Record<string, string> = { 'mnist.net': 'data/mnist-10k' };

describe('every example', () => {
  it.each(EXAMPLE_FILES)('%s gives the same bytes twice', (file) => {
    const text = exampleText(file);
    const once = compile({ file, text });
    const again = compile({ file, text });
    expect(JSON.stringify(again.listing)).toBe(JSON.stringify(once.listing));
    expect(JSON.stringify(again.report())).toBe(JSON.stringify(once.report()));
  });
});

describe('inspect --json', () => {
  it.each(EXAMPLE_FILES)('%s follows the contract', async (file) => {
    const run = await netc('inspect', path.join(EXAMPLES, file), '--json');
    expect(run.exitCode).toBe(0);
    const report = JSON.parse(run.stdout) as InspectReport;
    expect(report.program).toBe(file.replace(/\.net$/, ''));
    expect(report.parameters).toBeGreaterThan(0);
    for (const phase of ['forward', 'backward', 'update'] as const)
      expect(report.graph[phase]).toBeGreaterThan(0);
    expect(new Set(report.kernels.map((k) => k.id)).size).toBe(report.kernels.length);
    const pools = new Map(report.memory.pools.map((p) => [p.name, p.bytes]));
    for (const kernel of report.kernels) {
      expect(kernel.wgsl).toContain('@compute');
      expect(kernel.source.length, kernel.id).toBeGreaterThan(0);
      expect([1, 4]).toContain(kernel.vector_width);
      expect(kernel.workgroup).toHaveLength(3);
      expect(kernel.dispatch).toHaveLength(3);
      expect(kernel.bytes).toBeGreaterThan(0);
      expect(kernel.bindings.length).toBeLessThanOrEqual(8);
      for (const b of kernel.bindings) expect(b.offset + b.bytes).toBeLessThanOrEqual(pools.get(b.pool)!);
    }
    expect(report.unfused.kernels).toBeGreaterThan(0);
    expect(report.memory.planned_bytes).toBeLessThanOrEqual(report.memory.naive_bytes);
    expect(report.memory.planned_bytes).toBeGreaterThanOrEqual(report.memory.lower_bound_bytes);
    for (const l of report.memory.lifetimes) expect(l.last).toBeGreaterThanOrEqual(l.first);
  });
});

describe.each(['cpu', 'gpu'] as const)('training an example, --device %s', (device) => {
  const needed = async (context: TestContext): Promise<void> => {
    if (device === 'gpu') await gpuOrSkip(context);
  };

  it('glyphs reaches 97 % on its test split and saves its weights', async (context) => {
    await needed(context);
    const out = path.join(scratch, `glyphs-${device}`);
    const run = await netc(
      ...['train', path.join(EXAMPLES, 'glyphs.net'), '--device', device, '--json', '--out', out],
    );
    expect(lastEvaluation(eventsOf(run), 'test')['accuracy']).toBeGreaterThanOrEqual(0.97);
    const again = await netc(
      ...[
        'eval',
        path.join(EXAMPLES, 'glyphs.net'),
        '--weights',
        path.join(out, 'weights.safetensors'),
        '--device',
        device,
        '--json',
      ],
    );
    expect(again.exitCode).toBe(0);
    expect(lastEvaluation(eventsOf(again), 'test')['accuracy']).toBeGreaterThanOrEqual(0.97);
  });

  it('mnist reaches 95 % on the test split', async (context) => {
    const data = sharedOrSkip(context, DATA['mnist.net']!);
    await needed(context);
    const run = await netc(
      ...['train', path.join(EXAMPLES, 'mnist.net'), '--data', data, '--device', device, '--json'],
    );
    expect(lastEvaluation(eventsOf(run), 'test')['accuracy']).toBeGreaterThanOrEqual(0.95);
  });

  it('flowers reaches 93 % on its validation split', async (context) => {
    await needed(context);
    const out = path.join(scratch, `flowers-${device}`);
    const run = await netc(
      ...['train', path.join(EXAMPLES, 'flowers.net'), '--device', device, '--json', '--out', out],
    );
    expect(lastEvaluation(eventsOf(run), 'valid')['accuracy']).toBeGreaterThanOrEqual(0.93);
  });

  const own = EXAMPLE_FILES.filter((file) => DATA[file] === undefined);
  it.for(own)('%s: the loss falls', async (file, context) => {
    await needed(context);
    const run = await netc(
      ...[
        'train',
        path.join(EXAMPLES, file),
        '--steps',
        '40',
        '--log-every',
        '1',
        '--device',
        device,
        '--json',
      ],
    );
    const losses = stepsOf(eventsOf(run)).map((e) => e['loss'] as number);
    const mean = (list: number[]): number => list.reduce((a, b) => a + b, 0) / list.length;
    expect(mean(losses.slice(-5))).toBeLessThan(mean(losses.slice(0, 5)));
  });
});

describe.each(['cpu', 'gpu'] as const)('one seed, --device %s', (device) => {
  const needed = async (context: TestContext): Promise<void> => {
    if (device === 'gpu') await gpuOrSkip(context);
  };

  it('gives the same bits twice, and another seed others', async (context) => {
    await needed(context);
    const losses = async (seed: string): Promise<unknown[]> => {
      const run = await netc(
        ...['train', path.join(EXAMPLES, 'glyphs.net'), '--steps', '5', '--log-every', '1'],
        ...['--seed', seed, '--device', device, '--json'],
      );
      return stepsOf(eventsOf(run)).map((e) => e['loss']);
    };
    const once = await losses('5');
    expect(await losses('5')).toEqual(once);
    expect(await losses('6')).not.toEqual(once);
  });
});
