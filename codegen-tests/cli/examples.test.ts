/** The programs of dsl-examples and of the README: checked, inspected, differentiated, trained. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { check } from '../../compiler/index.ts';
import type { InspectReport } from '../../compiler/index.ts';
import { gpuOrSkip } from '../support/gpu.ts';
import { netc } from './recording-host.ts';
import { changed } from '../support/changed.ts';
import {
  EXAMPLE_FILES,
  EXAMPLES,
  exampleFile,
  exampleText,
  TRAINABLE,
  withoutSaves,
} from '../support/examples.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const out = fs.mkdtempSync(path.join(os.tmpdir(), 'netc-examples-'));
afterAll(() => fs.rmSync(out, { recursive: true, force: true }));

type Event = Record<string, unknown> & { event: string; step?: number; loss?: number };

const events = (stdout: string): Event[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Event);

const KINDS = 'elementwise reduce row matmul conv attention pool gather scatter update'.split(' ');
const whole = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 0;

/** Holds a report against the interface page, field by field. */
function expectReport(report: InspectReport, program: string): void {
  expect(report.program).toBe(program);
  expect(
    Object.entries({ parameters: report.parameters, ...report.graph }).filter(([, n]) => !whole(n)),
  ).toEqual([]);
  expect(report.kernels.length).toBeGreaterThan(0);
  const pools = new Map(report.memory.pools.map(({ name, bytes }) => [name, bytes]));
  for (const kernel of report.kernels) {
    expect(KINDS).toContain(kernel.kind);
    expect(['forward', 'backward', 'update', 'evaluate']).toContain(kernel.phase);
    expect(kernel.ops.length).toBeGreaterThan(0);
    for (const size of [...kernel.workgroup, ...kernel.dispatch]) expect(size).toBeGreaterThan(0);
    expect([kernel.workgroup.length, kernel.dispatch.length]).toEqual([3, 3]);
    for (const { file, line, column } of kernel.source) {
      expect(file).toMatch(/\.net$/);
      expect(line * column).toBeGreaterThan(0);
    }
    for (const { pool, offset, bytes, access } of kernel.bindings) {
      expect(offset + bytes).toBeLessThanOrEqual(pools.get(pool) ?? -1);
      expect(['read', 'read_write']).toContain(access);
    }
    expect([1, 4]).toContain(kernel.vector_width);
    expect(whole(kernel.flops) && kernel.bytes > 0).toBe(true);
    expect(kernel.wgsl).toContain('@compute');
  }
  expect(new Set(report.kernels.map(({ id }) => id)).size).toBe(report.kernels.length);
  expect(report.unfused.kernels).toBeGreaterThan(0);
  expect(report.unfused.bytes).toBeGreaterThan(0);
  for (const { fused, reason } of report.fusion)
    expect([typeof fused, reason === '']).toEqual(['boolean', false]);
  const { naive_bytes: naive, planned_bytes: planned, lower_bound_bytes: bound, lifetimes } = report.memory;
  expect(bound).toBeLessThanOrEqual(planned);
  expect(planned).toBeLessThanOrEqual(naive);
  for (const { first, last, pool, offset, bytes } of lifetimes) {
    expect(first).toBeLessThanOrEqual(last);
    expect(offset + bytes).toBeLessThanOrEqual(pools.get(pool) ?? -1);
  }
}

describe.each(EXAMPLE_FILES)('%s', (name) => {
  const file = exampleFile(name);

  test('is sound', async () => {
    expect(await netc('check', file)).toMatchObject({ exitCode: 0, stderr: '' });
  });

  test('is reported as the interface page says, the same every time', async () => {
    const first = await netc('inspect', file, '--json');
    expectReport(JSON.parse(first.stdout) as InspectReport, path.basename(name, '.net'));
    expect(await netc('inspect', file, '--json')).toEqual(first);
  });

  test('has right gradients', async () => {
    expect(await netc('gradcheck', file)).toMatchObject({ exitCode: 0, stderr: '' });
  });
});

test.for(TRAINABLE)('%s learns', async (name, context) => {
  await gpuOrSkip(context);
  const file = withoutSaves(out, name);
  const argv = ['train', file, '--data', EXAMPLES, '--steps', '60', '--json', '--log-every', '1'];
  const { stdout, exitCode, stderr } = await netc(...argv);
  expect(stderr).toBe('');
  expect(exitCode).toBe(0);
  const losses = events(stdout).flatMap(({ event, loss }) => (event === 'step' ? [loss ?? NaN] : []));
  expect(losses).toHaveLength(60);
  expect(losses.at(-1)).toBeLessThan(0.8 * (losses[0] ?? 0));
});

test('the quickstart’s program gets 97 of 100 glyphs right', async (context) => {
  await gpuOrSkip(context);
  const file = path.join(out, 'quickstart.net');
  const best = path.join(out, 'best.safetensors');
  fs.writeFileSync(file, changed(exampleText('glyphs.net'), 'out/glyphs.safetensors', best));
  const flags = ['--data', EXAMPLES, '--json'];
  expect((await netc('train', file, ...flags)).exitCode).toBe(0);
  const weights = ['--weights', best];
  const { stdout } = await netc('eval', file, ...weights, '--split', 'test', ...flags);
  expect(events(stdout)).toHaveLength(1);
  expect(events(stdout)[0]?.['accuracy']).toBeGreaterThan(0.97);
});

test('the programs of the README are sound', () => {
  const readme = fs.readFileSync(path.join(root, 'README.md'), 'utf8');
  const blocks = [...readme.matchAll(/^```\n([^`]*?\ntrain on [^`]*?)```/gm)].map(([, text]) => text ?? '');
  const programs = blocks.filter((text) => text.startsWith('data '));
  expect(programs.length).toBeGreaterThanOrEqual(2);
  for (const text of programs) expect(check({ file: 'README.net', text })).toEqual([]);
});
