/**
 * `npm run nightly`: what takes too long for every run. 500 random programs, kernels fused and unfused, from a seed of
 * the day (`npm run nightly -- SEED` for another); a failure is shrunk and written to out/fuzz/.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const seed = process.argv[2] ?? String(Math.floor(Date.now() / 86_400_000) * 1_000_000);
console.log(`random programs from seed ${seed}`);
const { status } = spawnSync(
  process.execPath,
  [fileURLToPath(new URL('run-tests.mjs', import.meta.url)), 'codegen-tests/fuzz/random-programs.test.ts'],
  { env: { ...process.env, NETC_FUZZ_COUNT: '500', NETC_FUZZ_SEED: seed }, stdio: 'inherit' },
);
process.exit(status ?? 1);
