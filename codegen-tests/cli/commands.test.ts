import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PROGRAM, sampleFolder } from './sample-program.ts';
import { netc } from './recording-host.ts';
import { changed } from '../support/changed.ts';

let folder = '';
let file = '';
beforeAll(() => {
  folder = sampleFolder();
  file = path.join(folder, 'points.net');
});
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

/** Writes a program beside the others. */
function program(name: string, text: string): string {
  const target = path.join(folder, name);
  fs.writeFileSync(target, text);
  return target;
}

interface Record_ {
  severity: string;
  code: string;
  message: string;
  file?: string;
  line?: number;
  column?: number;
  end_line?: number;
  end_column?: number;
}

const records = (stderr: string): Record_[] =>
  stderr
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record_);

describe('check', () => {
  test('a sound program', async () => {
    expect(await netc('check', file)).toEqual({ exitCode: 0, stdout: `${file}: no errors\n`, stderr: '' });
    expect(await netc('check', file, '--quiet')).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    expect(await netc('check', file, '--json')).toEqual({ exitCode: 0, stdout: '', stderr: '' });
  });

  test('several mistakes are found in one run', async () => {
    const wrong = program('wrong.net', changed(changed(PROGRAM, 'relu', 'rleu'), 'seed = 3', 'seeds = 3'));
    const { exitCode, stderr, stdout } = await netc('check', wrong);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^error\[E02\d\d\]: .*rleu/m);
    expect(stderr).toMatch(/^error\[E0206\]: .*seeds/m);
    expect(stderr).toContain(`  --> ${wrong}:`);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(stdout).toContain('2 errors');
  });

  test('with --json each is one object a line', async () => {
    const wrong = program('wrong.net', changed(changed(PROGRAM, 'relu', 'rleu'), 'seed = 3', 'seeds = 3'));
    const { exitCode, stdout, stderr } = await netc('check', wrong, '--json');
    const found = records(stderr);
    expect(exitCode).toBe(1);
    expect(stdout).toBe('');
    expect(found.map(({ severity, file: at }) => [severity, at])).toEqual([
      ['error', wrong],
      ['error', wrong],
    ]);
    const setting = found.find(({ code }) => code === 'E0206');
    const line = PROGRAM.split('\n').findIndex((text) => text.includes('seed')) + 1;
    expect(setting).toMatchObject({ line, column: 15, end_line: line, end_column: 20 });
  });

  test('a file that is not there, among others', async () => {
    const { exitCode, stderr, stdout } = await netc('check', path.join(folder, 'point.net'), file);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('error[E0702]: cannot read');
    expect(stderr).toContain('points.net');
    expect(stdout).toContain(`${file}: no errors`);
  });

  test('a file that is not text', async () => {
    fs.writeFileSync(path.join(folder, 'bytes.net'), Uint8Array.of(0xff, 0xfe, 0x00));
    const { exitCode, stderr } = await netc('check', path.join(folder, 'bytes.net'));
    expect(stderr).toContain('it is not text in UTF-8');
    expect(exitCode).toBe(1);
  });

  test('--set changes a `let`, and knows its names', async () => {
    expect((await netc('check', file, '--set', 'H=16')).exitCode).toBe(0);
    const { exitCode, stderr } = await netc('check', file, '--set', 'Q=16');
    expect(stderr).toContain('Q');
    expect(exitCode).toBeGreaterThan(0);
  });
});

describe('inspect', () => {
  test.each(['ast', 'graph', 'backward', 'passes', 'kernels', 'plan', 'memory', 'wgsl', 'host'])(
    'stage %s is text, the same every time',
    async (stage) => {
      const first = await netc('inspect', file, '--stage', stage);
      expect(first.exitCode).toBe(0);
      expect(first.stdout.length).toBeGreaterThan(100);
      expect(await netc('inspect', file, '--stage', stage)).toEqual(first);
      const all = await netc('inspect', file);
      expect(all.stdout).toContain(`=== ${stage} ===\n${first.stdout}`);
    },
  );

  test('--json is the report', async () => {
    const { stdout, exitCode } = await netc('inspect', file, '--json');
    expect(exitCode).toBe(0);
    expect(Object.keys(JSON.parse(stdout) as object)).toEqual([
      'program',
      'parameters',
      'graph',
      'kernels',
      'unfused',
      'fusion',
      'memory',
    ]);
  });
});

describe('gradcheck', () => {
  test('finds the gradients of every weight right', async () => {
    const { exitCode, stdout, stderr } = await netc('gradcheck', file);
    expect(stderr).toBe('');
    expect(exitCode).toBe(0);
    for (const name of ['hidden.weight', 'hidden.bias', 'out.weight', 'out.bias']) {
      expect(stdout).toMatch(new RegExp(`net\\.${name.replace('.', '\\.')} .* ok`));
    }
  });

  test('--json tells how far each is off', async () => {
    const { stdout } = await netc('gradcheck', file, '--json');
    const { weights } = JSON.parse(stdout) as {
      weights: { passed: boolean; worst_relative_error: number }[];
    };
    expect(weights).toHaveLength(4);
    for (const { passed, worst_relative_error: error } of weights) {
      expect(passed).toBe(true);
      expect(error).toBeLessThan(1e-5);
    }
  });
});

test('doctor tells the same to a person and to a program', async () => {
  const { stdout, exitCode } = await netc('doctor', '--json');
  const found = JSON.parse(stdout) as { cpu_threads: number; adapters: { name: string }[]; install?: string };
  expect(found.cpu_threads).toBeGreaterThan(0);
  // Without an adapter the processor still runs every program.
  expect(exitCode).toBe(0);
  const { stdout: text } = await netc('doctor');
  for (const { name } of found.adapters) expect(text).toContain(name);
  if (found.adapters.length === 0) expect(text).toContain(found.install);
});
