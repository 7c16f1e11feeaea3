import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { largestDifference, spreadOf } from '../../compiler/cli/bench-figures.ts';
import { runCommandLine } from '../../compiler/cli/command-line.ts';
import { gpuOrSkip } from '../support/gpu.ts';
import { interruptedAt, netc, recordingHost } from './recording-host.ts';
import { PROGRAM, sampleFolder } from './sample-program.ts';
import { changed } from '../support/changed.ts';

let folder = '';
let file = '';
beforeAll(() => {
  folder = sampleFolder();
  file = path.join(folder, 'points.net');
});
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

const VARIANT = {
  kernels: expect.any(Number) as number,
  bytes: expect.any(Number) as number,
  ms: {
    min: expect.any(Number) as number,
    median: expect.any(Number) as number,
    max: expect.any(Number) as number,
  },
};

interface Line {
  unfused: { kernels: number; bytes: number };
  fused: { kernels: number; bytes: number };
  max_relative_loss_difference: number;
}

describe.each(['cpu', 'gpu'] as const)('bench --device %s', (device) => {
  test('one object a program, with the keys of the interface page', async (context) => {
    if (device === 'gpu') await gpuOrSkip(context);
    const run = await netc('bench', file, '--device', device, '--steps', '6', '--json');
    expect(run.stderr).toBe('');
    expect(run.exitCode).toBe(0);
    const line = JSON.parse(run.stdout) as Line;
    expect(line).toEqual({
      program: 'points',
      device,
      adapter: expect.any(String) as string,
      software: expect.any(Boolean) as boolean,
      steps: 6,
      unfused: VARIANT,
      fused: VARIANT,
      speedup: expect.any(Number) as number,
      max_relative_loss_difference: expect.any(Number) as number,
    });
    expect(line.fused.kernels).toBeLessThan(line.unfused.kernels);
    expect(line.fused.bytes).toBeLessThan(line.unfused.bytes);
    expect(line.max_relative_loss_difference).toBeLessThan(1e-4);
  });

  test('a table for people', async (context) => {
    if (device === 'gpu') await gpuOrSkip(context);
    const { stdout, exitCode } = await netc('bench', file, '--device', device, '--steps', '2');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('points on ');
    expect(stdout).toContain('2 steps each');
    expect(stdout).toMatch(/^ {2}unfused +\d+ /m);
    expect(stdout).toMatch(/^ {2}fused +\d+ /m);
    expect(stdout).toMatch(/speedup \d+\.\d\d; (equal losses|losses equal to)/);
    if (device === 'cpu') expect(stdout).not.toContain('software adapter');
  });
});

describe('what a bench does besides', () => {
  test('several programs, with gradients that add up, several steps and standardized data', async () => {
    const other = '  step other {\n    loss = mean(net(x)^2)\n    minimize loss with sgd(lr = 0.01)\n  }\n';
    const text = [
      ['x[B, 3] = x * 2', 'x[B, 3] = x -> standardize'],
      ['epochs = 4', 'accumulate = 2, epochs = 4'],
      ['  step {', '  step one(times = 2) {'],
      ['  eval =', `${other}  eval =`],
    ].reduce((program, [part = '', instead = '']) => changed(program, part, instead), PROGRAM);
    const second = path.join(folder, 'second.net');
    fs.writeFileSync(second, text);
    const run = await netc('bench', file, second, '--device', 'cpu', '--steps', '7', '--json');
    expect(run.stderr).toBe('');
    const lines = run.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Line & { program: string });
    expect(lines.map(({ program }) => program)).toEqual(['points', 'second']);
    for (const line of lines) expect(line.max_relative_loss_difference).toBeLessThan(1e-4);
  });

  test('a program that is missing is reported, the others are measured', async () => {
    const missing = path.join(folder, 'none.net');
    const run = await netc('bench', missing, file, '--device', 'cpu', '--steps', '1', '--json');
    expect(JSON.parse(run.stderr)).toMatchObject({ code: 'E0702' });
    expect(JSON.parse(run.stdout)).toMatchObject({ program: 'points' });
    expect(run.exitCode).toBe(1);
  });

  test('no speed is told of losses that are not numbers', async () => {
    const broken = path.join(folder, 'broken.net');
    fs.writeFileSync(broken, changed(PROGRAM, 'cross_entropy(logits, y)', 'log(-mean(logits * logits))'));
    const run = await netc('bench', broken, '--device', 'cpu', '--steps', '1');
    expect(run.stderr).toContain('error[E0605]');
    expect(run.stdout).not.toContain('speedup');
    expect(run.exitCode).toBe(4);
  });

  test('Ctrl-C ends it after the round, with its own exit code', async () => {
    const recording = recordingHost({ terminal: true });
    const host = interruptedAt(recording, ' of 100000');
    const argv = ['bench', file, '--device', 'cpu', '--steps', '100000'];
    expect(await runCommandLine(argv, host)).toBe(130);
    const rounds = recording.written.stdout.split(' of 100000');
    expect(rounds).toHaveLength(2);
    expect(rounds[1]).toContain('interrupted');
    expect(rounds[1]).not.toContain('speedup');
    expect(recording.left).toEqual([]);
  });
});

describe('figures', () => {
  test('the middle of times', () => {
    expect(spreadOf([3, 1, 2])).toEqual({ min: 1, median: 2, max: 3 });
    expect(spreadOf([4, 1, 2, 3])).toEqual({ min: 1, median: 2.5, max: 4 });
  });

  test('differences are relative to the loss, of small ones to a hundredth of the largest', () => {
    expect(largestDifference([2.2, 1], [2, 1])).toBeCloseTo(0.1);
    expect(largestDifference([10, 0.0002], [10, 0.0001])).toBeCloseTo(0.001);
    expect(largestDifference([0], [0])).toBe(0);
  });

  test('what is missing or not a number is never equal', () => {
    expect(largestDifference([1], [1, 1])).toBeNaN();
    expect(largestDifference([NaN], [1])).toBeNaN();
    expect(largestDifference([1], [NaN])).toBeNaN();
    expect(largestDifference([NaN, 1], [1, 1])).toBeNaN();
  });
});
