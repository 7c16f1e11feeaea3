/** Predictors say what `netc predict` says, with weights compiled in or given, from a folder or from one file. */
import fs from 'node:fs';
import { afterAll, afterEach, expect, test } from 'vitest';
import type { CompiledPredictor } from '../../runtime/predictor/compiled-predictor.ts';
import { netc } from '../cli/recording-host.ts';
import { gpuOrSkip, halfDeviceOrSkip } from '../support/gpu.ts';
import { emptyFolder } from '../trainer/compiled.ts';
import { compilePredictor, expectClose, expectedOutputs, importPredictor } from './compiled.ts';
import { deploy, HALF, PROGRAMS } from './programs.ts';

const temporary = emptyFolder();
afterAll(() => fs.rmSync(temporary, { recursive: true, force: true }));
const open: CompiledPredictor[] = [];
afterEach(() => open.splice(0).forEach((predictor) => predictor.dispose()));

const names = Object.keys(PROGRAMS);

interface Case {
  device: 'cpu' | 'gpu';
  single: boolean;
  baked: boolean;
}

/** Of half precision a rounding more or less is seen. */
async function compare(
  name: string,
  { device, single, baked }: Case,
  text?: string,
  tolerance = 1e-5,
): Promise<void> {
  const deployed = deploy(temporary, name, text);
  const { file, listing, weights, inputs } = deployed;
  const flags = ['--emit', device === 'cpu' ? 'cpu' : 'wgsl', ...(single ? ['--single'] : [])];
  const folder = await compilePredictor(temporary, file, ...flags, ...(baked ? ['--weights', weights] : []));
  const { createPredictor } = await importPredictor(folder);
  const bytes = fs.readFileSync(weights);
  const predictor = await createPredictor({ device, ...(baked ? {} : { weights: bytes }) });
  open.push(predictor);
  expect(listing.models.length).toBeGreaterThan(0);
  for (const { name: model } of listing.models) {
    const expected = await expectedOutputs(deployed, model, device);
    const first = await predictor.predict(inputs[model] ?? {}, { model });
    expect(Object.keys(first)).toEqual(Object.keys(expected));
    for (const [output, { shape, data }] of Object.entries(expected)) {
      expect(first[output]!.shape).toEqual(shape);
      expectClose(first[output]!.data, data, tolerance);
    }
    // What was computed from the weights is computed anew with them.
    predictor.load(bytes);
    expect(await predictor.predict(inputs[model] ?? {}, { model })).toEqual(first);
  }
}

test.each(names)('%s on the CPU', (name) =>
  compare(name, { device: 'cpu', single: names.indexOf(name) % 2 === 1, baked: name !== 'mixed' }),
);

test.for(['normalized', 'transformer', 'mixed'])('%s on the GPU', async (name, context) => {
  await gpuOrSkip(context);
  await compare(name, { device: 'gpu', single: name === 'transformer', baked: name !== 'mixed' });
});

test.for(Object.entries(HALF))('%s in half precision on the GPU', async ([name, text], context) => {
  await halfDeviceOrSkip(context);
  await compare(`half-${name}`, { device: 'gpu', single: false, baked: true }, text, 5e-3);
});

test('half precision for the CPU not at all', async () => {
  const { file } = deploy(temporary, 'half', HALF['glyphs']);
  const { exitCode, stderr } = await netc('compile', file, '--infer', '--emit', 'cpu', '-o', `${file}.out`);
  expect([exitCode, stderr.includes('error[E0601]')]).toEqual([3, true]);
});
