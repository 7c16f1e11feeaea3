/** Opening devices: what is refused, what a device tells of itself, and that a process ends when it closes one. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listAdapters, openDevice, openNullDevice } from '../../runtime/device.ts';
import { gpuOrSkip, validateWgsl } from '../support/gpu.ts';

describe('openDevice', () => {
  it('keeps the default limits', async (context) => {
    await gpuOrSkip(context);
    const device = await openDevice();
    expect(device.limits['maxStorageBuffersPerShaderStage']).toBe(8);
    expect(device.limits['minStorageBufferOffsetAlignment']).toBe(256);
    expect(device.name).not.toBe('');
    device.close();
  });

  it('refuses limits the adapter does not grant', async (context) => {
    await gpuOrSkip(context);
    const asked = openDevice({ limits: { maxStorageBuffersPerShaderStage: 1_000_000 } });
    await expect(asked).rejects.toMatchObject({ diagnostic: { code: 'E0601' } });
  });

  it('lists the adapter it opens', async (context) => {
    const device = await gpuOrSkip(context);
    const adapters = await listAdapters();
    expect(adapters.map((adapter) => adapter.name)).toContain(device.name);
    expect(adapters[0]?.limits['maxBufferSize']).toBeGreaterThanOrEqual(256 * 1024 * 1024);
  });

  it('collects errors that no scope caught', async () => {
    const device = await openNullDevice();
    device.gpu.createBuffer({ size: 16, usage: 0xffff });
    expect(await device.failed).toMatch(/usage/i);
    expect(device.errors).toHaveLength(1);
    device.close();
  });
});

describe('the null device', () => {
  it('accepts a valid shader and names the fault of another', async () => {
    const shader = (value: string) =>
      `@group(0) @binding(0) var<storage, read_write> out: array<f32>;
       @compute @workgroup_size(1) fn main() { out[0] = ${value}; }`;
    expect(await validateWgsl(shader('1.5'), ['storage'])).toEqual([]);
    expect((await validateWgsl(shader('1.0 / 0.0'), ['storage'])).join()).toMatch(/error/);
  });
});

describe('a process', () => {
  const execute = promisify(execFile);
  let folder = '';

  // Node 20 does not run TypeScript: the files of the runtime that it takes, as JavaScript.
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'netc-device-'));
    const root = fileURLToPath(new URL('../..', import.meta.url));
    await mkdir(join(folder, 'node'));
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
    for (const name of ['device', 'device-class', 'failure', 'in-node', 'node/webgpu-instance']) {
      const text = await readFile(join(root, 'runtime', `${name}.ts`), 'utf8');
      const { outputText } = ts.transpileModule(text, {
        compilerOptions: {
          target: ts.ScriptTarget.ES2022,
          module: ts.ModuleKind.ESNext,
          rewriteRelativeImportExtensions: true,
        },
      });
      await writeFile(join(folder, `${name}.js`), outputText);
    }
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function run(lines: string, env: Record<string, string> = {}): Promise<string> {
    await writeFile(join(folder, 'main.js'), `import { openDevice } from './device.js';\n${lines}`);
    const { stdout } = await execute(process.execPath, [join(folder, 'main.js')], {
      env: { ...process.env, ...env },
    });
    return stdout;
  }

  it('is told what to install when there is no driver', async () => {
    const lines = `await openDevice().catch((e) => console.log(e.diagnostic.code, e.diagnostic.help));`;
    const text = await run(lines, { VK_DRIVER_FILES: '/missing.json', VK_ICD_FILENAMES: '/missing.json' });
    if (process.platform !== 'linux') return;
    expect(text).toMatch(/^E0601/);
    expect(text).toContain('scripts/software-vulkan.sh');
  });

  it('ends by itself once its device is closed', async (context) => {
    await gpuOrSkip(context);
    const text = await run(`
      const device = await openDevice();
      const buffer = device.gpu.createBuffer({ size: 256, usage: GPUBufferUsage.COPY_DST });
      device.gpu.queue.writeBuffer(buffer, 0, new Uint8Array(256));
      await device.gpu.queue.onSubmittedWorkDone();
      void device.lost.then(() => console.log('lost'));
      device.close();
      process.on('exit', (code) => console.log('ended', code));
    `);
    expect(text).toBe('ended 0\n');
  });
});
