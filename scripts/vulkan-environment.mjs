/**
 * Finds out whether this machine has a WebGPU adapter, and if not, puts the software driver in place.
 * In: the environment. Out: the environment for child processes that use the GPU. Nothing is asked of the
 * user; what was done is said in one line on stderr.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

// The object of create() stays referenced until the process ends: dropping it earlier may abort Node.
const PROBE = `
  try {
    const { create } = await import('webgpu');
    globalThis.webgpuInstance = create([]);
    const adapter = await globalThis.webgpuInstance.requestAdapter();
    if (adapter) console.log('adapter:' + (adapter.info.description || adapter.info.device || 'unnamed'));
    process.exit(0);
  } catch (error) {
    console.log('failure:' + String(error.message ?? error).split('\\n')[0]);
    process.exit(0);
  }
`;

/** The name of the adapter that a process with this environment gets, or why it gets none. */
export function probeAdapter(env) {
  const child = spawnSync(process.execPath, ['--input-type=module', '--eval', PROBE], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env,
    encoding: 'utf8',
    timeout: 60_000,
  });
  const line = (child.stdout ?? '').split('\n').find((text) => /^(adapter|failure):/.test(text));
  if (line?.startsWith('adapter:')) return { adapter: line.slice('adapter:'.length) };
  return { reason: line?.slice('failure:'.length) ?? 'no WebGPU adapter' };
}

/**
 * @returns {{ env: Record<string, string | undefined>, adapter?: string, software: boolean }}
 *   `adapter` is absent where none could be found or made; tests that need one are then skipped.
 */
export function ensureAdapter() {
  const found = probeAdapter(process.env);
  if (found.adapter) {
    console.error(`WebGPU adapter: ${found.adapter}`);
    return {
      env: process.env,
      adapter: found.adapter,
      software: /llvmpipe|swiftshader/i.test(found.adapter),
    };
  }
  const added = softwareDriver();
  const env = { ...process.env, ...added };
  const second = added ? probeAdapter(env) : found;
  if (!second.adapter) {
    console.error(`WebGPU adapter: none (${second.reason}); what needs one is left out`);
    return { env: process.env, software: false };
  }
  console.error(`WebGPU adapter: ${second.adapter} (software driver in .vulkan/; no GPU driver found)`);
  return { env, adapter: second.adapter, software: true };
}

/** The variables that scripts/software-vulkan.sh exports, or nothing where it cannot serve. */
export function softwareDriver() {
  if (process.platform !== 'linux') return undefined;
  const names = ['VK_DRIVER_FILES', 'LD_LIBRARY_PATH', 'MESA_SHADER_CACHE_DIR'];
  const child = spawnSync(
    'bash',
    [
      '-c',
      `lines="$(bash "$1")" && eval "$lines" && printf '%s\\0' ${names.map((name) => `"$${name}"`).join(' ')}`,
      'bash',
      fileURLToPath(new URL('software-vulkan.sh', import.meta.url)),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' },
  );
  if (child.status !== 0) return undefined;
  const values = child.stdout.split('\0');
  return Object.fromEntries(names.map((name, index) => [name, values[index]]));
}
