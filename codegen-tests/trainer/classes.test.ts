/**
 * Classes of GPUs in a compiled trainer: a module each, loaded on a device of that class; shaders shared where they are
 * equal; the same bits as `netc train` with the kernels of that class.
 */
import fs from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dispatchCommands } from '../../compiler/host/listing.ts';
import { compile, profileOfClass, type InspectReport } from '../../compiler/index.ts';
import { GPU_CLASSES } from '../../runtime/device-class.ts';
import { linkListing } from '../../runtime/trainer/link.ts';
import { classIn, type TrainerProgram } from '../../runtime/trainer/trainer-program.ts';
import { netc } from '../cli/recording-host.ts';
import { EXAMPLES, exampleFile, exampleText, withoutSaves } from '../support/examples.ts';
import { eventsOf, stepsOf } from '../support/events.ts';
import { gpuOrSkip } from '../support/gpu.ts';
import { addWebGpu, compileInto, emptyFolder, filesOf, importTrainer, runTrainer, withoutComments } from './compiled.ts'; // prettier-ignore

const temporary = emptyFolder();
afterAll(() => fs.rmSync(temporary, { recursive: true, force: true }));

const file = exampleFile('glyphs.net');
const source = { file: 'glyphs.net', text: exampleText('glyphs.net') };
const compiledFor = (deviceClass: (typeof GPU_CLASSES)[number]) =>
  compile(source, { profile: profileOfClass(deviceClass) });

describe('a folder of all classes', () => {
  let folder = '';
  let files = new Map<string, Buffer>();
  let program: TrainerProgram;
  beforeAll(async () => {
    folder = await compileInto(path.join(temporary, 'all'), file);
    files = filesOf(folder);
    ({ program } = await importTrainer<{ program: TrainerProgram }>(folder));
  });

  test.each(GPU_CLASSES)('evaluates to the listing of class %s and tells its plan', async (deviceClass) => {
    const compilation = compiledFor(deviceClass);
    const linked = await linkListing(program, { backend: 'webgpu', deviceClass });
    expect(linked).toEqual(withoutComments(compilation.listing));
    const name = deviceClass === 'software' ? 'plan.json' : `plan-${deviceClass}.json`;
    const plan = JSON.parse(files.get(name)!.toString()) as InspectReport;
    expect(plan).toEqual(JSON.parse(JSON.stringify(compilation.report())));
  });

  test.each([
    ['software', 'trainer.mjs'],
    ['small', 'kernels-small.mjs'],
    ['large', 'kernels-large.mjs'],
  ] as const)('lists the dispatches of class %s in %s, a commented line each', (deviceClass, name) => {
    const text = files.get(name)!.toString();
    const lines = text.split('\n').filter((line) => /^ +run\(k\d+_\w+, \[.*\), \/\/ \S/.test(line));
    const { routines } = compiledFor(deviceClass).listing;
    expect(lines).toHaveLength(routines.flatMap(({ commands }) => dispatchCommands(commands)).length);
  });

  test('has each text of a shader once', () => {
    const shaders = [...files].filter(([name]) => name.endsWith('.wgsl'));
    const texts = new Set(shaders.map(([, bytes]) => bytes.toString()));
    expect(texts.size).toBe(shaders.length);
    const kernels = GPU_CLASSES.flatMap((name) => compiledFor(name).listing.kernels.map(({ code }) => code));
    expect(texts).toEqual(new Set(kernels));
    expect(texts.size).toBeLessThan(kernels.length);
  });

  test.each(GPU_CLASSES)('is at most 100 KB packed of what a device of class %s loads', (deviceClass) => {
    const { kernels } = compiledFor(deviceClass).listing;
    const codes = new Set(kernels.map(({ code }) => code));
    const own = deviceClass === 'software' ? [] : [`kernels-${deviceClass}.mjs`];
    const loaded = [...files].filter(
      ([name, bytes]) =>
        ['index.html', 'runtime.mjs', 'trainer.mjs', ...own].includes(name) ||
        (name.endsWith('.wgsl') && codes.has(bytes.toString())),
    );
    expect(loaded.length).toBe(3 + own.length + codes.size);
    const packed = loaded.reduce((sum, [, bytes]) => sum + gzipSync(bytes, { level: 9 }).length, 0);
    expect(packed).toBeLessThanOrEqual(100_000);
  });

  test('says which file is missing', async () => {
    const incomplete = path.join(temporary, 'incomplete');
    fs.cpSync(folder, incomplete, { recursive: true });
    fs.rmSync(path.join(incomplete, 'kernels-large.mjs'));
    const trainer = await importTrainer<{ program: TrainerProgram }>(incomplete);
    await expect(
      linkListing(trainer.program, { backend: 'webgpu', deviceClass: 'large' }),
    ).rejects.toMatchObject({
      diagnostic: { code: 'E0702', message: expect.stringContaining('kernels-large.mjs') as string },
    });
  });
});

describe('with --class', () => {
  test('the folder holds that class alone, and every device takes it', async () => {
    const where = path.join(temporary, 'one');
    await compileInto(where, file);
    const folder = await compileInto(where, file, '--class', 'large');
    const names = [...filesOf(folder).keys()];
    expect(names.filter((name) => /^(kernels|plan)-|shaders\/(small|large)/.test(name))).toEqual([]);
    const { program } = await importTrainer<{ program: TrainerProgram }>(folder);
    for (const suited of GPU_CLASSES) expect(classIn(program, suited)).toBe('large');
    const linked = await linkListing(program, { backend: 'webgpu', deviceClass: 'software' });
    expect(linked).toEqual(withoutComments(compiledFor('large').listing));
    const { exitCode, stderr } = await runTrainer(folder, '--class', 'small');
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('has no kernels for class small')]);
  });
});

describe('on one device', () => {
  const run = ['--data', EXAMPLES, '--steps', '3', '--json', '--log-every', '1', '--device', 'gpu'];
  const losses = (recorded: { stdout: string; stderr: string; exitCode: number }) =>
    stepsOf(eventsOf(recorded)).map(({ loss }) => loss);

  test.for([
    ['a folder of class large', ['--class', 'large'], []],
    ['the class large of a folder', [], ['--class', 'large']],
    ['one file of all classes', ['--single'], ['--class', 'large']],
  ] as const)('%s trains as `netc train --class large` does', async ([name, compiled, asked], context) => {
    await gpuOrSkip(context);
    const program = withoutSaves(temporary, 'glyphs.net');
    const folder = await compileInto(path.join(temporary, name.replaceAll(' ', '-')), program, ...compiled);
    addWebGpu(folder);
    const out = (which: string) => ['--out', path.join(folder, which)];
    const expected = await netc('train', program, ...run, '--class', 'large', ...out('expected'));
    const found = await runTrainer(folder, ...run, ...asked, ...out('found'));
    expect(losses(expected)).toHaveLength(3);
    expect(losses(found)).toEqual(losses(expected));
    const weights = (which: string) => fs.readFileSync(path.join(folder, which, 'weights.safetensors'));
    expect(weights('found').equals(weights('expected'))).toBe(true);
  });
});
