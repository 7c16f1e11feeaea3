import { describe, expect, test } from 'vitest';
import { decodeSafetensors } from '../../runtime/checkpoint/safetensors.ts';
import { openDevice } from '../../runtime/device.ts';
import { EXIT, exitCodeOf } from '../../runtime/report/exit-codes.ts';
import { inputsInMemory, modelOf, predict } from '../../runtime/predict.ts';
import { Program } from '../../runtime/program.ts';
import { evaluate } from '../../runtime/train/evaluate.ts';
import type { TrainEvent } from '../../runtime/train/events.ts';
import type { TrainOptions } from '../../runtime/train/train.ts';
import { train } from '../../runtime/train/train.ts';
import { runTraining } from '../../runtime/train/trainer.ts';
import { initialWeights, writeWeights } from '../../runtime/train/weights.ts';
import { gpuOrSkip } from '../support/gpu.ts';
import { FakeRunner, lineData } from './fake-runner.ts';
import { evaluationsOf, outline, stepsOf } from './harness.ts';
import { lineListing } from './line-listing.ts';
import { failureOf } from '../support/failure.ts';

const TRAINING = {
  epochs: 6,
  seed: 1,
  accumulate: 1,
  save: [],
  evaluate: { every: { count: 2, unit: 'epoch' as const } },
};
const DATA = { train: 40, valid: 20 };

function options(overrides: Partial<TrainOptions> & Pick<TrainOptions, 'device'>) {
  const events: TrainEvent[] = [];
  const files = new Map<string, Uint8Array>();
  const all: TrainOptions = {
    listing: lineListing({ training: TRAINING, rate: 0.05 }),
    dataset: lineData(DATA),
    seed: 1,
    compileSeconds: 0,
    emit: (event) => events.push(event),
    logEvery: 1,
    writeFile: (path, bytes) => {
      files.set(path, bytes);
      return Promise.resolve();
    },
    ...overrides,
  };
  return { all, events, files };
}

describe('training on an adapter', () => {
  test.for([1, 3])(
    'follows the same steps as plain JavaScript, accumulate = %i',
    async (accumulate, context) => {
      const device = await gpuOrSkip(context);
      const listing = lineListing({ training: { ...TRAINING, accumulate }, rate: 0.05 });
      const real = options({ device, listing });
      await train(real.all);
      const plain: TrainEvent[] = [];
      await runTraining({
        ...real.all,
        runner: new FakeRunner({ listing }),
        emit: (event) => plain.push(event),
        clock: () => 0,
        processStart: 0,
      });
      expect(outline(real.events)).toEqual(outline(plain));
      const expected = stepsOf(plain);
      stepsOf(real.events).forEach((event, i) => {
        expect(event.loss).toBeCloseTo(Number(expected[i]?.loss), 4);
        expect(event.distance).toBeCloseTo(Number(expected[i]?.distance), 4);
      });
      evaluationsOf(real.events).forEach((event, i) => {
        expect(event.loss).toBeCloseTo(Number(evaluationsOf(plain)[i]?.loss), 4);
      });
    },
  );

  test('a device lost in mid-run ends it with one clear failure; the weights saved before stay whole', async (context) => {
    await gpuOrSkip(context);
    const device = await openDevice();
    const save = [
      { kind: 'every' as const, every: { count: 1, unit: 'epoch' as const }, to: 'epoch-{epoch}' },
    ];
    const listing = lineListing({ training: { ...TRAINING, save }, rate: 0.05 });
    const run = options({ device, listing });
    const { diagnostic: failure } = await failureOf(
      train({
        ...run.all,
        emit(event) {
          run.all.emit(event);
          if (event.event === 'save' && event.path === 'epoch-2') device.gpu.destroy();
        },
      }),
    );
    expect(failure).toMatchObject({ code: 'E0602' });
    expect(failure.message).toMatch(/^the device (was lost|stopped): /);
    expect(exitCodeOf([failure])).toBe(EXIT.trainingFailed);
    expect([...run.files.keys()]).toEqual(['epoch-1', 'epoch-2']);
    for (const [name, bytes] of run.files) expect(decodeSafetensors(bytes, name).tensors).not.toEqual([]);
    device.close();
  });

  test('the same seed gives the same bits, whatever is reported', async (context) => {
    const device = await gpuOrSkip(context);
    const every = options({ device, finalPath: 'w' });
    await train(every.all);
    const seldom = options({ device, finalPath: 'w', logEvery: 1000 });
    await train(seldom.all);
    expect(seldom.files.get('w')).toEqual(every.files.get('w'));
    expect(stepsOf(seldom.events).map(({ step }) => step)).toEqual([1, 30]);
  });

  test('starts from given weights', async (context) => {
    const device = await gpuOrSkip(context);
    const initial = new Map([
      ['a', Float32Array.of(3)],
      ['b', Float32Array.of(-1)],
    ]);
    const { all, events } = options({ device, initial, maxSteps: 2 });
    await train(all);
    expect(stepsOf(events).map(({ loss }) => Number(loss) < 1e-10)).toEqual([true, true]);
    const end = events.at(-1);
    expect(end).toMatchObject({ event: 'end', steps: 2 });
    expect(end?.event === 'end' && end.first_step_seconds > 0 && end.steps_per_second > 0).toBe(true);
  });

  test('a diverging run ends with E0603 and keeps no file', async (context) => {
    const device = await gpuOrSkip(context);
    const listing = lineListing({ training: { ...TRAINING, evaluate: undefined }, rate: 1e30 });
    const { all, events, files } = options({ device, listing, finalPath: 'w' });
    const failure = await failureOf(train(all));
    expect(failure.diagnostic.code).toBe('E0603');
    expect(Number.isFinite(stepsOf(events).at(-1)?.loss)).toBe(false);
    expect(files.size).toBe(0);
  });

  test('saved weights predict and evaluate as the run did', async (context) => {
    const device = await gpuOrSkip(context);
    const { all, files, events } = options({ device, finalPath: 'w' });
    await train(all);
    const { listing } = all;
    const file = decodeSafetensors(files.get('w')!, 'w');
    const weights = new Map(file.tensors.map(({ name, data }) => [name, data]));
    const program = await Program.create(listing, device);
    writeWeights(program, listing, initialWeights(listing, 1, weights));

    const found = await evaluate({
      listing,
      runner: program,
      dataset: lineData(DATA),
      splits: ['valid'],
      seed: 1,
    });
    const last = evaluationsOf(events).at(-1);
    expect(found).toEqual([
      { split: 'valid', block: 0, values: { loss: last?.loss, distance: last?.distance } },
    ]);

    const routine = modelOf(listing, undefined).predict;
    const x = Float32Array.from({ length: 19 }, (_, i) => i);
    const bytes = new Map([['x', new Uint8Array(x.buffer)]]);
    const inputs = inputsInMemory(listing.routines[routine]!, 19, bytes);
    const [prediction] = (await predict({ listing, runner: program, routine, inputs, seed: 1 })) ?? [];
    expect(prediction).toMatchObject({ name: 'y', shape: [19], dtype: 'f32' });
    const [a = NaN, b = NaN] = [weights.get('a')?.[0], weights.get('b')?.[0]];
    x.forEach((value, i) => expect(prediction?.data[i]).toBeCloseTo(a * value + b, 4));
    program.dispose();
  });
});

describe('inputs of a prediction', () => {
  const listing = lineListing({ training: TRAINING });
  const routine = listing.routines[4]!;

  test('a missing one is refused', () => {
    expect(() => inputsInMemory(routine, 2, new Map())).toThrow('E0212: input x is missing');
  });

  test('one of another length is refused, with its shape', () => {
    const bytes = new Map([['x', new Uint8Array(12)]]);
    expect(() => inputsInMemory(routine, 2, bytes)).toThrow('E0404: input x[2] takes 8 bytes, not 12');
  });

  test('a fixed batch takes whole batches only', async () => {
    const fixed = { ...listing, routines: listing.routines.map((r) => ({ ...r, dynamicBatch: false })) };
    const inputs = { records: 9, copy: () => undefined };
    const runner = new FakeRunner({ listing: fixed });
    const failure = await failureOf(predict({ listing: fixed, runner, routine: 4, inputs, seed: 1 }));
    expect(failure.diagnostic).toMatchObject({
      code: 'E0407',
      message: '9 records are no whole batches of 8',
    });
  });

  test('models are found by name, the only one without', () => {
    expect(modelOf(listing, 'line').predict).toBe(4);
    expect(() => modelOf(listing, 'lime')).toThrow('E0201: there is no model lime');
    const two = { ...listing, models: [...listing.models, { name: 'other', predict: 4 }] };
    expect(() => modelOf(two, undefined)).toThrow('E0201: the program has several models');
  });
});
