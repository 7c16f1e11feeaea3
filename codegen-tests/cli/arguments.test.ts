import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { formatBytes, formatCount, formatNumber, formatSeconds } from '../../runtime/report/format.ts';
import { assignPaths, parseNamePath } from '../../compiler/cli/name-path.ts';
import { prepareOutputFiles } from '../../runtime/node/output-files.ts';
import { RuntimeFailure } from '../../runtime/failure.ts';
import { CompileError } from '../../compiler/diagnostics.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'netc-cli-'));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

/** The first diagnostic that a function throws. */
function diagnosticOf(run: () => unknown): { code: string; message: string; help?: string } {
  try {
    run();
  } catch (error) {
    if (error instanceof CompileError && error.diagnostics[0]) return error.diagnostics[0];
    if (error instanceof RuntimeFailure) return error.diagnostic;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('[NAME=]path', () => {
  test.each([
    ['x.npy', { path: 'x.npy' }],
    ['image=x.npy', { name: 'image', path: 'x.npy' }],
    ['dir/a=b.npy', { path: 'dir/a=b.npy' }],
    ['x=a=b.npy', { name: 'x', path: 'a=b.npy' }],
  ])('%s', (text, expected) => expect(parseNamePath(text)).toEqual(expected));

  const words = { flag: '--input', what: 'input' };

  test('a file without a name is for the only one', () => {
    expect([...assignPaths([{ path: 'a' }], ['x'], words)]).toEqual([['x', 'a']]);
  });

  test.each([
    [[{ path: 'a' }], ['x', 'y'], 'there are x, y'],
    [[{ name: 'imgae', path: 'a' }], ['image', 'label'], 'did you mean `image`?'],
    [[{ name: 'q', path: 'a' }], ['image'], 'there is image'],
  ])('%j for %j is refused', (given, known, help) => {
    const found = diagnosticOf(() => assignPaths(given, known, words));
    expect(found.code).toBe('E0701');
    expect(found.help).toContain(help);
  });

  test('a name given twice is refused', () => {
    const twice = [
      { name: 'x', path: 'a' },
      { name: 'x', path: 'b' },
    ];
    expect(diagnosticOf(() => assignPaths(twice, ['x'], words)).message).toContain('x is given twice');
  });
});

describe('output files', () => {
  test('their folders are made', () => {
    prepareOutputFiles([path.join(folder, 'a/b/w-{epoch}.safetensors')]);
    expect(fs.statSync(path.join(folder, 'a/b')).isDirectory()).toBe(true);
    expect(fs.readdirSync(path.join(folder, 'a/b'))).toEqual([]);
  });

  test('a folder below a file is refused', () => {
    fs.writeFileSync(path.join(folder, 'file'), '');
    expect(diagnosticOf(() => prepareOutputFiles([path.join(folder, 'file/w.safetensors')])).code).toBe(
      'E0506',
    );
  });

  test('a folder in the place of a file is refused', () => {
    fs.mkdirSync(path.join(folder, 'w.safetensors'));
    const found = diagnosticOf(() => prepareOutputFiles([path.join(folder, 'w.safetensors')]));
    expect(found.code).toBe('E0506');
    expect(found.message).toContain('a folder has that name');
  });
});

test('numbers for a person', () => {
  expect([2.302585, 0.0123456, 1234.5678, 1e-7, 0, Number.NaN].map(formatNumber)).toEqual([
    '2.3026',
    '0.01235',
    '1234.6',
    '1.000e-7',
    '0',
    'NaN',
  ]);
  expect([0, 512, 1536, 128 * 1024 * 1024].map(formatBytes)).toEqual(['0 B', '512 B', '1.5 KiB', '128 MiB']);
  expect([7, 1234, 1234567].map(formatCount)).toEqual(['7', '1,234', '1,234,567']);
  expect([0.25, 12.34, 245, 3723].map(formatSeconds)).toEqual(['250 ms', '12.3 s', '4:05', '1:02:03']);
});
