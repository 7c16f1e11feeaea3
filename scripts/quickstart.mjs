/**
 * `npm run quickstart`: trains the digits of dsl-examples/glyphs.net and evaluates them on the test split.
 * Where the machine has no GPU that WebGPU can use, a software driver is put into .vulkan/ first (Debian and
 * its relatives). Exit code 3 where there is no device and none can be brought.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ensureAdapter } from './vulkan-environment.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const main = fileURLToPath(new URL('../dist/compiler/cli/main.js', import.meta.url));
const program = 'dsl-examples/glyphs.net';
const weights = 'out/glyphs.safetensors';

if (!fs.existsSync(main)) {
  console.error('netc is not built yet: run `npm ci` (or `npm run build`) first.');
  process.exit(1);
}

const { env, adapter } = ensureAdapter();
if (!adapter) {
  console.error(
    [
      'There is no WebGPU adapter on this machine, and none could be brought.',
      'Install a Vulkan driver for the GPU, or a software one, and run this again:',
      '  Debian 12, Ubuntu   mesa-vulkan-drivers, 23.0 or later (on Debian 12 from bookworm-backports)',
      '  Fedora              sudo dnf install mesa-vulkan-drivers',
      '  Arch                sudo pacman -S vulkan-swrast',
      '`npx netc doctor` shows what is found.',
    ].join('\n'),
  );
  process.exit(3);
}

/** Runs the command line in the project's folder and ends with its exit code where it fails. */
function netc(...argv) {
  console.log(`\n$ netc ${argv.join(' ')}`);
  const { status, signal } = spawnSync(process.execPath, [main, ...argv], {
    cwd: root,
    env,
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? (signal === 'SIGINT' ? 130 : 1));
}

netc('train', program, '--device', 'gpu');
netc('eval', program, '--weights', weights, '--split', 'test', '--device', 'gpu');
const borrowed = env.VK_DRIVER_FILES !== process.env.VK_DRIVER_FILES;
const lines = [
  '',
  `The weights are in ${weights}. Next:`,
  ...(borrowed
    ? ['  eval "$(scripts/software-vulkan.sh)"                     the software driver, once in each shell']
    : []),
  `  npx netc inspect ${program} --stage wgsl     the kernels that just ran`,
  '  npx netc train dsl-examples/glyphs-residual.net          a layer of its own, dropout, normalization',
  '  npx netc --help                                          and README.md: your own data, your own network',
];
console.log(lines.join('\n'));
