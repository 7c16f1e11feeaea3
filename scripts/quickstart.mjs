/**
 * `npm run quickstart`: trains the digits of dsl-examples/glyphs.net and evaluates them on the test split: on a GPU
 * where there is one, else on the processor. Needs Node alone. `npm run quickstart -- --device cpu|gpu` chooses;
 * `gpu` brings the software driver where the machine has none and can fetch it, else it ends with exit code 3.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ensureAdapter } from './vulkan-environment.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const main = fileURLToPath(new URL('../dist/compiler/cli/main.js', import.meta.url));
const program = 'dsl-examples/glyphs.net';
const weights = 'out/glyphs.safetensors';

if (!fs.existsSync(main)) {
  console.error('netc is not built yet: run `npm ci` (or `npm run build`) first.');
  process.exit(1);
}

const device = readDevice();
const env = device === 'gpu' ? environmentWithAdapter() : process.env;

/** What `--device` says; `auto` unless told. */
function readDevice() {
  try {
    const { values } = parseArgs({ options: { device: { type: 'string', default: 'auto' } } });
    if (['auto', 'cpu', 'gpu'].includes(values.device)) return values.device;
    console.error(`--device takes auto, cpu or gpu, not '${values.device}'`);
  } catch (error) {
    console.error(error.message);
  }
  process.exit(2);
}

/** The environment in which WebGPU finds an adapter; ends the process where there is none. */
function environmentWithAdapter() {
  const { env: found, adapter } = ensureAdapter();
  if (adapter) return found;
  console.error(
    [
      'There is no WebGPU adapter on this machine, and none could be brought.',
      'Install a Vulkan driver for the GPU, or a software one, and run this again:',
      '  Debian 12, Ubuntu   mesa-vulkan-drivers, 23.0 or later (on Debian 12 from bookworm-backports)',
      '  Fedora              sudo dnf install mesa-vulkan-drivers',
      '  Arch                sudo pacman -S vulkan-swrast',
      '`npx netc doctor` shows what is found; without --device gpu the processor does the work.',
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

netc('train', program, '--device', device);
netc('eval', program, '--weights', weights, '--split', 'test', '--device', device);
const lines = [
  '',
  `The weights are in ${weights}. Next:`,
  `  npx netc inspect ${program} --stage wgsl     the kernels, as a GPU gets them`,
  '  npx netc train dsl-examples/glyphs-residual.net          a layer of its own, dropout, normalization',
  '  npx netc --help                                          and README.md: your own data, your own network',
];
console.log(lines.join('\n'));
