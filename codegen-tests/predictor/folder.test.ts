/** What `netc compile --infer` writes: files, their sizes, what is left of a normalization, and that it is always the same. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { dispatchCommands } from '../../compiler/host/listing.ts';
import { compile, CPU_PROFILE, type InspectReport } from '../../compiler/index.ts';
import { netc } from '../cli/recording-host.ts';
import { EXAMPLES, withExamples } from '../support/examples.ts';
import { compileInto, emptyFolder, filesOf, ROOT } from '../trainer/compiled.ts';
import { compilePredictor } from './compiled.ts';
import { deploy, NORMALIZED, PROGRAMS } from './programs.ts';

const temporary = emptyFolder();
afterAll(() => fs.rmSync(temporary, { recursive: true, force: true }));

/** Of the module itself; those of further classes of devices lie beside it. */
const CODE = [
  'package.json',
  'plan.json',
  'predictor.d.mts',
  'predictor.d.ts',
  'predictor.mjs',
  'runtime.mjs',
];

test('has a module with its types, a runtime and kernels; weights where they are given', async () => {
  const { file, weights } = deploy(temporary, 'glyphs');
  const plain = [...filesOf(await compilePredictor(temporary, file)).keys()];
  const shaders = plain.filter((name) => name.startsWith('shaders/'));
  const classes = ['kernels-large.mjs', 'kernels-small.mjs', 'plan-large.json', 'plan-small.json'];
  expect(plain).toEqual([...CODE, ...classes, ...shaders].sort());
  const baked = await compilePredictor(temporary, file, '--weights', weights, '--emit', 'cpu');
  expect([...filesOf(baked).keys()]).toEqual(
    [...CODE, 'kernels-relaxed.wasm', 'kernels.wasm', 'predictor.safetensors'].sort(),
  );
  const single = await compilePredictor(temporary, file, '--weights', weights, '--single', '--emit', 'both');
  expect([...filesOf(single).keys()]).toEqual(['predictor.mjs']);
});

test('has nothing of training in it', () => {
  for (const [name, text] of Object.entries(PROGRAMS)) {
    const { listing } = compile({ file: `${name}.net`, text }, { ...withExamples, infer: true });
    const roles = new Set(listing.buffers.map(({ role }) => role));
    for (const role of ['gradients', 'accumulators', 'optimizer', 'averages'] as const) {
      expect(roles.has(role), `${name} ${role}`).toBe(false);
    }
    expect([listing.steps, listing.optimizer, listing.uniform.scalars]).toEqual([[], [], []]);
    expect([listing.data, listing.training, listing.standardize]).toEqual([undefined, undefined, undefined]);
    expect(listing.routines.map((routine) => routine.name.replace(/^.*\./, ''))).toEqual(
      listing.models.flatMap(({ prepare }) => (prepare === undefined ? ['predict'] : ['prepare', 'predict'])),
    );
  }
});

test.each([
  ['WebGPU', undefined, 7],
  // Two convolutions read their input with its margins, which a kernel puts around it.
  ['the CPU', CPU_PROFILE, 9],
])(
  'on %s a normalization costs no kernel behind a product, and its statistics none at all',
  (_, profile, kernels) => {
    const source = { file: 'normalized.net', text: NORMALIZED };
    const options = profile ? { profile } : {};
    const { listing, stages } = compile(source, { ...options, infer: true });
    const routine = (name: string) => stages.lowered.find((each) => each.name === name)!;
    // Convolution, pool, convolution in groups, strided convolution, relu with its normalization, two dense layers.
    expect(routine('net.predict').kernels).toHaveLength(kernels);
    const ops = routine('net.predict').kernels.flatMap((kernel) => kernel.ops);
    // Of four normalizations nothing is left but the one behind the relu, scaled and shifted.
    expect(ops.filter((op) => ['sub', 'mul', 'rsqrt', 'div'].includes(op))).toEqual(['sub', 'mul']);
    expect(routine('net.prepare').kernels.flatMap((kernel) => kernel.ops)).toContain('rsqrt');
    const states = listing.buffers.findIndex(({ role }) => role === 'states');
    const [prepare, predict] = listing.routines.map(({ commands }) => dispatchCommands(commands));
    const readers = (commands: typeof predict): number =>
      commands!.filter(({ bindings }) => bindings.some(({ buffer }) => buffer === states)).length;
    expect(readers(prepare)).toBeGreaterThan(0);
    // The mean behind the relu is taken off where the next kernel reads.
    expect(readers(predict)).toBeLessThanOrEqual(1);
  },
);

test('is the same to the byte wherever the program and its weights lie', async () => {
  const here = deploy(temporary, 'normalized');
  const elsewhere = fs.mkdtempSync(path.join(temporary, 'elsewhere-'));
  const there = deploy(elsewhere, 'normalized');
  const first = filesOf(await compilePredictor(temporary, here.file, '--weights', here.weights, '--emit', 'both')); // prettier-ignore
  const second = filesOf(await compilePredictor(elsewhere, there.file, '--weights', there.weights, '--emit', 'both')); // prettier-ignore
  expect([...first.keys()]).toEqual([...second.keys()]);
  for (const [file, bytes] of first) {
    expect(`${file} ${bytes.equals(second.get(file)!)}`).toBe(`${file} true`);
    expect(bytes.includes(temporary)).toBe(false);
  }
});

test('is small: the runtime at most 25 KB packed, a predictor of a perceptron at most 30 KB beside its weights', async () => {
  const { file, weights } = deploy(temporary, 'glyphs');
  const files = filesOf(await compilePredictor(temporary, file, '--weights', weights));
  const packed = (name: string): number => gzipSync(files.get(name)!, { level: 9 }).length;
  expect(packed('runtime.mjs')).toBeLessThanOrEqual(25_000);
  const loaded = [...files.keys()].filter((name) => /^[^-]*\.mjs$|^shaders\/k.*\.wgsl$/.test(name));
  expect(loaded.length).toBeGreaterThan(2);
  expect(loaded.reduce((sum, name) => sum + packed(name), 0)).toBeLessThanOrEqual(30_000);
  // Weights and layer states of the models, and a header.
  const { listing } = compile({ file: 'glyphs.net', text: PROGRAMS['glyphs']! }, { infer: true });
  const numbers = listing.parameters.reduce((sum, { shape }) => sum + shape.reduce((n, d) => n * d, 1), 0);
  const header = files.get('predictor.safetensors')!.length - 4 * numbers;
  expect(header).toBeGreaterThan(0);
  expect(header).toBeLessThan(1000);
});

test('says in its report and its header what it is', async () => {
  const { file, weights } = deploy(temporary, 'normalized');
  const files = filesOf(await compilePredictor(temporary, file, '--weights', weights));
  const text = files.get('predictor.mjs')!.toString();
  expect(text).toMatch(/^\/\/ normalized, compiled by netc \S+\n\/\/ from normalized\.net, sha256 [0-9a-f]{64}, with --infer\n\/\/ Weights compiled in: sha256 [0-9a-f]{64}\.\n/); // prettier-ignore
  expect(text).toMatch(/^\/\/ net\.prepare: \d+ dispatches for 1 record\.$/m);
  const report = JSON.parse(files.get('plan.json')!.toString()) as InspectReport;
  expect(report.graph.backward).toBe(0);
  expect(report.graph.forward).toBeGreaterThan(0);
  expect(report.unfused.kernels).toBeGreaterThan(report.kernels.length);
  expect(JSON.parse(files.get('package.json')!.toString())).toMatchObject({
    name: 'normalized-predictor',
    exports: { '.': { types: './predictor.d.ts', default: './predictor.mjs' } },
  });
});

test('takes the place of a trainer in its folder, and the other way round', async () => {
  const folder = fs.mkdtempSync(path.join(temporary, 'turns-'));
  const trainer = await compileInto(folder, path.join(EXAMPLES, 'glyphs.net'));
  expect((await netc('compile', path.join(EXAMPLES, 'glyphs.net'), '--infer', '-o', trainer)).exitCode).toBe(
    0,
  );
  expect([...filesOf(trainer).keys()].filter((name) => /trainer|index/.test(name))).toEqual([]);
  await compileInto(folder, path.join(EXAMPLES, 'glyphs.net'));
  expect([...filesOf(trainer).keys()].filter((name) => name.includes('predictor'))).toEqual([]);
});

test('predictor.d.ts says exactly what the models take and give', async () => {
  const { file, weights } = deploy(temporary, 'mixed');
  const check = async (use: string, ...flags: string[]): Promise<void> => {
    const folder = await compilePredictor(temporary, file, ...flags);
    fs.writeFileSync(path.join(folder, 'use.mts'), use);
    const options = '--strict --noEmit --target es2022 --module nodenext --lib es2023,dom use.mts'.split(' ');
    const compiler = path.join(ROOT, 'node_modules/typescript/bin/tsc');
    const { stdout } = spawnSync(process.execPath, [compiler, ...options], { cwd: folder, encoding: 'utf8' });
    expect(stdout).toBe('');
  };
  await check(
    `import { createPredictor } from './predictor.mjs';
     const predictor = await createPredictor({ device: 'cpu' });
     const { logits } = await predictor.predict({ tokens: [0, 1, 2, 3, 4, 0] }, { model: 'reader' });
     const values: Float32Array = logits.data;
     // @ts-expect-error: which model is meant?
     predictor.predict({ x: values });
     // @ts-expect-error: the other model has no such input
     predictor.predict({ tokens: [0] }, { model: 'other' });
     // @ts-expect-error: it does not train
     predictor.step({});
     export { values };`,
    ...['--weights', weights],
  );
  await check(
    `import { createPredictor } from './predictor.mjs';
     // @ts-expect-error: it has no weights of its own
     await createPredictor({ device: 'cpu' });`,
  );
});
