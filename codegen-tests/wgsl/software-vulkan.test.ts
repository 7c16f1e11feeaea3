/** scripts/software-vulkan.sh where nothing can be fetched, and where all is there already. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const SCRIPT = fileURLToPath(new URL('../../scripts/software-vulkan.sh', import.meta.url));

/** A project of its own, with a space in its path. */
let project = '';

beforeEach(() => {
  project = join(mkdtempSync(join(tmpdir(), 'netc-vulkan-')), 'a project');
  mkdirSync(join(project, 'scripts'), { recursive: true });
  cpSync(SCRIPT, join(project, 'scripts', 'software-vulkan.sh'));
});
afterEach(() => rmSync(join(project, '..'), { recursive: true, force: true }));

const run = (env: Record<string, string> = {}) =>
  spawnSync('/bin/sh', ['-c', '"$0"', join(project, 'scripts', 'software-vulkan.sh')], {
    cwd: '/',
    env: { ...process.env, ...env },
    encoding: 'utf8',
  });

/** What the script is written in, and what these tests find it with. */
const TOOLS = ['which', 'dirname', 'mkdir', 'cat'];
const hasTools = spawnSync('bash', ['-c', `command -v ${TOOLS.join(' ')}`]).status === 0;
beforeEach((context) => {
  if (process.platform !== 'linux') context.skip('the script is for Linux');
  if (!hasTools) context.skip(`needs bash, ${TOOLS.join(', ')}, which a machine with Node alone may lack`);
});

describe('software-vulkan.sh', () => {
  it('says what to install where there is no apt', () => {
    const tools = join(project, 'tools');
    mkdirSync(tools);
    for (const tool of ['bash', 'env', 'dirname', 'mkdir', 'cat']) {
      symlinkSync(execFileSync('which', [tool], { encoding: 'utf8' }).trim(), join(tools, tool));
    }
    const { status, stdout, stderr } = run({ PATH: tools });
    expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
    expect(stderr).toMatch(/'apt-get' not found.*Install/);
  });

  it('prints the environment at once where the driver is there, and takes no half state for it', () => {
    const place = join(project, '.vulkan');
    mkdirSync(join(place, 'lib'), { recursive: true });
    writeFileSync(join(place, 'lavapipe.json'), '{}');
    writeFileSync(join(place, 'ready'), /^recipe=(\d+)$/m.exec(readFileSync(SCRIPT, 'utf8'))?.[1] ?? '');
    const shell = (text: string) =>
      execFileSync(
        '/bin/bash',
        ['-c', `eval "$("$0")" && printf %s "${text}"`, join(project, 'scripts', 'software-vulkan.sh')],
        {
          env: { ...process.env, LD_LIBRARY_PATH: '/other' },
          encoding: 'utf8',
        },
      );
    expect(shell('$VK_DRIVER_FILES')).toBe(join(place, 'lavapipe.json'));
    expect(shell('$LD_LIBRARY_PATH')).toBe(`${join(place, 'lib')}:/other`);
    expect(existsSync(shell('$MESA_SHADER_CACHE_DIR'))).toBe(true);

    rmSync(join(place, 'lib'), { recursive: true });
    const tools = join(project, 'tools');
    mkdirSync(tools);
    for (const tool of ['bash', 'env', 'dirname', 'mkdir', 'cat']) {
      symlinkSync(execFileSync('which', [tool], { encoding: 'utf8' }).trim(), join(tools, tool));
    }
    expect(run({ PATH: tools }).status).toBe(3);
  });

  it('names no host', () => {
    expect(readFileSync(SCRIPT, 'utf8')).not.toMatch(/https?:\/\//);
  });
});
