/** The command that trains the examples, and where their files lie. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
export const PAGE = path.join(ROOT, 'docs/examples');
const PROGRAMS = path.join(ROOT, 'dsl-examples');
const RUNS = path.join(ROOT, 'out/examples');
const NETC = path.join(ROOT, 'dist/compiler/cli/main.js');

export const programOf = (name) => path.join(PROGRAMS, `${name}.net`);
export const hostOf = (name) => path.join(PROGRAMS, `${name}.mjs`);
/** What the training of an example writes. */
export const runOf = (name, ...file) => path.join(RUNS, name, ...file);
export const weightsOf = (name) => runOf(name, 'weights.safetensors');

/** Standard output of a Node program; undefined, and its errors shown, where it fails. */
export function node(...argv) {
  const run = spawnSync(process.execPath, argv, {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return run.status === 0 ? run.stdout : undefined;
}

export const netc = (...argv) => node(NETC, ...argv);
