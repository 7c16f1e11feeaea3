/**
 * Wrong programs, one mistake each, run by the command line: the code and the place stand in the tables, what a
 * user sees in the snapshots. Data and weights are checked before a device is opened, so none is needed.
 */
import { describe, expect, test } from 'vitest';
import { CONVOLUTION } from './convolution.ts';
import { DATA_BLOCKS } from './data-blocks.ts';
import { DEPLOYMENT } from './deployment.ts';
import { FILES } from './files.ts';
import { HALF_PRECISION } from './half-precision.ts';
import { LOOK_UPS } from './look-ups.ts';
import { NAMES } from './names.ts';
import { NOT_YET } from './not-yet.ts';
import { SCANS } from './scans.ts';
import { SHAPES } from './shapes.ts';
import { SOURCE_FILES } from './source-files.ts';
import { SOURCES } from './sources.ts';
import { STATES } from './states.ts';
import { SYNTAX } from './syntax.ts';
import { TRAINING } from './training.ts';
import { reported, runWrongProgram, type WrongProgram } from './wrong-program.ts';

const TABLES: Readonly<Record<string, readonly WrongProgram[]>> = {
  syntax: SYNTAX,
  names: NAMES,
  shapes: SHAPES,
  convolution: CONVOLUTION,
  scans: SCANS,
  training: TRAINING,
  states: STATES,
  'look-ups': LOOK_UPS,
  'data-blocks': DATA_BLOCKS,
  files: FILES,
  deployment: DEPLOYMENT,
  sources: SOURCES,
  'source-files': SOURCE_FILES,
  'half-precision': HALF_PRECISION,
  'not-yet': NOT_YET,
};

test('every case has a name of its own', () => {
  const names = Object.values(TABLES).flatMap((table) => table.map(({ name }) => name));
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
});

for (const [area, table] of Object.entries(TABLES)) {
  describe(area, () => {
    test.for(table.map((wrong) => [wrong.name, wrong] as const))('%s', async ([name, wrong]) => {
      const { exitCode, printed, stdout, written } = await runWrongProgram(wrong);
      const { code, at, in: file = 'program.net' } = wrong;
      expect(reported(printed), printed).toEqual([{ code, place: at && `${file}:${at[0]}:${at[1]}` }]);
      expect(exitCode).toBe(1);
      expect(printed).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m);
      expect(stdout).not.toContain('"event"');
      expect(written).toEqual([]);
      await expect(printed).toMatchFileSnapshot(`snapshots/${area}/${name}.txt`);
    });
  });
}
