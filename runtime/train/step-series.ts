/**
 * Training steps without what stands around them in a run: no evaluation, no files, no events. In: a listing, a device,
 * data. Out: the loss of every step, once all of them are done. For measuring: two series over one data set take the
 * same batches and the same random numbers.
 */
import { createRunner, type DisposableRunner, type ProgramDevice } from '../create-runner.ts';
import { BatchOrder } from '../data/batches.ts';
import type { Dataset } from '../data/dataset.ts';
import { routineOf, stepOf } from '../listing-access.ts';
import type { Listing, StepListing } from '../plan-format.ts';
import { BatchLoader } from './batch-loader.ts';
import { LateReads } from './late-reads.ts';
import { MetricMean } from './metrics.ts';
import { blockOf, planRun, type RunPlan } from './run-plan.ts';
import { measureStandards, missingStandards } from './standardize.ts';
import { StepScalars } from './step-scalars.ts';
import { initialWeights, writeWeights } from './weights.ts';

export interface SeriesOptions {
  listing: Listing;
  device: ProgramDevice;
  dataset: Dataset;
  seed: number;
}

export class StepSeries {
  readonly #listing: Listing;
  readonly #runner: DisposableRunner;
  readonly #seed: number;
  readonly #order: BatchOrder;
  readonly #plan: RunPlan;
  readonly #loader: BatchLoader;
  readonly #scalars: StepScalars;
  readonly #reads: LateReads;
  #step = 0;
  #batches = 0;

  private constructor({ listing, dataset, seed }: SeriesOptions, runner: DisposableRunner) {
    const { training, data, steps } = listing;
    if (training === undefined) throw new Error('internal: the listing has no training');
    this.#listing = listing;
    this.#runner = runner;
    this.#seed = seed;
    const { batch } = routineOf(listing, steps[0]?.gradient ?? -1);
    const records = dataset.splits.get('train') ?? 0;
    const place = { split: 'train', ...(data ? { span: data.span } : {}) };
    this.#order = new BatchOrder(records, batch, data?.shuffle ?? false, seed, place);
    this.#plan = planRun(training, steps, this.#order.batchesPerEpoch);
    const gradients = steps.map(({ gradient }) => gradient);
    this.#loader = new BatchLoader(listing, dataset, new Set(gradients));
    this.#scalars = new StepScalars(listing, this.#plan);
    this.#reads = new LateReads(Math.min(...gradients.map((routine) => runner.slots(routine))));
  }

  /** Makes everything on the device, initial weights too. Throws RuntimeFailure as `train` does. */
  static async create(options: SeriesOptions): Promise<StepSeries> {
    const { listing, device, dataset, seed } = options;
    const missing = missingStandards(listing);
    const routines = listing.steps.flatMap(routinesOf);
    if (missing.length > 0 && listing.standardize) routines.push(listing.standardize.routine);
    const runner = await createRunner(listing, device, { routines: [...new Set(routines)] });
    try {
      const given = { listing, runner, dataset, seed };
      const standards = missing.length > 0 ? await measureStandards(given, missing) : [];
      writeWeights(runner, listing, new Map([...initialWeights(listing, seed), ...standards]));
      return new StepSeries(options, runner);
    } catch (error) {
      runner.dispose();
      throw error;
    }
  }

  /** The next `count` steps. Settles when their work is done, with the loss of each (its first metric without one). */
  async run(count: number): Promise<number[]> {
    const losses: number[] = [];
    for (let i = 0; i < count; i += 1) await this.#submit((loss) => losses.push(loss));
    await this.#reads.drain();
    await this.#runner.finished();
    return losses;
  }

  dispose(): void {
    this.#runner.dispose();
  }

  async #submit(tell: (loss: number) => void): Promise<void> {
    this.#step += 1;
    const block = blockOf(this.#plan, this.#step);
    const step = stepOf(this.#listing, block);
    const routine = routineOf(this.#listing, step.gradient);
    const scalars = this.#scalars.next(block);
    const mean = new MetricMean(step.metrics);
    const parts = this.#plan.accumulate;
    for (let part = 1; part <= parts; part += 1) {
      const wait = this.#reads.room();
      if (wait) await wait;
      const { records } = this.#order.next();
      const update = part === parts && step.update !== undefined ? [step.update] : [];
      const handle = this.#runner.run({
        routines: [step.gradient, ...(step.accumulate === undefined ? [] : [step.accumulate]), ...update],
        batch: records.length,
        uniform: { seed: this.#seed, draw: this.#batches, scalars },
        inputs: this.#loader.load(routine, 'train', records),
        read: step.gradient,
        ...(part === 1 && step.accumulate !== undefined ? { clear: ['accumulators'] as const } : {}),
      });
      this.#batches += 1;
      this.#reads.add(handle, (outputs) => {
        mean.add(outputs, records.length);
        if (part < parts) return;
        const values = mean.values();
        tell(values['loss'] ?? Object.values(values)[0] ?? 0);
      });
    }
  }
}

const routinesOf = ({ gradient, accumulate, update }: StepListing): number[] =>
  [gradient, accumulate, update].filter((routine) => routine !== undefined);
