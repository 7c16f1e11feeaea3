/**
 * `npm run nightly`: what takes too long for every run. The losses that PyTorch computes, by the schedules of every class of
 * GPUs; then 2,000 random programs on both targets, fused and unfused, and for every class, in pieces of 50. A failure of
 * those is shrunk and written to out/fuzz/.
 *
 *   --seed S      the first seed; by default one of the day
 *   --count N     programs in all, 2,000 by default
 *   --resume      goes on after the last piece that was done, with the seed and the count of that run
 *   --file F.net  one program that was written down, again
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const PIECE = 50;
const folder = fileURLToPath(new URL('../out/fuzz/', import.meta.url));
const record = `${folder}nightly.json`;

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    count: { type: 'string' },
    resume: { type: 'boolean', default: false },
    file: { type: 'string' },
  },
});

const RANDOM = 'codegen-tests/fuzz/random-programs.test.ts';
/** What tests more where NETC_NIGHTLY is set. */
const WHOLE = ['codegen-tests/train/parity.test.ts'];

/** Runs test files with what they read from the environment; whether all passed. */
function run(files, environment) {
  const tests = fileURLToPath(new URL('run-tests.mjs', import.meta.url));
  const { status, signal } = spawnSync(process.execPath, [tests, '--reporter=verbose', ...files], {
    env: { ...process.env, ...environment },
    stdio: 'inherit',
  });
  if (signal) {
    console.error(`stopped by ${signal}; --resume goes on with what was stopped`);
    process.exit(1);
  }
  return status === 0;
}

const given = Object.keys(values).filter((name) => values[name]);
if (values.file !== undefined && given.length > 1) {
  console.error('--file runs one program: leave the other flags out');
  process.exit(2);
}
if (values.file !== undefined)
  process.exit(run([RANDOM], { NETC_FUZZ_FILE: path.resolve(values.file) }) ? 0 : 1);

if (values.resume && (values.seed !== undefined || values.count !== undefined)) {
  console.error(
    '--resume goes on with the seed and the count of the run before: leave --seed and --count out',
  );
  process.exit(2);
}
const ofToday = Math.floor(Date.now() / 86_400_000) * 1_000_000;
if (values.resume && !fs.existsSync(record)) {
  console.error(`there is nothing to resume: no ${record}`);
  process.exit(2);
}
const before = values.resume ? JSON.parse(fs.readFileSync(record, 'utf8')) : undefined;
const state = before ?? {
  seed: Number(values.seed ?? ofToday),
  count: Number(values.count ?? 2000),
  whole: undefined,
  done: 0,
  failed: [],
};
if (!Number.isInteger(state.seed) || !Number.isInteger(state.count)) {
  console.error('--seed and --count are whole numbers');
  process.exit(2);
}
fs.mkdirSync(folder, { recursive: true });
const keep = () => fs.writeFileSync(record, JSON.stringify(state));
if (state.whole === undefined) {
  state.whole = run(WHOLE, { NETC_NIGHTLY: '1' });
  keep();
}
while (state.done < state.count) {
  const count = Math.min(PIECE, state.count - state.done);
  // A test of ten programs has a thousand seeds to itself.
  const seed = state.seed + 100 * state.done;
  const start = Date.now();
  if (!run([RANDOM], { NETC_FUZZ_COUNT: String(count), NETC_FUZZ_SEED: String(seed) }))
    state.failed.push(seed);
  state.done += count;
  keep();
  const seconds = Math.round((Date.now() - start) / 1000);
  console.log(
    `${state.done} of ${state.count} programs; from seed ${seed} in ${seconds} s; pieces that failed: ${state.failed.length}`,
  );
}
if (state.failed.length > 0)
  console.log(`failed: pieces from seeds ${state.failed.join(', ')}; programs in ${folder}`);
if (!state.whole) console.log(`failed: ${WHOLE.join(' or ')}, with NETC_NIGHTLY=1`);
process.exit(state.failed.length > 0 || !state.whole ? 1 : 0);
