import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * Embeds std.net and bundles the runtime before the tests, so that an edit is seen without a build, and sees to it that
 * the workers, which are forked after this, find a WebGPU adapter (`npm test` has done so already).
 */
export async function setup(): Promise<void> {
  for (const script of ['embed-standard-library.mjs', 'bundle-runtime.mjs']) {
    execFileSync(process.execPath, [fileURLToPath(new URL(`../../scripts/${script}`, import.meta.url))]);
  }
  if (process.env['NETC_TEST_ADAPTER'] !== undefined) return;
  const script = new URL('../../scripts/vulkan-environment.mjs', import.meta.url).href;
  const { ensureAdapter } = (await import(script)) as {
    ensureAdapter: () => { env: Record<string, string | undefined>; adapter?: string };
  };
  Object.assign(process.env, ensureAdapter().env);
}
