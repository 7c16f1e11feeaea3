/**
 * The software driver that the quickstart or the tests have put into `.vulkan/`: used where the machine has no
 * other adapter. The loader reads its environment when a process starts, so the command runs once more in a
 * child with that environment. In: the arguments. Out: the child's exit code, or undefined to go on here.
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Commands that open the device they are given. */
const DEVICE_COMMANDS = new Set(['train', 'eval', 'predict', 'bench']);

/** A software adapter is used only where it is asked for: `--device auto` takes the CPU target instead. */
function wantsAdapter(argv: readonly string[]): boolean {
  const [command] = argv;
  if (command === 'doctor') return true;
  const named = argv.some(
    (flag, i) => flag === '--device=gpu' || (flag === '--device' && argv[i + 1] === 'gpu'),
  );
  return named && DEVICE_COMMANDS.has(command ?? '');
}

const inPackage = (path: string): URL => new URL(`../../../${path}`, import.meta.url);

interface VulkanEnvironment {
  probeAdapter: (env: NodeJS.ProcessEnv) => { adapter?: string };
  softwareDriver: () => Record<string, string> | undefined;
}

export async function runWithSoftwareDriver(argv: readonly string[]): Promise<number | undefined> {
  const { env } = process;
  const chosen = env.VK_DRIVER_FILES ?? env.VK_ICD_FILENAMES;
  if (!wantsAdapter(argv) || chosen || !fs.existsSync(inPackage('.vulkan/ready'))) return undefined;
  const scripts = (await import(inPackage('scripts/vulkan-environment.mjs').href)) as VulkanEnvironment;
  // Asked in a process of its own: the loader complains on standard error where it finds no driver.
  if (scripts.probeAdapter(env).adapter !== undefined) return undefined;
  const driver = scripts.softwareDriver();
  return driver && (await runAgain(argv, { ...env, ...driver }));
}

function runAgain(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  // Ctrl-C reaches the child as well, which saves and ends; this process waits for it.
  process.on('SIGINT', () => undefined);
  const main = fileURLToPath(new URL('main.js', import.meta.url));
  const child = spawn(process.execPath, [main, ...argv], { env, stdio: 'inherit' });
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  return new Promise((resolve) => {
    child.on('error', () => resolve(1));
    child.on('exit', (code) => resolve(code ?? 1));
  });
}
