/** What `netc compile` writes: the files, their contents, and what happens to files that were there. */
import fs from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { dispatchCommands } from '../../compiler/host/listing.ts';
import { compile, CPU_PROFILE, type InspectReport, type Listing } from '../../compiler/index.ts';
import type { Command } from '../../runtime/plan-format.ts';
import { linkListing } from '../../runtime/trainer/link.ts';
import type { TrainerProgram } from '../../runtime/trainer/trainer-program.ts';
import { netc } from '../cli/recording-host.ts';
import { BASIC_EXAMPLES } from '../support/examples.ts';
import { compileInto, emptyFolder, EXAMPLES, filesOf, importTrainer } from './compiled.ts';

const temporary = emptyFolder();
afterAll(() => fs.rmSync(temporary, { recursive: true, force: true }));

const examples = BASIC_EXAMPLES;
const example = (name: string): string => path.join(EXAMPLES, name);
const sourceOf = (name: string) => ({ file: name, text: fs.readFileSync(example(name), 'utf8') });

/** Comments of dispatches are comments of the module. */
function withoutComments(listing: Listing): Listing {
  const plain = (command: Command): Command =>
    command.kind === 'loop' ? { ...command, body: command.body.map(plain) } : { ...command, comment: '' };
  const routines = listing.routines.map((routine) => ({ ...routine, commands: routine.commands.map(plain) }));
  return { ...listing, routines };
}

describe.each(examples)('%s', (name) => {
  test('evaluates to the listing that `netc train` runs', async () => {
    const folder = await compileInto(temporary, example(name), '--emit', 'both', '--single');
    expect([...filesOf(folder).keys()]).toEqual(['trainer.mjs']);
    const { program } = await importTrainer<{ program: TrainerProgram }>(folder);
    const expected = compile(sourceOf(name)).listing;
    expect(await linkListing(program, 'webgpu', false)).toEqual(withoutComments(expected));
    const relaxedSimd = examples.indexOf(name) % 2 === 0;
    const { listing } = compile(sourceOf(name), { profile: { ...CPU_PROFILE, relaxedSimd } });
    const linked = await linkListing(program, 'cpu', relaxedSimd);
    const module = Buffer.from(linked.cpu!.module as Uint8Array).toString('base64');
    expect({ ...linked, cpu: { ...linked.cpu, module } }).toEqual(withoutComments(listing));
  });
});

test('is the same to the byte wherever the program lies and the folder is', async () => {
  const elsewhere = path.join(temporary, 'elsewhere');
  fs.mkdirSync(elsewhere);
  fs.copyFileSync(example('glyphs.net'), path.join(elsewhere, 'glyphs.net'));
  const first = filesOf(
    await compileInto(path.join(temporary, 'a'), example('glyphs.net'), '--emit', 'both'),
  );
  const second = filesOf(await compileInto(elsewhere, path.join(elsewhere, 'glyphs.net'), '--emit', 'both'));
  expect([...first.keys()]).toEqual([...second.keys()]);
  for (const [file, bytes] of first)
    expect(`${file} ${bytes.equals(second.get(file)!)}`).toBe(`${file} true`);
  expect([...first.values()].some((bytes) => bytes.includes(EXAMPLES))).toBe(false);
});

test('has a readable module: a commented line a dispatch, its version and the hash of its source above', async () => {
  const files = filesOf(await compileInto(path.join(temporary, 'readable'), example('glyphs-rows.net')));
  const text = files.get('trainer.mjs')!.toString();
  expect(text).toMatch(
    /^\/\/ glyphs-rows, compiled by netc \d+\.\d+\.\d+\n\/\/ from glyphs-rows\.net, sha256 [0-9a-f]{64}\n/,
  );
  const { listing } = compile(sourceOf('glyphs-rows.net'));
  const dispatches = listing.routines.flatMap(({ commands }) => dispatchCommands(commands));
  const lines = text.split('\n').filter((line) => /^ +run\(k\d+_\w+, \[.*\), \/\/ \S/.test(line));
  expect(lines).toHaveLength(dispatches.length);
  expect(lines.every((line) => line.includes('.net:'))).toBe(true);
  expect(text).toMatch(/^ +loop\(\n +\d+,\n/m);
  const report = JSON.parse(files.get('plan.json')!.toString()) as InspectReport;
  expect(report).toEqual(JSON.parse(JSON.stringify(compile(sourceOf('glyphs-rows.net')).report())));
});

test('needs only what it brings: one optional peer', async () => {
  const files = filesOf(await compileInto(path.join(temporary, 'package'), example('glyphs.net')));
  const manifest = JSON.parse(files.get('package.json')!.toString()) as Record<string, unknown>;
  expect(manifest['dependencies']).toBeUndefined();
  expect(manifest['peerDependencies']).toEqual({ webgpu: expect.stringMatching(/^\^/) as string });
  expect(manifest['peerDependenciesMeta']).toEqual({ webgpu: { optional: true } });
  expect(files.get('runtime.mjs')!.toString()).not.toMatch(/(^|[;\n])\s*import[^(]/);
});

test('is small: the runtime at most 60 KB packed, the whole trainer of a perceptron at most 100 KB', async () => {
  const files = filesOf(await compileInto(path.join(temporary, 'small'), example('glyphs.net')));
  const packed = (name: string): number => gzipSync(files.get(name)!, { level: 9 }).length;
  expect(packed('runtime.mjs')).toBeLessThanOrEqual(60_000);
  const loaded = [...files.keys()].filter(
    (name) => /\.(mjs|wgsl|html)$/.test(name) && name !== 'trainer.d.mts',
  );
  expect(loaded.reduce((sum, name) => sum + packed(name), 0)).toBeLessThanOrEqual(100_000);
});

describe('a folder that is there already', () => {
  test('is written anew where netc wrote it; what others put there stays', async () => {
    const where = path.join(temporary, 'again');
    const folder = await compileInto(where, example('glyphs.net'), '--emit', 'both');
    fs.writeFileSync(path.join(folder, 'weights.safetensors'), 'mine');
    fs.writeFileSync(path.join(folder, 'shaders/notes.txt'), 'mine');
    fs.writeFileSync(path.join(folder, 'shaders/k999-old.wgsl'), 'an older trainer');
    await compileInto(where, example('glyphs.net'));
    const files = filesOf(folder);
    expect(files.get('weights.safetensors')?.toString()).toBe('mine');
    expect(files.get('shaders/notes.txt')?.toString()).toBe('mine');
    expect(files.has('shaders/k999-old.wgsl')).toBe(false);
    expect(files.has('kernels.wasm')).toBe(false);
    expect([...files.keys()].filter((name) => name.includes('.tmp'))).toEqual([]);
  });

  test('is left alone where it is somebody else’s', async () => {
    const folder = path.join(temporary, 'foreign');
    fs.mkdirSync(folder);
    fs.writeFileSync(path.join(folder, 'trainer.mjs'), 'export const mine = 1;\n');
    const { exitCode, stderr } = await netc('compile', example('glyphs.net'), '-o', folder);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('error[E0506]');
    expect(stderr).toContain('is not empty, and no trainer that netc wrote');
    expect([...filesOf(folder).keys()]).toEqual(['trainer.mjs']);
  });

  test('cannot be a file', async () => {
    const file = path.join(temporary, 'file');
    fs.writeFileSync(file, '');
    const { exitCode, stderr } = await netc('compile', example('glyphs.net'), '-o', file);
    expect([exitCode, stderr.includes('a file has that name')]).toEqual([1, true]);
  });
});

describe('mistakes', () => {
  test('of the program are told where it lies, and nothing is written', async () => {
    const file = path.join(temporary, 'wrong.net');
    fs.writeFileSync(file, fs.readFileSync(example('glyphs.net'), 'utf8').replace('dense(10)', 'dense(11)'));
    const { exitCode, stderr } = await netc('compile', file, '-o', path.join(temporary, 'wrong'));
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`--> ${file}:`);
    expect(fs.existsSync(path.join(temporary, 'wrong'))).toBe(false);
  });

  test.each([
    [['--device', 'cpu'], 'E0701'],
    [['--class', 'large', '--emit', 'cpu'], 'E0701'],
    [['--infer'], 'E0901'],
    [['--emit', 'metal'], 'E0701'],
  ])('of the flags: %s', async (flags, code) => {
    const { stderr } = await netc(
      'compile',
      example('glyphs.net'),
      '-o',
      path.join(temporary, 'flags'),
      ...flags,
    );
    expect(stderr).toContain(`error[${code}]`);
  });

  test('a folder is asked for', async () => {
    expect((await netc('compile', example('glyphs.net'))).exitCode).toBe(2);
  });
});
