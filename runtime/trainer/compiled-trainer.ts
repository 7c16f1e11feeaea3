/**
 * A program that a host drives step by step. In: a runner with weights in place, batches. Out: losses, metrics,
 * predictions, gradients, weights. Holds: `step` never waits; what goes wrong on the device surfaces in the values
 * that were asked for, in `lost`, and at the next call.
 */
import { fitWeights } from '../checkpoint/fit-weights.ts';
import type { ProgramDevice, DisposableRunner } from '../create-runner.ts';
import { copyRecords } from '../data/column.ts';
import type { DataTables } from '../data/tables.ts';
import { RuntimeFailure } from '../failure.ts';
import { routineOf, stepOf } from '../listing-access.ts';
import type { Listing, StandardizeSpec, StepListing, StoredTensor } from '../plan-format.ts';
import { modelOf, predict, type Prediction } from '../predict.ts';
import type { RunHandle } from '../step-runner.ts';
import { evaluate } from '../train/evaluate.ts';
import { missingStandards } from '../train/standardize.ts';
import { MetricMean, type MetricValues } from '../train/metrics.ts';
import { blockOf, type RunPlan } from '../train/run-plan.ts';
import { weightsFile } from '../train/save.ts';
import { StepScalars } from '../train/step-scalars.ts';
import { checkFinite, initialWeights, savedTensors, writeWeights } from '../train/weights.ts';
import { columnBytes, readArrays, type ExpectedInput, type GivenArrays } from './batch-inputs.ts';
import { gradientPlaces } from './gradient-places.ts';
import { planOfHost } from './run-lengths.ts';
import { StepHandle } from './step-handle.ts';

/** Steps whose values may be unread at a time, each with a small buffer of its own. */
export const MOST_UNREAD = 1024;

export interface TrainerParts {
  listing: Listing;
  runner: DisposableRunner;
  device: ProgramDevice;
  /** Closes the device where the trainer has opened it. */
  close: () => void;
  seed: number;
  records: number | undefined;
  signal: AbortSignal | undefined;
  tables: DataTables | undefined;
  /** What the program standardizes and no weights have told the mean of. */
  standard: StandardizeSpec | undefined;
}

export interface StepOptions {
  /** The step to run, where the program names them; by default the next in their order. */
  name?: string;
}

export class CompiledTrainer {
  /** The device's name, for people. */
  readonly device: string;
  readonly backend: 'webgpu' | 'cpu';
  /** Resolves with a RuntimeFailure (E0602) when the device is lost; never where nothing happens to it. */
  readonly lost: Promise<RuntimeFailure>;
  readonly #parts: TrainerParts;
  #tables: DataTables | undefined;
  #run: { plan: RunPlan; scalars: StepScalars } | undefined;
  #step = 0;
  #batches = 0;
  #unread = 0;
  #standard: StandardizeSpec | undefined;
  #disposed = false;

  constructor(parts: TrainerParts) {
    const { device } = parts;
    this.#parts = parts;
    this.#tables = parts.tables;
    this.#standard = parts.standard;
    this.device = device.name;
    this.backend = device.backend;
    this.lost =
      device.backend === 'webgpu'
        ? device.lost.then((reason) => new RuntimeFailure('E0602', `the device was lost: ${reason}`))
        : new Promise(() => undefined);
  }

  /** Bytes of device memory. */
  get memoryBytes(): number {
    return this.#parts.runner.memoryBytes;
  }

  /** Steps done so far. */
  get steps(): number {
    return this.#step;
  }

  /**
   * One training step on one batch, or on a list of `accumulate` batches. Returns at once.
   */
  step(batch: GivenArrays | readonly GivenArrays[], options: StepOptions = {}): StepHandle {
    this.#check();
    const { listing, runner, seed } = this.#parts;
    const { plan, scalars } = this.#training();
    const block = this.#block(options.name, plan);
    const spec = stepOf(listing, block);
    const batches = this.#batchesOf(batch, plan.accumulate);
    const inputs = batches.map((each) => this.#inputs(spec.gradient, each, true).inputs);
    if (this.#unread + batches.length > MOST_UNREAD) {
      throw new RuntimeFailure('E0701', `${this.#unread} steps are on their way and none was waited for`, {
        help: 'Await the loss of a step now and then: `await trainer.step(batch).loss`.',
      });
    }
    const step = this.#step + 1;
    const size = routineOf(listing, spec.gradient).batch;
    const uniform = { seed, draw: 0, scalars: scalars.next(block) };
    const handles = inputs.map((arrays, part) => {
      const update = part === batches.length - 1 ? spec.update : undefined;
      uniform.draw = this.#batches + part;
      return runner.run({
        routines: [spec.gradient, spec.accumulate, update].filter((routine) => routine !== undefined),
        batch: size,
        uniform,
        inputs: arrays,
        read: spec.gradient,
        ...(part === 0 && spec.accumulate !== undefined ? { clear: ['accumulators'] as const } : {}),
      });
    });
    this.#step = step;
    this.#batches += batches.length;
    return new StepHandle(step, this.#valuesOf(handles, spec, size));
  }

  /** The means over a step's batches, as they arrive. */
  async #valuesOf(handles: readonly RunHandle[], spec: StepListing, records: number): Promise<MetricValues> {
    const mean = new MetricMean(spec.metrics);
    this.#unread += handles.length;
    try {
      for (const handle of handles) mean.add(await handle.outputs(), records);
    } finally {
      this.#unread -= handles.length;
    }
    return mean.values();
  }

  /** Loss and metrics in evaluation mode, means over any number of records; by step where steps are named. */
  async evaluate(
    records: GivenArrays,
    options: { signal?: AbortSignal } = {},
  ): Promise<MetricValues | Record<string, MetricValues>> {
    this.#check(options.signal);
    this.#training();
    const { listing, runner, seed } = this.#parts;
    const { records: count, columns } = readArrays(records, this.#expected(), 'the batch');
    const dataset = {
      splits: new Map([['batch', count]]),
      copy: (_split: string, field: string, chosen: Uint32Array, target: Uint8Array): void => {
        const column = columns.get(field);
        if (column) copyRecords(column, chosen, target);
      },
    };
    const splits = ['batch'];
    const found = await evaluate({ listing, runner, dataset, splits, seed, ...options });
    this.#check(options.signal);
    const [only] = found ?? [];
    if (only && only.name === undefined) return only.values;
    return Object.fromEntries((found ?? []).map(({ name = '', values }) => [name, values]));
  }

  /** A model's outputs for any number of records, by name. */
  async predict(
    inputs: GivenArrays,
    options: { model?: string; signal?: AbortSignal } = {},
  ): Promise<Record<string, Prediction>> {
    this.#check(options.signal);
    const { listing, runner, seed } = this.#parts;
    const { predict: routine, name } = modelOf(listing, options.model);
    const expected = routineOf(listing, routine).inputs.map(({ recordShape, ...input }): ExpectedInput => ({
      ...input,
      shape: recordShape,
      span: { file: listing.source, line: 1, column: 1, endLine: 1, endColumn: 1 },
    }));
    const { records, columns } = readArrays(inputs, expected, `the input of ${name}`);
    const source = {
      records,
      copy: (input: string, chosen: Uint32Array, target: Uint8Array): void => {
        const column = columns.get(input);
        if (column) copyRecords(column, chosen, target);
      },
    };
    const { signal } = options;
    const found = await predict({
      listing,
      runner,
      routine,
      inputs: source,
      seed,
      ...(signal ? { signal } : {}),
    });
    this.#check(signal);
    return Object.fromEntries((found ?? []).map((output) => [output.name, output]));
  }

  /**
   * Loss, metrics and the gradients of one batch, by weight; nothing is updated but running statistics. Only the
   * weights that the step moves have one.
   */
  async gradients(
    batch: GivenArrays,
    options: StepOptions = {},
  ): Promise<{ metrics: MetricValues; gradients: Record<string, Float32Array> }> {
    this.#check();
    const { listing, runner, seed } = this.#parts;
    const { plan, scalars } = this.#training();
    this.#refuseHalf();
    const spec = stepOf(listing, this.#block(options.name, plan));
    const { inputs } = this.#inputs(spec.gradient, batch, true);
    const size = routineOf(listing, spec.gradient).batch;
    const handle = runner.run({
      routines: [spec.gradient],
      batch: size,
      uniform: { seed, draw: this.#batches, scalars: scalars.values },
      inputs,
      read: spec.gradient,
    });
    this.#batches += 1;
    const reading = runner.readTensors(gradientPlaces(listing, spec.gradient));
    const mean = new MetricMean(spec.metrics);
    mean.add(await handle.outputs(), size);
    return { metrics: mean.values(), gradients: Object.fromEntries(await reading) };
  }

  /** The weights as a safetensors file: parameters and layer states, the same file that `netc train` writes. */
  async save(): Promise<Uint8Array> {
    this.#check();
    const { listing, runner } = this.#parts;
    const step = this.#step;
    const weights = await runner.readTensors(savedTensors(listing));
    checkFinite(weights, step);
    return weightsFile(listing, weights, this.#tables);
  }

  /** Starts anew from the weights of a file, as `--init` does: E0502 to E0505 where they do not fit. */
  load(bytes: Uint8Array): void {
    this.#check();
    const { listing, runner, seed } = this.#parts;
    const { values, tables } = fitWeights(bytes, 'the weights', listing);
    writeWeights(runner, listing, initialWeights(listing, seed, values));
    const zeros = ({ shape }: StoredTensor): Float32Array =>
      new Float32Array(shape.reduce((n, d) => n * d, 1));
    for (const tensor of listing.optimizer) runner.writeTensor(tensor, zeros(tensor));
    this.#tables = tables;
    this.#standard = missingStandards(listing, values)[0];
    this.#step = 0;
    this.#batches = 0;
    this.#run = undefined;
  }

  /** Waits until everything submitted is done. */
  finished(): Promise<void> {
    this.#check();
    return this.#parts.runner.finished();
  }

  /** Frees memory and device. Later calls are errors. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#parts.runner.dispose();
    this.#parts.close();
  }

  #check(signal?: AbortSignal): void {
    if (this.#disposed) throw new RuntimeFailure('E0701', 'this trainer was disposed of');
    this.#parts.signal?.throwIfAborted();
    signal?.throwIfAborted();
  }

  /** E0219 where the program does not train. */
  #training(): { plan: RunPlan; scalars: StepScalars } {
    if (this.#run) return this.#run;
    const { listing, records } = this.#parts;
    const { training } = listing;
    if (training === undefined)
      throw new RuntimeFailure('E0219', `${listing.source} has no \`train on …\` block`);
    this.#checkStandards();
    const plan = planOfHost(listing, training, records);
    this.#run = { plan, scalars: new StepScalars(listing, plan) };
    return this.#run;
  }

  #block(name: string | undefined, plan: RunPlan): number {
    if (name === undefined) return blockOf(plan, this.#step + 1);
    const { steps } = this.#parts.listing;
    const block = steps.findIndex((step) => step.name === name);
    if (block >= 0) return block;
    const names = steps.flatMap((step) => step.name ?? []);
    throw new RuntimeFailure('E0201', `there is no step ${name}`, {
      help: names.length > 0 ? `Its steps are ${names.join(', ')}.` : 'Its only step has no name.',
    });
  }

  #batchesOf(batch: GivenArrays | readonly GivenArrays[], accumulate: number): readonly GivenArrays[] {
    if (accumulate === 1 && !Array.isArray(batch)) return [batch as GivenArrays];
    const list = Array.isArray(batch) ? (batch as readonly GivenArrays[]) : undefined;
    if (list?.length === accumulate) return list;
    const given = list === undefined ? 'one batch' : `${list.length} batches`;
    throw new RuntimeFailure(
      'E0214',
      `a step takes ${accumulate === 1 ? 'one batch' : `a list of ${accumulate} batches`}, not ${given}`,
    );
  }

  /** What a batch of the program's data holds; what no step reads may be left out. */
  #expected(): ExpectedInput[] {
    const { listing } = this.#parts;
    const read = new Set(
      listing.steps.flatMap(({ gradient, evaluate: evaluation }) =>
        [gradient, evaluation].flatMap((index) => routineOf(listing, index).inputs.map(({ name }) => name)),
      ),
    );
    return (listing.data?.fields ?? []).map((field) => ({ ...field, optional: !read.has(field.name) }));
  }

  #inputs(routine: number, batch: GivenArrays, whole: boolean): { inputs: Map<string, Uint8Array> } {
    const { listing } = this.#parts;
    const { batch: size, inputs } = routineOf(listing, routine);
    const { records, columns } = readArrays(batch, this.#expected(), 'the batch');
    if (whole && records !== size && columns.size > 0) {
      throw new RuntimeFailure('E0214', `the batch has ${records} records; a step takes ${size}`, {
        help: 'The batch is a part of the program: set `batch` in its data, and compile it again.',
      });
    }
    const bytes = new Map<string, Uint8Array>();
    for (const { name } of inputs) {
      const column = columns.get(name);
      if (column) bytes.set(name, columnBytes(column, 0, size));
    }
    return { inputs: bytes };
  }

  /** Mean and deviation of the training data come with weights; a host's batches do not tell them. */
  #checkStandards(): void {
    if (this.#standard === undefined) return;
    const { output, mean, deviation, span } = this.#standard;
    throw new RuntimeFailure(
      'E0503',
      `${output} is standardized, and nothing says by which ${mean} and ${deviation}`,
      {
        span,
        help: 'Give `weights` that were trained on the data; the command trains such: node trainer.mjs --steps 1 --out run',
      },
    );
  }

  /** Gradients of a program in half precision lie under a scale that only its own update knows. */
  #refuseHalf(): void {
    if (!this.#parts.listing.features?.includes('shader-f16')) return;
    throw new RuntimeFailure('E0901', 'gradients of a program with `precision = f16` are not supported yet');
  }
}
