/** `createPredictor`: every wrong use is an error at the call, and says what to do. */
import fs from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { RuntimeFailure } from '../../runtime/failure.ts';
import { encodeSafetensors } from '../../runtime/checkpoint/safetensors.ts';
import type { CompiledPredictor } from '../../runtime/predictor/compiled-predictor.ts';
import { createPredictor, type PredictorOptions } from '../../runtime/predictor/create-predictor.ts';
import type { PredictorProgram } from '../../runtime/predictor/predictor-program.ts';
import { emptyFolder } from '../trainer/compiled.ts';
import { compilePredictor, importPredictor } from './compiled.ts';
import { deploy, type Deployed } from './programs.ts';

const temporary = emptyFolder();
afterAll(() => fs.rmSync(temporary, { recursive: true, force: true }));
const open: CompiledPredictor[] = [];
afterEach(() => open.splice(0).forEach((predictor) => predictor.dispose()));

let deployed: Deployed;
let program: PredictorProgram;
let weights: Uint8Array;

beforeAll(async () => {
  deployed = deploy(temporary, 'mixed');
  weights = fs.readFileSync(deployed.weights);
  ({ program } = await importPredictor(await compilePredictor(temporary, deployed.file, '--emit', 'cpu')));
});

async function predictorOf(options: PredictorOptions = { weights }): Promise<CompiledPredictor> {
  const predictor = await createPredictor(program, { device: 'cpu', ...options });
  open.push(predictor);
  return predictor;
}

/** The diagnostic that a call ends with. */
async function failureOf(call: () => unknown): Promise<{ code: string; message: string; help?: string }> {
  try {
    await call();
  } catch (error) {
    if (error instanceof RuntimeFailure) return error.diagnostic;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** A file with some of the weights changed. */
const file = (change: (name: string, shape: number[]) => [string, number[]] | undefined): Uint8Array => {
  const { listing } = deployed;
  const tensors = [...listing.parameters, ...listing.states].flatMap(({ name, shape }) => {
    const [renamed, sizes] = change(name, shape) ?? [];
    if (renamed === undefined || sizes === undefined) return [];
    const data = new Float32Array(sizes.reduce((n, d) => n * d, 1));
    return [{ name: renamed, shape: sizes, data }];
  });
  return encodeSafetensors(tensors);
};

test('knows its device and predicts any number of records', async () => {
  const predictor = await predictorOf();
  expect(predictor.backend).toBe('cpu');
  expect(predictor.memoryBytes).toBeGreaterThan(0);
  const one = await predictor.predict({ x: new Float32Array(8).fill(0.5) }, { model: 'other' });
  const many = await predictor.predict({ x: new Float32Array(8 * 20).fill(0.5) }, { model: 'other' });
  expect(one['y']!.shape).toEqual([1, 4]);
  expect(many['y']!.shape).toEqual([20, 4]);
  for (let record = 0; record < 20; record += 1) {
    expect(many['y']!.data.slice(4 * record, 4 * record + 4)).toEqual(one['y']!.data);
  }
});

test('takes a file with weights of the program that no prediction reads', async () => {
  expect(program.others).toEqual(['judge.dense_1.weight', 'judge.dense_1.bias']);
  const without = file((name, shape) => (program.others.includes(name) ? undefined : [name, shape]));
  await predictorOf({ weights: without });
});

test.each<[string, () => PredictorOptions, string, string]>([
  ['no weights', () => ({}), 'E0212', 'brings none'],
  ['a path for weights', () => ({ weights: 'w.safetensors' as never }), 'E0213', 'bytes of a safetensors'],
  ['what is no weights file', () => ({ weights: new Uint8Array(9) }), 'E0502', 'not a safetensors file'],
  ['weights cut off', () => ({ weights: weights.subarray(0, weights.length - 4) }), 'E0502', 'cut off'],
  ['a weight missing', () => ({ weights: file((n, s) => (n === 'other.w' ? undefined : [n, s])) }), 'E0503', 'other.w'],
  ['a weight of another shape', () => ({ weights: file((n, s) => (n === 'other.w' ? [n, [8, 5]] : [n, s])) }), 'E0504', '[8, 5]'],
  ['an unknown weight', () => ({ weights: file((n, s) => (n === 'judge.dense_1.bias' ? ['judge.fc', s] : [n, s])) }), 'E0505', 'judge.fc'],
  ['an unknown option', () => ({ weights, records: 3 } as never), 'E0206', 'createPredictor has no option records'],
  ['an unknown device', () => ({ weights, device: 'tpu' as never }), 'E0213', "not 'tpu'"],
  ['a device without kernels', () => ({ weights, device: 'gpu' }), 'E0601', 'this predictor has no kernels for WebGPU'],
  ['a setting that is not there', () => ({ weights, set: { T: 3 } }), 'E0201', 'called T'],
  ['a seed that is no whole number', () => ({ weights, seed: 0.5 }), 'E0213', 'seed is a whole number'],
])('refuses %s', async (_, options, code, text) => {
  const { code: found, message } = await failureOf(() => predictorOf(options()));
  expect(found).toBe(code);
  expect(message).toContain(text);
}); // prettier-ignore

test('refuses inputs that do not fit', async () => {
  const predictor = await predictorOf();
  const other = { model: 'other' };
  expect(await failureOf(() => predictor.predict({ x: [1] }))).toMatchObject({ code: 'E0201' });
  expect(await failureOf(() => predictor.predict({ z: [1] }, other))).toMatchObject({ code: 'E0201' });
  expect(await failureOf(() => predictor.predict({}, other))).toMatchObject({ code: 'E0212' });
  expect(await failureOf(() => predictor.predict({ x: [1, 2] }, other))).toMatchObject({ code: 'E0214' });
});

test('weights that do not fit change nothing', async () => {
  const predictor = await predictorOf();
  const inputs = { x: new Float32Array(8).fill(1) };
  const before = await predictor.predict(inputs, { model: 'other' });
  expect(await failureOf(() => predictor.load(new Uint8Array(3)))).toMatchObject({ code: 'E0502' });
  expect(await predictor.predict(inputs, { model: 'other' })).toEqual(before);
  predictor.load(file((name, shape) => [name, shape]));
  expect([...(await predictor.predict(inputs, { model: 'other' }))['y']!.data]).toEqual([-0.5, -0.5, -0.5, -0.5]);
}); // prettier-ignore

test('is over when it is disposed of, or its signal says so', async () => {
  const predictor = await predictorOf();
  predictor.dispose();
  predictor.dispose();
  const message = 'this predictor was disposed of';
  expect(await failureOf(() => predictor.predict({}))).toMatchObject({ code: 'E0701', message });
  expect(await failureOf(() => predictor.load(weights))).toMatchObject({ code: 'E0701', message });
  const controller = new AbortController();
  const stopped = await predictorOf({ weights, signal: controller.signal });
  controller.abort(new Error('enough'));
  await expect(stopped.predict({ x: [] }, { model: 'other' })).rejects.toThrow('enough');
  await expect(predictorOf({ weights, signal: controller.signal })).rejects.toThrow('enough');
});

test('says which of its files is not there', async () => {
  const folder = await compilePredictor(
    temporary,
    deployed.file,
    '--emit',
    'cpu',
    '--weights',
    deployed.weights,
  );
  fs.rmSync(`${folder}/predictor.safetensors`);
  const { program: incomplete } = await importPredictor(folder);
  const failure = await failureOf(() => createPredictor(incomplete, { device: 'cpu' }));
  expect(failure).toMatchObject({ code: 'E0702' });
  expect(failure.help).toContain('The files of a predictor stay together');
});
