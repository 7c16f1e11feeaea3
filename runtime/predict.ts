/**
 * A model's outputs for any number of records. In: a runner with weights in place, the bytes of each input.
 * Out: every output with its shape, records in the order given.
 */
import { RuntimeFailure } from './failure.ts';
import { routineOf } from './listing-access.ts';
import type { DType, Listing, ModelListing, Routine, RoutineOutput } from './plan-format.ts';
import { outputElements } from './outputs.ts';
import type { HostArray, Outputs, StepRunner } from './step-runner.ts';
import { recordBytes } from './step-runner.ts';
import { LateReads } from './train/late-reads.ts';

export interface PredictOptions {
  listing: Listing;
  runner: StepRunner;
  /** By default the only model there is. */
  model?: string;
  /** Records to predict for. */
  records: number;
  /** Bytes of `records` records by input name, in the input's storage type, one record after another. */
  inputs: ReadonlyMap<string, Uint8Array>;
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
 * Runs a model forward in evaluation mode, batch after batch.
 * Throws RuntimeFailure: E0201 for a model that does not exist or must be named, E0212 for a missing input,
 * E0404 for one of another length, E0407 without records or where they must fill whole batches.
 */
export async function predict(options: PredictOptions): Promise<Prediction[] | undefined> {
  const { listing, runner, records, inputs, seed, signal } = options;
  const { predict: index } = modelOf(listing, options.model);
  const routine = routineOf(listing, index);
  checkInputs(routine, inputs, records);
  const results = routine.outputs.map((output) => emptyPrediction(output, records));
  const reads = new LateReads(runner.slots(index));
  const staging = new Map(routine.inputs.map((input) => [input.name, stagingOf(input, routine.batch)]));
  const scalars = new Float64Array(listing.uniform.scalars.length);
  for (let start = 0, draw = 0; start < records; start += routine.batch, draw += 1) {
    await reads.room();
    if (signal?.aborted) {
      await reads.drain();
      return undefined;
    }
    const batch = Math.min(routine.batch, records - start);
    for (const input of routine.inputs) {
      const size = recordBytes(input);
      const given = inputs.get(input.name)?.subarray(start * size, (start + batch) * size);
      if (given) staging.get(input.name)?.set(given);
    }
    const handle = runner.run({
      routines: [index],
      batch,
      uniform: { seed, draw, scalars },
      inputs: staging,
      read: index,
    });
    reads.add(handle, (outputs) => place(routine, outputs, results, start));
  }
  await reads.drain();
  return results;
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

function checkInputs(routine: Routine, inputs: ReadonlyMap<string, Uint8Array>, records: number): void {
  if (records === 0) throw new RuntimeFailure('E0407', 'there are no records to predict for');
  if (!routine.dynamicBatch && records % routine.batch !== 0) {
    throw new RuntimeFailure('E0407', `${records} records are no whole batches of ${routine.batch}`, {
      help: 'this model depends on the size of its batch',
    });
  }
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
}

function stagingOf(input: Routine['inputs'][number], batch: number): Uint8Array {
  return new Uint8Array(Math.ceil((batch * recordBytes(input)) / 4) * 4);
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
