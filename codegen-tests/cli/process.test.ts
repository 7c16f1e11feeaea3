/** The built command line as a process: what only a process has. `prepare` builds it; a stale one is built anew. */
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gpuOrSkip } from '../support/gpu.ts';
import { PROGRAM, sampleFolder } from './sample-program.ts';
import { changed } from '../support/changed.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const main = path.join(root, 'dist/compiler/cli/main.js');

/** Newest modification of any file below a folder. */
function newest(folder: string): number {
  const entries = fs.readdirSync(folder, { recursive: true, withFileTypes: true });
  return Math.max(...entries.map((entry) => fs.statSync(path.join(entry.parentPath, entry.name)).mtimeMs));
}

function isStale(): boolean {
  if (!fs.existsSync(main)) return true;
  const built = fs.statSync(main).mtimeMs;
  return ['compiler', 'runtime'].some((name) => newest(path.join(root, name)) > built);
}

function netc(argv: readonly string[], environment: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...argv], {
    encoding: 'utf8',
    env: { ...process.env, ...environment },
  });
  return { exitCode: status, stdout, stderr };
}

describe('the built command line', () => {
  let folder = '';
  let file = '';

  beforeAll(() => {
    folder = sampleFolder();
    file = path.join(folder, 'points.net');
    if (!isStale()) return;
    const build = spawnSync('npm', ['run', 'build'], { cwd: root, encoding: 'utf8' });
    expect(`${build.stdout}${build.stderr}`).not.toContain('error TS');
    // tsc leaves files alone whose text did not change.
    fs.utimesSync(main, new Date(), new Date());
  });
  afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

  test('can be executed and knows its version', () => {
    fs.accessSync(main, fs.constants.X_OK);
    const { version } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')) as {
      version: string;
    };
    expect(netc(['--version'])).toEqual({ exitCode: 0, stdout: `${version}\n`, stderr: '' });
  });

  test('ends with the exit codes of the interface page', () => {
    expect(netc(['check', file]).exitCode).toBe(0);
    expect(netc(['check', path.join(folder, 'none.net')]).exitCode).toBe(1);
    expect(netc(['check', file, '--nonsense']).exitCode).toBe(2);
  });

  test('without a device ends with 3 and says what to install', (context) => {
    if (process.platform !== 'linux') context.skip('hides drivers of Vulkan, as Linux has them');
    const none = { VK_DRIVER_FILES: path.join(folder, 'none.json') };
    const { exitCode, stderr } = netc(['train', file, '--device', 'gpu'], none);
    expect(stderr).toMatch(/^error\[E0601\]: /m);
    expect(stderr).toMatch(/help: .*[Ii]nstall/);
    expect(exitCode).toBe(3);
  });

  test.for(['cpu', 'gpu'])(
    'Ctrl-C ends a run with 130 and the weights saved, --device %s',
    async (device, context) => {
      if (device === 'gpu') await gpuOrSkip(context);
      const long = path.join(folder, 'long.net');
      fs.writeFileSync(long, changed(PROGRAM, 'epochs = 4', 'steps = 1000000'));
      const out = path.join(folder, `run-${device}`);
      const child = spawn(process.execPath, [
        main,
        'train',
        long,
        '--device',
        device,
        '--json',
        '--out',
        out,
      ]);
      let stdout = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        if (!stdout.includes('"step":10,') && (stdout + text).includes('"step":10,')) child.kill('SIGINT');
        stdout += text;
      });
      const exitCode = await new Promise((resolve) => child.on('close', resolve));
      expect(exitCode).toBe(130);
      expect(stdout).toContain('"event":"save"');
      expect(fs.existsSync(path.join(out, 'weights.safetensors'))).toBe(true);
    },
  );

  test('writes everything before it ends, also into a pipe', () => {
    const { stdout, exitCode } = netc(['inspect', file, '--json']);
    expect(exitCode).toBe(0);
    expect((JSON.parse(stdout) as { program: string }).program).toBe('points');
  });

  test('a reader that leaves early is no error', (context) => {
    const found = spawnSync('bash', ['-c', 'command -v head']);
    if (found.status !== 0) context.skip('needs bash and head, which a machine with Node alone lacks');
    const script = `"${process.execPath}" "${main}" inspect "${file}" | head -n 1; exit "\${PIPESTATUS[0]}"`;
    const { status, stdout, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
    expect(stdout).toBe('=== ast ===\n');
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });
});
