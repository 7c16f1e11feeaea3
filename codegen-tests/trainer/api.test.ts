/** `createTrainer`: the same numbers as the command, and every wrong use an error at the call. */
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { BatchOrder } from '../../runtime/data/batches.ts';
import type { Dataset } from '../../runtime/data/dataset.ts';
import { openDataset } from '../../runtime/data/open-dataset.ts';
import { RuntimeFailure } from '../../runtime/failure.ts';
import { folderReader } from '../../runtime/node/data-reader.ts';
import { openDevice } from '../../runtime/device.ts';
import type { GivenArrays } from '../../runtime/trainer/batch-inputs.ts';
import type { CompiledTrainer } from '../../runtime/trainer/compiled-trainer.ts';
import { createTrainer, type TrainerOptions } from '../../runtime/trainer/create-trainer.ts';
import { anyListing, type TrainerProgram } from '../../runtime/trainer/trainer-program.ts';
import { netc } from '../cli/recording-host.ts';
import { eventsOf, stepsOf } from '../support/events.ts';
import { gpuOrSkip } from '../support/gpu.ts';
import { compileInto, emptyFolder, EXAMPLES, importTrainer } from './compiled.ts';
import { ACCUMULATING, compileText, TWO_STEPS } from './host-programs.ts';

const temporary = emptyFolder();
afterAll(() => fs.rmSync(temporary, { recursive: true, force: true }));

interface Compiled {
  program: TrainerProgram;
  dataset: Dataset;
}

async function compiled(name: string): Promise<Compiled> {
  const folder = await compileInto(temporary, path.join(EXAMPLES, name), '--emit', 'both', '--single');
  const { program } = await importTrainer<{ program: TrainerProgram }>(folder);
  const { data, training } = anyListing(program);
  const dataset = await openDataset(data!, folderReader(EXAMPLES), training!.seed);
  return { program, dataset };
}

let glyphs: Compiled;
beforeAll(async () => {
  glyphs = await compiled('glyphs.net');
});

/** The batches that a training run takes, as a host would give them. */
function batchesOf({ program, dataset }: Compiled, count: number): GivenArrays[] {
  const { data, training } = anyListing(program);
  const order = new BatchOrder(dataset.splits.get('train')!, data!.batch, data!.shuffle, training!.seed);
  return Array.from({ length: count }, () => arraysOf(program, dataset, 'train', order.next().records));
}

function arraysOf(
  program: TrainerProgram,
  dataset: Dataset,
  split: string,
  records: Uint32Array,
): GivenArrays {
  return Object.fromEntries(
    anyListing(program).data!.fields.map(({ name, shape, storage }) => {
      const size = shape.reduce((product, each) => product * each, 1);
      const bytes = new Uint8Array(records.length * size * (storage === 'u8' ? 1 : 4));
      dataset.copy(split, name, records, bytes);
      const array = storage === 'u8' ? bytes : storage === 'f32' ? new Float32Array(bytes.buffer) : new Uint32Array(bytes.buffer); // prettier-ignore
      return [name, array];
    }),
  );
}

const open: CompiledTrainer[] = [];
afterEach(() => open.splice(0).forEach((trainer) => trainer.dispose()));

/** Opened on the CPU, and disposed of after the test. */
async function trainerOf(
  { program, dataset }: Compiled,
  options: TrainerOptions = {},
): Promise<CompiledTrainer> {
  const records = dataset.splits.get('train')!;
  const trainer = await createTrainer(program, { device: 'cpu', records, ...options });
  open.push(trainer);
  return trainer;
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

describe('step', () => {
  test.for(['cpu', 'gpu'] as const)(
    'gives the losses of `netc train` on the %s, whenever they are asked for',
    async (device, context) => {
      if (device === 'gpu') await gpuOrSkip(context);
      const file = path.join(temporary, 'expected.net');
      const text = fs.readFileSync(path.join(EXAMPLES, 'glyphs.net'), 'utf8').replace(/^ *save = .*$/m, '');
      fs.writeFileSync(file, text);
      const flags = ['--data', EXAMPLES, '--device', device, '--steps', '12', '--json', '--log-every', '1'];
      const expected = stepsOf(eventsOf(await netc('train', file, ...flags)));
      const trainer = await trainerOf(glyphs, { device });
      // More steps than the runtime keeps results in flight for, and nobody waits in between.
      const handles = batchesOf(glyphs, 12).map((batch) => trainer.step(batch));
      expect(handles.map(({ step }) => step)).toEqual(expected.map(({ step }) => step));
      const metrics = await Promise.all(handles.map((handle) => handle.metrics));
      expect(metrics.map(({ loss }) => loss)).toEqual(expected.map(({ loss }) => loss));
      expect(metrics.map(({ accuracy }) => accuracy)).toEqual(expected.map(({ accuracy }) => accuracy));
      expect(await handles[3]!.loss).toBe(expected[3]!['loss']);
    },
  );

  test('runs named steps in their order, or the one that is named', async () => {
    const { program } = await compileText(temporary, TWO_STEPS, 'named');
    const trainer = await createTrainer(program, { device: 'cpu' });
    open.push(trainer);
    const batch = { x: Float32Array.from({ length: 32 }, (_, i) => i / 32) };
    const names = Array.from({ length: 4 }, () => trainer.step(batch).metrics);
    const kinds = (await Promise.all(names)).map((metrics) => ('size' in metrics ? 'second' : 'first'));
    expect(kinds).toEqual(['first', 'first', 'second', 'first']);
    expect(await trainer.step(batch, { name: 'second' }).metrics).toHaveProperty('size');
    expect(await failureOf(() => trainer.step(batch, { name: 'secnd' }))).toMatchObject({ code: 'E0201' });
    expect(Object.keys(await trainer.evaluate(batch)).sort()).toEqual(['first', 'second']);
    const { gradients } = await trainer.gradients(batch, { name: 'second' });
    expect(Object.keys(gradients).sort()).toEqual(['Z.dense_1.bias', 'Z.dense_1.weight']);
  });

  test('takes a list of batches where the program accumulates, whose mean counts', async () => {
    const joined = ACCUMULATING.replace('accumulate = 2', 'accumulate = 1').replace('batch = 4', 'batch = 8');
    const sum = await compileText(temporary, joined, 'whole');
    const parts = await compileText(temporary, ACCUMULATING, 'parts');
    const all = Float32Array.from({ length: 32 }, (_, i) => Math.sin(i));
    const whole = await createTrainer(sum.program, { device: 'cpu' });
    const trainer = await createTrainer(parts.program, { device: 'cpu' });
    open.push(whole, trainer);
    for (let step = 0; step < 3; step += 1) {
      const halves = [{ x: all.subarray(0, 16) }, { x: all.subarray(16) }];
      const expected = await whole.step({ x: all }).loss;
      expect(await trainer.step(halves).loss).toBeCloseTo(expected, 5);
    }
    expect(await failureOf(() => trainer.step({ x: all }))).toMatchObject({
      code: 'E0214',
      message: 'a step takes a list of 2 batches, not one batch',
    });
  });
});

describe('what is given', () => {
  const size = 64;
  const image = new Uint8Array(size * 784);
  const label = new Uint8Array(size);
  test.each<[string, unknown, string, RegExp]>([
    ['a name that there is not', { image, label, lable: label }, 'E0201', /lable/],
    ['an array missing', { image }, 'E0212', /the batch has no label/],
    ['no object', [image, label], 'E0214', /one batch, not 2 batches/],
    ['null', null, 'E0213', /the batch is no object/],
    [
      'floats for whole numbers',
      { image: new Float32Array(size * 784), label },
      'E0209',
      /image of the batch is a Float32Array/,
    ],
    ['texts', { image: 'pixels', label }, 'E0209', /image of the batch is string/],
    ['a list of texts', { image, label: ['a'] }, 'E0209', /a list that holds strings/],
    [
      'too few records',
      { image: image.subarray(784), label: label.subarray(1) },
      'E0214',
      /63 records; a step takes 64/,
    ],
    ['half a record', { image: image.subarray(1), label }, 'E0214', /image of the batch has 50175 values/],
    [
      'numbers of records that differ',
      { image, label: label.subarray(1) },
      'E0406',
      /64 records, label has 63/,
    ],
    [
      'a class that there is not',
      { image, label: label.map((_, i) => (i === 7 ? 10 : 0)) },
      'E0405',
      /record 7 .* label: 10 is out of range/,
    ],
    [
      'a fraction for a whole number',
      { image, label: Array(size).fill(0.5) },
      'E0405',
      /0.5 is not a whole number/,
    ],
    [
      'a number beyond a byte',
      { image: Array(size * 784).fill(256), label },
      'E0405',
      /256 is not a whole number from 0 to 255/,
    ],
  ])('%s is an error at the call', async (_what, batch, code, words) => {
    const trainer = await trainerOf(glyphs);
    const failure = await failureOf(() => trainer.step(batch as GivenArrays));
    expect(failure.code).toBe(code);
    expect(failure.message).toMatch(words);
    expect(trainer.steps).toBe(0);
  });

  test.each<[string, object, string]>([
    ['an option that there is not', { weigths: 1 }, 'E0206'],
    ['a device that there is not', { device: 'tpu' }, 'E0213'],
    ['a seed that is none', { seed: -1 }, 'E0213'],
    ['weights that are none', { weights: 'w.safetensors' }, 'E0213'],
    ['weights that are no safetensors', { weights: new Uint8Array(4) }, 'E0502'],
    ['a setting that there is not', { set: { T: 3 } }, 'E0201'],
  ])('%s is an error of createTrainer', async (_what, options, code) => {
    expect(await failureOf(() => createTrainer(glyphs.program, { device: 'cpu', ...options }))).toMatchObject(
      { code },
    );
  });

  test('a rate that depends on the epoch asks for the number of records, once it matters', async () => {
    const trainer = await createTrainer(glyphs.program, { device: 'cpu' });
    open.push(trainer);
    const failure = await failureOf(() => trainer.step({ image, label }));
    expect(failure).toMatchObject({
      code: 'E0219',
      help: expect.stringContaining('createTrainer({ records') as string,
    });
  });
});

describe('weights', () => {
  test('that are saved go on in another trainer, in `netc eval`, and the other way round', async () => {
    const batches = batchesOf(glyphs, 20);
    const trainer = await trainerOf(glyphs);
    for (const batch of batches) trainer.step(batch);
    const saved = await trainer.save();
    const test = Uint32Array.from({ length: glyphs.dataset.splits.get('test')! }, (_, i) => i);
    const records = arraysOf(glyphs.program, glyphs.dataset, 'test', test);
    const here = await trainer.evaluate(records);
    const other = await trainerOf(glyphs, { weights: saved });
    expect(await other.evaluate(records)).toEqual(here);
    const file = path.join(temporary, 'saved.safetensors');
    fs.writeFileSync(file, saved);
    const flags = ['--weights', file, '--split', 'test', '--data', EXAMPLES, '--device', 'cpu', '--json'];
    const [event] = eventsOf(await netc('eval', path.join(EXAMPLES, 'glyphs.net'), ...flags));
    expect(event).toMatchObject(here);

    other.step(batches[0]!);
    other.load(saved);
    expect([other.steps, await other.evaluate(records)]).toEqual([0, here]);
    expect(await failureOf(() => other.load(new Uint8Array(3)))).toMatchObject({ code: 'E0502' });
  });

  test('predict what evaluation says of them, for any number of records', async () => {
    const trainer = await trainerOf(glyphs);
    for (const batch of batchesOf(glyphs, 30)) trainer.step(batch);
    const chosen = Uint32Array.from({ length: 130 }, (_, i) => i);
    const { image, label } = arraysOf(glyphs.program, glyphs.dataset, 'test', chosen);
    const inputs = Float32Array.from(image as Uint8Array, (byte) => byte / 255);
    const { logits } = await trainer.predict({ image: inputs });
    expect(logits).toMatchObject({ name: 'logits', shape: [130, 10], dtype: 'f32' });
    const right = Array.from(chosen, (record) => {
      const row = [...(logits!.data as Float32Array).subarray(10 * record, 10 * record + 10)];
      return row.indexOf(Math.max(...row)) === (label as Uint8Array)[record];
    }).filter(Boolean).length;
    const evaluated = await trainer.evaluate({ image: image!, label: label! });
    expect(right / 130).toBeCloseTo(evaluated['accuracy'] as number, 6);
    expect(await failureOf(() => trainer.predict({ image: image! }))).toMatchObject({ code: 'E0209' });
    expect(await failureOf(() => trainer.predict({ image: inputs }, { model: 'nett' }))).toMatchObject({
      code: 'E0201',
    });
  });
});

describe('gradients', () => {
  test('are of every weight that moves, and move nothing themselves', async () => {
    const trainer = await trainerOf(glyphs);
    const [batch] = batchesOf(glyphs, 1);
    const before = await trainer.save();
    const { metrics, gradients } = await trainer.gradients(batch!);
    expect(Object.keys(gradients).sort()).toEqual(
      anyListing(glyphs.program)
        .parameters.map(({ name }) => name)
        .sort(),
    );
    expect(await trainer.save()).toEqual(before);
    // The bias of one class: p - y, over the batch, so that all ten add up to nothing.
    const bias = [...gradients['net.out.bias']!];
    expect(bias.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 5);
    expect(Math.max(...bias.map(Math.abs))).toBeGreaterThan(1e-3);
    expect(await trainer.step(batch!).loss).toBe(metrics['loss']);
  });
});

describe('the end', () => {
  test('after `dispose` every call is an error', async () => {
    const trainer = await trainerOf(glyphs);
    const [batch] = batchesOf(glyphs, 1);
    trainer.dispose();
    trainer.dispose();
    for (const call of [() => trainer.step(batch!), () => trainer.save(), () => trainer.evaluate(batch!)])
      expect(await failureOf(call)).toMatchObject({ code: 'E0701', message: 'this trainer was disposed of' });
  });

  test('a signal that is aborted ends creation and calls with its reason', async () => {
    const aborted = AbortSignal.abort(new Error('enough'));
    await expect(createTrainer(glyphs.program, { device: 'cpu', signal: aborted })).rejects.toThrow('enough');
    const control = new AbortController();
    const trainer = await trainerOf(glyphs, { signal: control.signal });
    const [batch] = batchesOf(glyphs, 1);
    await trainer.step(batch!).loss;
    control.abort(new Error('no more'));
    expect(() => trainer.step(batch!)).toThrow('no more');
    await expect(trainer.evaluate(batch!)).rejects.toThrow('no more');
  });

  test('a lost device is told once and clearly, and by every later call', async (context) => {
    await gpuOrSkip(context);
    const device = await openDevice();
    const trainer = await createTrainer(glyphs.program, { device: device.gpu, records: 6400 });
    const [batch] = batchesOf(glyphs, 1);
    await trainer.step(batch!).loss;
    device.gpu.destroy();
    const lost = await trainer.lost;
    expect(lost.diagnostic).toMatchObject({
      code: 'E0602',
      message: expect.stringMatching(/^the device was lost: /) as string,
    });
    expect(await failureOf(() => trainer.step(batch!))).toMatchObject({ code: 'E0602' });
    expect(await failureOf(() => trainer.save())).toMatchObject({ code: 'E0602' });
    trainer.dispose();
  });
});
