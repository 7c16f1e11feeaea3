/** Random programs on a device against the interpreter: 50 in every run, more by `npm run nightly`. */
import path from 'node:path';
import { expect, test } from 'vitest';
import { gpuOrSkip } from '../support/gpu.ts';
import { runGraphs } from '../support/run-graph.ts';
import { search } from './search.ts';

const COUNT = Number(process.env.NETC_FUZZ_COUNT ?? 50);
const FROM = Number(process.env.NETC_FUZZ_SEED ?? 0);
const IN_A_TEST = 10;
const FOLDER = path.join(import.meta.dirname, '../../out/fuzz');

/** Unfused kernels are one an operator, most of which other tests compile: a fifth of the programs by default. */
const bothModes = (part: number): boolean => process.env.NETC_FUZZ_COUNT !== undefined || part % 5 === 0;

test.for(Array.from({ length: Math.ceil(COUNT / IN_A_TEST) }, (_, part) => part))(
  'part %i',
  async (part, context) => {
    const { gpu } = await gpuOrSkip(context);
    const found = await search((jobs) => runGraphs(gpu, jobs), {
      from: FROM + part * 1000,
      count: Math.min(IN_A_TEST, COUNT - part * IN_A_TEST),
      fuse: bothModes(part) ? [true, false] : [true],
      folder: FOLDER,
    });
    expect(found.join('\n')).toBe('');
  },
);
