/** What `netc compile` writes: the files, their contents, and what happens to files that were there. */
import fs from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { dispatchCommands } from '../../compiler/host/listing.ts';
import { compile, CPU_PROFILE, profileOfClass, type InspectReport } from '../../compiler/index.ts';
import { GPU_CLASSES } from '../../runtime/device-class.ts';
import { linkListing } from '../../runtime/trainer/link.ts';
import type { TrainerProgram } from '../../runtime/trainer/trainer-program.ts';
import { netc } from '../cli/recording-host.ts';
import { compileInto, emptyFolder, filesOf, importTrainer, runTrainer, withoutComments } from './compiled.ts';
import { changed } from '../support/changed.ts';
import { EXAMPLE_FILES, EXAMPLES, exampleFile, exampleText } from '../support/examples.ts';

const temporary = emptyFolder();
afterAll(() => fs.rmSync(temporary, { recursive: true, force: true }));

const sourceOf = (name: string) => ({ file: name, text: exampleText(name) });

describe.each(EXAMPLE_FILES)('%s', (name) => {
  test('evaluates to the listing that `netc train` runs', async () => {
    const folder = await compileInto(temporary, exampleFile(name), '--emit', 'both', '--single');
    expect([...filesOf(folder).keys()]).toEqual(['trainer.mjs']);
    const { program } = await importTrainer<{ program: TrainerProgram }>(folder);
    for (const deviceClass of GPU_CLASSES) {
      const { listing } = compile(sourceOf(name), { profile: profileOfClass(deviceClass) });
      const found = await linkListing(program, { backend: 'webgpu', deviceClass });
      expect(found).toEqual(withoutComments(listing));
    }
    const relaxedSimd = EXAMPLE_FILES.indexOf(name) % 2 === 0;
    const { listing } = compile(sourceOf(name), { profile: { ...CPU_PROFILE, relaxedSimd } });
    const linked = await linkListing(program, { backend: 'cpu', relaxedSimd });
    const module = Buffer.from(linked.cpu!.module as Uint8Array).toString('base64');
    expect({ ...linked, cpu: { ...linked.cpu, module } }).toEqual(withoutComments(listing));
  });
});

test('is the same to the byte wherever the program lies and the folder is', async () => {
  const elsewhere = path.join(temporary, 'elsewhere');
  fs.mkdirSync(elsewhere);
  fs.copyFileSync(exampleFile('glyphs.net'), path.join(elsewhere, 'glyphs.net'));
  fs.cpSync(path.join(EXAMPLES, 'data'), path.join(elsewhere, 'data'), { recursive: true });
  const first = filesOf(
    await compileInto(path.join(temporary, 'a'), exampleFile('glyphs.net'), '--emit', 'both'),
  );
  const second = filesOf(await compileInto(elsewhere, path.join(elsewhere, 'glyphs.net'), '--emit', 'both'));
  expect([...first.keys()]).toEqual([...second.keys()]);
  for (const [file, bytes] of first)
    expect(`${file} ${bytes.equals(second.get(file)!)}`).toBe(`${file} true`);
  expect([...first.values()].some((bytes) => bytes.includes(EXAMPLES))).toBe(false);
});

test('has a readable module: a commented line a dispatch, its version and the hash of its source above', async () => {
  const files = filesOf(await compileInto(path.join(temporary, 'readable'), exampleFile('glyphs-rows.net')));
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
  const files = filesOf(await compileInto(path.join(temporary, 'package'), exampleFile('glyphs.net')));
  const manifest = JSON.parse(files.get('package.json')!.toString()) as Record<string, unknown>;
  expect(manifest['dependencies']).toBeUndefined();
  expect(manifest['peerDependencies']).toEqual({ webgpu: expect.stringMatching(/^\^/) as string });
  expect(manifest['peerDependenciesMeta']).toEqual({ webgpu: { optional: true } });
  expect(files.get('runtime.mjs')!.toString()).not.toMatch(/(^|[;\n])\s*import[^(]/);
});

test('has a runtime of at most 60 KB packed', async () => {
  const files = filesOf(await compileInto(path.join(temporary, 'small'), exampleFile('glyphs.net')));
  expect(gzipSync(files.get('runtime.mjs')!, { level: 9 }).length).toBeLessThanOrEqual(60_000);
});

describe('a folder that is there already', () => {
  test('is written anew where netc wrote it; what others put there stays', async () => {
    const where = path.join(temporary, 'again');
    const folder = await compileInto(where, exampleFile('glyphs.net'), '--emit', 'both');
    fs.writeFileSync(path.join(folder, 'weights.safetensors'), 'mine');
    fs.writeFileSync(path.join(folder, 'shaders/notes.txt'), 'mine');
    fs.writeFileSync(path.join(folder, 'shaders/k999-old.wgsl'), 'an older trainer');
    await compileInto(where, exampleFile('glyphs.net'));
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
    const { exitCode, stderr } = await netc('compile', exampleFile('glyphs.net'), '-o', folder);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('error[E0506]');
    expect(stderr).toContain('is not empty, and no trainer that netc wrote');
    expect([...filesOf(folder).keys()]).toEqual(['trainer.mjs']);
  });

  test('cannot be a file', async () => {
    const file = path.join(temporary, 'file');
    fs.writeFileSync(file, '');
    const { exitCode, stderr } = await netc('compile', exampleFile('glyphs.net'), '-o', file);
    expect([exitCode, stderr.includes('a file has that name')]).toEqual([1, true]);
  });
});

test('a page that is one file holds whatever a program says as text', async () => {
  const folder = path.join(temporary, 'hostile');
  fs.mkdirSync(folder);
  const file = path.join(folder, '<!--<script>----&amp;.net');
  fs.copyFileSync(exampleFile('flowers.net'), file);
  const out = path.join(folder, 'out');
  const { exitCode } = await netc('compile', file, '-o', out, '--single', '--for', 'browser');
  expect(exitCode).toBe(0);
  const page = fs.readFileSync(path.join(out, 'index.html'), 'utf8');
  expect(page).toContain('<title>&lt;!--&lt;script&gt;----&amp;amp; – training</title>');
  const [comment] = /<!--[^]*?-->/.exec(page) ?? [];
  expect(comment?.slice(4, -3)).not.toContain('--');
  const [, module = ''] = /<script type="text\/plain" id="trainer">([^]*?)<\/script>/.exec(page) ?? [];
  expect(module).toContain('start(program);');
  expect(module).not.toMatch(/<!--/);
  expect(module).toContain(String.raw`\x3C!--<script>`);
});

describe('package.json', () => {
  test('keeps what was added to it, and what the compiler decides is brought up to date', async () => {
    const where = path.join(temporary, 'added');
    const folder = await compileInto(where, exampleFile('glyphs.net'), '--without-data');
    const file = path.join(folder, 'package.json');
    const fresh = fs.readFileSync(file, 'utf8');
    await compileInto(where, exampleFile('glyphs.net'), '--without-data');
    expect(fs.readFileSync(file, 'utf8')).toBe(fresh);
    const added = {
      name: 'mine',
      dependencies: { webgpu: '^0.6.2' },
      scripts: { start: 'node trainer.mjs' },
    };
    const changed = { ...(JSON.parse(fresh) as object), ...added, type: 'commonjs', description: 'old' };
    fs.writeFileSync(file, JSON.stringify({ ...changed, peerDependencies: { left: '1' } }));
    await compileInto(where, exampleFile('glyphs.net'), '--without-data');
    const expected = JSON.parse(fresh) as { peerDependencies: object };
    const peers = { left: '1', ...expected.peerDependencies };
    const found = JSON.parse(fs.readFileSync(file, 'utf8')) as object;
    expect(found).toEqual({ ...expected, ...added, peerDependencies: peers });
    await compileInto(where, exampleFile('glyphs.net'), '--single');
    expect([...filesOf(folder).keys()]).toEqual(['package.json', 'trainer.mjs']);
  });

  test('goes with an older trainer where nobody added to it; is told where it is no JSON', async () => {
    const where = path.join(temporary, 'unchanged');
    const folder = await compileInto(where, exampleFile('glyphs.net'), '--without-data');
    fs.writeFileSync(path.join(folder, 'package.json'), '{');
    const { exitCode, stderr } = await netc('compile', exampleFile('glyphs.net'), '-o', folder);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('package.json is no JSON object')]);
    fs.rmSync(path.join(folder, 'package.json'));
    await compileInto(where, exampleFile('glyphs.net'), '--without-data');
    await compileInto(where, exampleFile('glyphs.net'), '--single');
    expect([...filesOf(folder).keys()]).toEqual(['trainer.mjs']);
  });
});

describe('data', () => {
  const data = 'data/flowers.csv';
  const original = fs.readFileSync(path.join(EXAMPLES, data));

  test('that is small goes into the folder, and the trainer finds it there', async () => {
    const out = path.join(temporary, 'with-data');
    const { stdout } = await netc('compile', exampleFile('flowers.net'), '-o', out, '--emit', 'cpu');
    expect(stdout).toContain('with its data, 1 file of');
    expect(stdout).toContain(`to train: node ${path.join(out, 'trainer.mjs')}\n`);
    expect(filesOf(out).get(data)?.equals(original)).toBe(true);
    const run = await runTrainer(out, '--steps', '2', '--json', '--out', path.join(out, 'run'));
    expect([run.exitCode, run.stderr]).toEqual([0, '']);
  });

  test.each([
    ['is not wanted', ['--without-data'], ''],
    ['goes into no single file', ['--single'], ''],
    ['is not there', ['--data', temporary], 'no data is copied: '],
  ])('%s: none is copied, and where it lies is said', async (name, flags, words) => {
    const out = path.join(temporary, name.replaceAll(' ', '-'));
    const { stdout } = await netc('compile', exampleFile('flowers.net'), '-o', out, ...flags);
    expect(stdout).toContain(words);
    expect(stdout).toContain(` --data ${flags[1] ?? EXAMPLES}\n`);
    expect(filesOf(out).has(data)).toBe(false);
  });

  test('of others that lies there already stays', async () => {
    const where = path.join(temporary, 'other-data');
    const folder = await compileInto(where, exampleFile('flowers.net'));
    fs.writeFileSync(path.join(folder, data), 'mine');
    const { stdout } = await netc('compile', exampleFile('flowers.net'), '-o', folder);
    expect(stdout).toContain(`left as they were, and other data than that: ${path.join(folder, data)}`);
    expect(filesOf(folder).get(data)?.toString()).toBe('mine');
  });

  test.each([
    ['outside of its folder', '../outside.csv', 'lies outside of'],
    ['with the name of a file of the trainer', 'plan.json', 'has the name of a file of the trainer'],
    ['of many bytes', 'data/large.csv', 'it is more than 16 MiB'],
  ])('%s is left where it is', async (name, file, words) => {
    const folder = path.join(temporary, `data-${name.replaceAll(' ', '-')}`, 'program');
    fs.mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(path.join(folder, file), file.includes('large') ? Buffer.alloc(17 << 20) : original);
    const text = fs.readFileSync(exampleFile('flowers.net'), 'utf8').replace(data, file);
    fs.writeFileSync(path.join(folder, 'flowers.net'), text);
    const out = path.join(folder, '../out');
    const { exitCode, stdout } = await netc('compile', path.join(folder, 'flowers.net'), '-o', out);
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining(words)]);
    expect([...filesOf(out).keys()].filter((each) => each.endsWith('.csv'))).toEqual([]);
  });
});

describe('mistakes', () => {
  test('of the program are told where it lies, and nothing is written', async () => {
    const file = path.join(temporary, 'wrong.net');
    fs.writeFileSync(file, changed(exampleText('glyphs.net'), 'dense(10)', 'dense(11)'));
    const { exitCode, stderr } = await netc('compile', file, '-o', path.join(temporary, 'wrong'));
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`--> ${file}:`);
    expect(fs.existsSync(path.join(temporary, 'wrong'))).toBe(false);
  });

  test.each([
    [['--device', 'cpu'], 'E0701'],
    [['--class', 'large', '--emit', 'cpu'], 'E0701'],
    [['--weights', 'w.safetensors'], 'E0701'],
    [['--infer', '--for', 'node'], 'E0701'],
    [['--emit', 'metal'], 'E0701'],
  ])('of the flags: %s', async (flags, code) => {
    const { stderr } = await netc(
      'compile',
      exampleFile('glyphs.net'),
      '-o',
      path.join(temporary, 'flags'),
      ...flags,
    );
    expect(stderr).toContain(`error[${code}]`);
  });

  test('a folder is asked for', async () => {
    expect((await netc('compile', exampleFile('glyphs.net'))).exitCode).toBe(2);
  });
});
