/**
 * A program that a host drives step by step. In: a runner with weights in place, batches. Out: losses, metrics,
 * predictions, gradients, weights. Holds: `step` never waits; what goes wrong on the device surfaces in the values
 * that were asked for, in `lost`, and at the next call; what is read of the weights is of one moment, because nothing
 * moves them meanwhile.
 */
import { fitWeights } from '../checkpoint/fit-weights.ts';
import type { Dataset } from '../data/dataset.ts';
import type { DataTables } from '../data/tables.ts';
import { RuntimeFailure } from '../failure.ts';
import { routineOf, stepOf } from '../listing-access.ts';
import type { StandardizeSpec, StepListing, StoredTensor } from '../plan-format.ts';
import type { RunHandle } from '../step-runner.ts';
import { evaluate } from '../train/evaluate.ts';
import { missingStandards } from '../train/standardize.ts';
import { MetricMean, type MetricValues } from '../train/metrics.ts';
import { blockOf, type RunPlan } from '../train/run-plan.ts';
import { weightsFile } from '../train/save.ts';
import { StepScalars } from '../train/step-scalars.ts';
import { checkFinite, initialWeights, savedTensors, writeWeights } from '../train/weights.ts';
import type { GivenArrays } from './batch-inputs.ts';
import { DrivenProgram, type DrivenParts } from './driven-program.ts';
import { batchesOfStep, dataRecords, stepInputs } from './host-batches.ts';
import { readGradients } from './read-gradients.ts';
import { planOfHost } from './run-lengths.ts';
import { StepHandle } from './step-handle.ts';

/** Steps whose values may be unread at a time, each with a small buffer of its own. */
export const MOST_UNREAD = 1024;

export interface TrainerParts extends DrivenParts {
  records: number | undefined;
  tables: DataTables | undefined;
  /** What the program standardizes and no weights have told the mean of. */
  standard: StandardizeSpec | undefined;
}

export interface StepOptions {
  /** The step to run, where the program names them; by default the next in their order. */
  name?: string;
}

export class CompiledTrainer extends DrivenProgram<TrainerParts> {
  #tables: DataTables | undefined;
  #run: { plan: RunPlan; scalars: StepScalars } | undefined;
  #step = 0;
  #batches = 0;
  #unread = 0;
  #standard: StandardizeSpec | undefined;

  constructor(parts: TrainerParts) {
    super(parts);
    this.#tables = parts.tables;
    this.#standard = parts.standard;
  }

  /** Steps done so far. */
  get steps(): number {
    return this.#step;
  }

  /**
   * One training step on one batch, or on a list of `accumulate` batches. Returns at once.
   */
  step(batch: GivenArrays | readonly GivenArrays[], options: StepOptions = {}): StepHandle {
    this.guard.checkMoving();
    const { listing, runner, seed } = this.parts;
    const { plan, scalars } = this.#training();
    const block = this.#block(options.name, plan);
    const spec = stepOf(listing, block);
    const batches = batchesOfStep(batch, plan.accumulate);
    const inputs = batches.map((each) => stepInputs(listing, spec.gradient, each));
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
    return new StepHandle(step, this.guard.whileThere(this.#valuesOf(handles, spec, size)));
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
    this.guard.check(options.signal);
    this.#training();
    const { listing, runner, seed } = this.parts;
    const source = dataRecords(listing, records);
    const dataset: Dataset = {
      splits: new Map([['batch', source.records]]),
      copy: (_split, field, chosen, target) => source.copy(field, chosen, target),
    };
    const signal = this.guard.signalWith(options.signal);
    const splits = ['batch'];
    const evaluating = evaluate({ listing, runner, dataset, splits, seed, ...signal });
    const found = await this.guard.reading('evaluate', evaluating);
    this.guard.check(options.signal);
    const [only] = found ?? [];
    if (only && only.name === undefined) return only.values;
    return Object.fromEntries((found ?? []).map(({ name = '', values }) => [name, values]));
  }

  /**
   * Loss, metrics and the gradients of one batch, by weight; nothing is updated but running statistics. Only the
   * weights that the step moves have one.
   */
  async gradients(
    batch: GivenArrays,
    options: StepOptions = {},
  ): Promise<{ metrics: MetricValues; gradients: Record<string, Float32Array> }> {
    this.guard.checkMoving();
    const { listing, runner, seed } = this.parts;
    const { plan, scalars } = this.#training();
    const block = this.#block(options.name, plan);
    const spec = stepOf(listing, block);
    const inputs = stepInputs(listing, spec.gradient, batch);
    const size = routineOf(listing, spec.gradient).batch;
    const uniform = { seed, draw: this.#batches, scalars: scalars.values };
    this.#batches += 1;
    const taking = readGradients({ listing, runner, block, run: { batch: size, uniform, inputs } });
    const { outputs, gradients } = await this.guard.reading('gradients', taking);
    const mean = new MetricMean(spec.metrics);
    mean.add(outputs, size);
    return { metrics: mean.values(), gradients: Object.fromEntries(gradients) };
  }

  /** The weights as a safetensors file: parameters and layer states, the same file that `netc train` writes. */
  async save(): Promise<Uint8Array> {
    this.guard.check();
    const { listing, runner } = this.parts;
    const step = this.#step;
    const weights = await this.guard.reading('save', runner.readTensors(savedTensors(listing)));
    checkFinite(weights, step);
    return weightsFile(listing, weights, this.#tables);
  }

  /** Starts anew from the weights of a file, as `--init` does: E0502 to E0505 where they do not fit. */
  load(bytes: Uint8Array): void {
    this.guard.checkMoving();
    const { listing, runner, seed } = this.parts;
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

  /** E0219 where the program does not train. */
  #training(): { plan: RunPlan; scalars: StepScalars } {
    if (this.#run) return this.#run;
    const { listing, records } = this.parts;
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
    const { steps } = this.parts.listing;
    const block = steps.findIndex((step) => step.name === name);
    if (block >= 0) return block;
    const names = steps.flatMap((step) => step.name ?? []);
    throw new RuntimeFailure('E0201', `there is no step ${name}`, {
      help: names.length > 0 ? `Its steps are ${names.join(', ')}.` : 'Its only step has no name.',
    });
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
}
