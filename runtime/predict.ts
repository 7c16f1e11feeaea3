/**
 * A model's outputs for any number of records. In: a runner with weights in place, the model's inputs.
 * Out: every output with its shape, records in the order given.
 */
import type { Dataset } from './data/dataset.ts';
import { RuntimeFailure } from './failure.ts';
import { routineOf } from './listing-access.ts';
import type { DType, Listing, ModelListing, Routine, RoutineOutput } from './plan-format.ts';
import { outputElements } from './outputs.ts';
import type { HostArray, Outputs, StepRunner } from './step-runner.ts';
import { recordBytes } from './step-runner.ts';
import { BatchLoader } from './train/batch-loader.ts';
import { LateReads } from './train/late-reads.ts';

/** Where a model's inputs come from: `records` records, copied by number in the input's storage type. */
export interface InputSource {
  records: number;
  /** As `Dataset.copy`: one record after another, to the start of `target`. */
  copy(input: string, records: Uint32Array, target: Uint8Array): void;
}

export interface PredictOptions {
  listing: Listing;
  runner: StepRunner;
  /** The model's routine (`ModelListing.predict`). */
  routine: number;
  inputs: InputSource;
  seed: number;
  /** Aborted: the result is undefined. */
  signal?: AbortSignal;
}

export interface Prediction {
  name: string;
  /** The records come first. */
  shape: number[];
  dtype: DType;
  data: HostArray;
}

/**
 * Runs a model forward in evaluation mode, batch after batch. Outputs come in the order of the routine.
 * Throws RuntimeFailure E0407 without records, or where they must fill whole batches and do not.
 */
export async function predict(options: PredictOptions): Promise<Prediction[] | undefined> {
  const { listing, runner, routine: index, inputs, seed, signal } = options;
  const { records } = inputs;
  const routine = routineOf(listing, index);
  checkRecords(routine, records);
  const results = routine.outputs.map((output) => emptyPrediction(output, records));
  const reads = new LateReads(runner.slots(index));
  const loader = new BatchLoader(listing, inputDataset(inputs), [index]);
  const scalars = new Float64Array(listing.uniform.scalars.length);
  for (let start = 0, draw = 0; start < records; start += routine.batch, draw += 1) {
    await reads.room();
    if (signal?.aborted) {
      await reads.drain();
      return undefined;
    }
    const batch = Math.min(routine.batch, records - start);
    const handle = runner.run({
      routines: [index],
      batch,
      uniform: { seed, draw, scalars },
      inputs: loader.load(
        routine,
        'input',
        Uint32Array.from({ length: batch }, (_, i) => start + i),
      ),
      read: index,
    });
    reads.add(handle, (outputs) => place(routine, outputs, results, start));
  }
  await reads.drain();
  return results;
}

/**
 * Inputs that lie in memory, by name, one record after another, in the storage type of the routine's inputs.
 * Throws RuntimeFailure: E0212 for a missing input, E0404 for one of another length.
 */
export function inputsInMemory(
  routine: Routine,
  records: number,
  inputs: ReadonlyMap<string, Uint8Array>,
): InputSource {
  const sizes = new Map(routine.inputs.map((input) => [input.name, recordBytes(input)]));
  for (const input of routine.inputs) {
    const bytes = inputs.get(input.name);
    if (bytes === undefined) throw new RuntimeFailure('E0212', `input ${input.name} is missing`);
    const expected = records * recordBytes(input);
    if (bytes.byteLength === expected) continue;
    const shape = [records, ...input.recordShape].join(', ');
    throw new RuntimeFailure(
      'E0404',
      `input ${input.name}[${shape}] takes ${expected} bytes, not ${bytes.byteLength}`,
    );
  }
  return {
    records,
    copy(input, chosen, target) {
      const size = sizes.get(input) ?? 0;
      const bytes = inputs.get(input);
      if (bytes === undefined) throw new Error(`internal: no input ${input}`);
      chosen.forEach((record, i) => target.set(bytes.subarray(record * size, (record + 1) * size), i * size));
    },
  };
}

/** The model of this name; without a name the only one. Throws RuntimeFailure E0201. */
export function modelOf(listing: Listing, name: string | undefined): ModelListing {
  const names = listing.models.map((model) => model.name).join(', ');
  const found = listing.models.filter((model) => name === undefined || model.name === name);
  const [model] = found;
  if (model === undefined) {
    const message = name === undefined ? 'the program has no model' : `there is no model ${name}`;
    throw new RuntimeFailure('E0201', message, names ? { help: `models are ${names}` } : {});
  }
  if (found.length > 1) {
    throw new RuntimeFailure('E0201', 'the program has several models', { help: `name one of ${names}` });
  }
  return model;
}

function checkRecords(routine: Routine, records: number): void {
  if (records === 0) throw new RuntimeFailure('E0407', 'there are no records to predict for');
  if (!routine.dynamicBatch && records % routine.batch !== 0) {
    throw new RuntimeFailure('E0407', `${records} records are no whole batches of ${routine.batch}`, {
      span: routine.fixedBy,
      help: `this asks for a batch of that size, so records are predicted ${routine.batch} at a time`,
    });
  }
}

function inputDataset(inputs: InputSource): Dataset {
  return {
    splits: new Map([['input', inputs.records]]),
    copy: (_split, input, records, target) => inputs.copy(input, records, target),
  };
}

function emptyPrediction(output: RoutineOutput, records: number): Prediction {
  const shape = output.perRecord ? [records, ...output.shape] : [...output.shape];
  const count = outputElements(output, records);
  return { name: output.name, shape, dtype: output.dtype, data: emptyArray(output.dtype, count) };
}

function emptyArray(dtype: DType, count: number): HostArray {
  switch (dtype) {
    case 'f32':
    case 'f16':
      return new Float32Array(count);
    case 'i32':
      return new Int32Array(count);
    case 'u32':
    case 'bool':
      return new Uint32Array(count);
    default:
      return dtype satisfies never;
  }
}

/** Outputs that are not one a record are those of the last batch. */
function place(routine: Routine, outputs: Outputs, results: readonly Prediction[], start: number): void {
  routine.outputs.forEach((output, index) => {
    const values = outputs.get(output.name);
    if (values === undefined) throw new Error(`internal: no output ${output.name}`);
    results[index]?.data.set(values, output.perRecord ? outputElements(output, start) : 0);
  });
}
