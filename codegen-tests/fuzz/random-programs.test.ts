/**
 * Random programs: 50 here and 50 in the file beside, in every run. `npm run nightly` asks for others by NETC_FUZZ_COUNT and
 * NETC_FUZZ_SEED, with every variant, or for one that was written down by NETC_FUZZ_FILE.
 */
import path from 'node:path';
import { fourVariants, isShort, testFailure, testPrograms } from './random-programs.ts';
import { ALL_VARIANTS } from './run-study.ts';
import { readFailure } from './search.ts';

const { NETC_FUZZ_COUNT: count, NETC_FUZZ_SEED: seed, NETC_FUZZ_FILE: file } = process.env;

if (file !== undefined) {
  const failure = readFailure(file);
  testFailure(path.basename(file), failure.text, failure.seed);
} else if (count !== undefined) testPrograms(Number(seed ?? 0), Number(count), () => ALL_VARIANTS);
else testPrograms(0, 50, fourVariants, isShort);
