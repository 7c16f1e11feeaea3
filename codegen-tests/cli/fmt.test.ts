import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { netc } from './recording-host.ts';
import { sampleFolder } from './sample-program.ts';

const UGLY = 'let a=1\n';
const PRETTY = 'let a = 1\n';

describe('fmt', () => {
  let folder = '';
  beforeEach(() => {
    folder = sampleFolder();
  });
  afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

  function file(name: string, text: string): string {
    fs.writeFileSync(path.join(folder, name), text);
    return path.join(folder, name);
  }
  const read = (name: string): string => fs.readFileSync(name, 'utf8');

  test('lays out several files and says which', async () => {
    const [first, second] = [file('a.net', UGLY), file('b.net', PRETTY)];
    const { mtimeMs } = fs.statSync(second);
    expect(await netc('fmt', first, second)).toEqual({
      exitCode: 0,
      stdout: `${first}: laid out\n`,
      stderr: '',
    });
    expect([read(first), read(second)]).toEqual([PRETTY, PRETTY]);
    expect(fs.statSync(second).mtimeMs).toBe(mtimeMs);
    expect(await netc('fmt', first, second)).toEqual({ exitCode: 0, stdout: '', stderr: '' });
  });

  test('--check names the files, writes nothing and ends with 1', async () => {
    const [first, second] = [file('a.net', UGLY), file('b.net', PRETTY)];
    expect(await netc('fmt', '--check', first, second)).toEqual({
      exitCode: 1,
      stdout: `${first}\n`,
      stderr: '',
    });
    expect(read(first)).toBe(UGLY);
    expect((await netc('fmt', '--check', second)).exitCode).toBe(0);
  });

  test('a file with errors is left alone, its errors are printed, the others are laid out', async () => {
    const wrong = file('wrong.net', 'let a=(1\n');
    const other = file('other.net', UGLY);
    const { exitCode, stderr } = await netc('fmt', wrong, other, path.join(folder, 'missing.net'));
    expect(exitCode).toBe(1);
    expect(stderr).toContain('error[E0104]');
    expect(stderr).toContain('error[E0702]');
    expect([read(wrong), read(other)]).toEqual(['let a=(1\n', PRETTY]);
  });

  test('what means nothing yet is laid out all the same', async () => {
    const unknown = file('unknown.net', 'fn f(x)=nowhere(x)\n');
    expect((await netc('fmt', unknown)).exitCode).toBe(0);
    expect(read(unknown)).toBe('fn f(x) = nowhere(x)\n');
  });

  test('links and permissions stay', async () => {
    const target = file('a.net', UGLY);
    fs.chmodSync(target, 0o640);
    fs.symlinkSync(target, path.join(folder, 'link.net'));
    await netc('fmt', path.join(folder, 'link.net'));
    expect(read(target)).toBe(PRETTY);
    expect(fs.lstatSync(path.join(folder, 'link.net')).isSymbolicLink()).toBe(true);
    expect(fs.statSync(target).mode & 0o777).toBe(0o640);
    expect(fs.readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test('--json tells of every file', async () => {
    const [first, second] = [file('a.net', UGLY), file('b.net', PRETTY)];
    const { stdout } = await netc('fmt', '--json', first, second);
    const told = stdout.trimEnd().split('\n');
    expect(told.map((line) => JSON.parse(line) as unknown)).toEqual([
      { file: first, changed: true },
      { file: second, changed: false },
    ]);
  });
});

test.each(['dsl-examples', 'compiler/std'])('the programs of %s are laid out', async (name) => {
  const folder = path.join(import.meta.dirname, '../..', name);
  const files = fs.readdirSync(folder).filter((file) => file.endsWith('.net'));
  const { stdout, exitCode } = await netc('fmt', '--check', ...files.map((file) => path.join(folder, file)));
  expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 0 });
});
