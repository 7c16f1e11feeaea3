/**
 * `npm test`: runs vitest with a WebGPU adapter, putting the software driver into .vulkan/ where the machine
 * has none. Arguments are passed on (`npm test -- codegen-tests/wgsl`). Without any adapter the tests that
 * need one are skipped and say so.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ensureAdapter } from './vulkan-environment.mjs';

const { env, adapter } = ensureAdapter();
const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
const child = spawn(process.execPath, [vitest, 'run', ...process.argv.slice(2)], {
  cwd: fileURLToPath(new URL('..', import.meta.url)),
  // Known now: the global setup need not ask again.
  env: { ...env, NETC_TEST_ADAPTER: adapter ?? '' },
  stdio: 'inherit',
});
child.on('error', (error) => {
  console.error(`vitest could not be started: ${error.message}`);
  process.exit(1);
});
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
