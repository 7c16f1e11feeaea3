/**
 * `npm run quickstart`: trains the digits of dsl-examples/glyphs.net and evaluates them on the test split: on a GPU
 * where there is one, else on the processor. Needs Node alone.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const main = fileURLToPath(new URL('../dist/compiler/cli/main.js', import.meta.url));
const program = 'dsl-examples/glyphs.net';
const weights = 'out/glyphs.safetensors';

if (!fs.existsSync(main)) {
  console.error('netc is not built yet: run `npm ci` (or `npm run build`) first.');
  process.exit(1);
}

/** Runs the command line in the project's folder and ends with its exit code where it fails. */
function netc(...argv) {
  console.log(`\n$ netc ${argv.join(' ')}`);
  const { status, signal } = spawnSync(process.execPath, [main, ...argv], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? (signal === 'SIGINT' ? 130 : 1));
}

netc('train', program);
netc('eval', program, '--weights', weights, '--split', 'test');
const lines = [
  '',
  `The weights are in ${weights}. Next:`,
  `  npx netc inspect ${program} --stage wgsl     the kernels, as a GPU gets them`,
  '  npx netc train dsl-examples/glyphs-residual.net          a layer of its own, dropout, normalization',
  '  npx netc --help                                          and README.md: your own data, your own network',
];
console.log(lines.join('\n'));
