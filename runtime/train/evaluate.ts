/**
 * Loss and metrics of whole splits, in evaluation mode. In: a runner with weights in place, a data set.
 * Out: for each split and step block the means over all records, every record counted once.
 * Holds: draws of random numbers lie apart from those of training, so that evaluating changes no training.
 */
import { evaluationBatches } from '../data/batches.ts';
import type { Dataset } from '../data/dataset.ts';
import { RuntimeFailure } from '../failure.ts';
import { routineOf } from '../listing-access.ts';
import type { Listing, StepListing } from '../plan-format.ts';
import type { StepRunner } from '../step-runner.ts';
import { BatchLoader } from './batch-loader.ts';
import { LateReads } from './late-reads.ts';
import type { MetricValues } from './metrics.ts';
import { MetricMean } from './metrics.ts';

/** Training counts its batches from 0; evaluation from here. */
const FIRST_EVALUATION_DRAW = 0x8000_0000;

export interface EvaluateOptions {
  listing: Listing;
  runner: StepRunner;
  dataset: Dataset;
  /** The splits to evaluate, in this order. */
  splits: readonly string[];
  seed: number;
  /** At most this many batches of each split. */
  batches?: number;
  /** Aborted: the evaluation is given up. */
  signal?: AbortSignal;
}

export interface Evaluation {
  split: string;
  /** Index into `Listing.steps`. */
  block: number;
  /** Of the step, where steps are named. */
  name?: string;
  values: MetricValues;
}

/** The name under which a split is reported when the averaged weights are evaluated. */
export const averagedSplit = (split: string): string => `${split}.ema`;

/**
 * Evaluates splits by every step block that has metrics. Undefined where the signal ended it early.
 * Throws RuntimeFailure E0408 for an unknown split, E0407 for an empty one.
 */
export async function evaluate(options: EvaluateOptions): Promise<Evaluation[] | undefined> {
  const { listing } = options;
  const loader = new BatchLoader(
    listing,
    options.dataset,
    new Set(listing.steps.map((step) => step.evaluate)),
  );
  return new Evaluator(options, loader).run(options.splits, options.batches);
}

/** Evaluates again and again with the same staging memory. */
export class Evaluator {
  readonly #options: Omit<EvaluateOptions, 'splits' | 'batches'>;
  readonly #loader: BatchLoader;

  constructor(options: Omit<EvaluateOptions, 'splits' | 'batches'>, loader: BatchLoader) {
    this.#options = options;
    this.#loader = loader;
  }

  /** `averages`: by the averaged weights as well, where the program keeps some. */
  async run(
    splits: readonly string[],
    batches?: number,
    averages = false,
  ): Promise<Evaluation[] | undefined> {
    this.check(splits, batches);
    const found: Evaluation[] = [];
    for (const split of splits) {
      for (const [block, step] of this.#options.listing.steps.entries()) {
        if (step.metrics.length === 0) continue;
        const name = step.name === undefined ? {} : { name: step.name };
        const values = await this.#evaluate(step, step.evaluate, split, batches);
        if (values === undefined) return undefined;
        found.push({ split, block, ...name, values });
        if (!averages || step.evaluateAverages === undefined) continue;
        const averaged = await this.#evaluate(step, step.evaluateAverages, split, batches);
        if (averaged === undefined) return undefined;
        found.push({ split: averagedSplit(split), block, ...name, values: averaged });
      }
    }
    return found;
  }

  /** Throws RuntimeFailure E0407 where a step takes whole batches alone and a split ends with a part of one. */
  check(splits: readonly string[], batches = Infinity): void {
    const { listing, dataset } = this.#options;
    for (const { evaluate: index, metrics } of listing.steps) {
      const { batch, dynamicBatch, fixedBy } = routineOf(listing, index);
      if (dynamicBatch || metrics.length === 0) continue;
      for (const split of splits) {
        const records = Math.min(recordsOf(dataset, split), batch * batches);
        if (records % batch === 0) continue;
        throw new RuntimeFailure(
          'E0407',
          `the split ${split} has ${records} records, no whole batches of ${batch}, which the step needs in evaluation too`,
          {
            span: fixedBy,
            help: `This asks for a batch of that size. Give the split a multiple of ${batch} records, evaluate whole batches with \`eval = every(…, batches = n)\`, or write the step for a batch of any size.`,
          },
        );
      }
    }
  }

  async #evaluate(
    step: StepListing,
    index: number,
    split: string,
    limit?: number,
  ): Promise<MetricValues | undefined> {
    const { listing, runner, dataset, seed, signal } = this.#options;
    const routine = routineOf(listing, index);
    const mean = new MetricMean(step.metrics);
    const reads = new LateReads(runner.slots(index));
    const scalars = new Float64Array(listing.uniform.scalars.length);
    let draw = FIRST_EVALUATION_DRAW;
    for (const records of evaluationBatches(recordsOf(dataset, split), routine.batch, limit)) {
      await reads.room();
      if (signal?.aborted) {
        await reads.drain();
        return undefined;
      }
      const handle = runner.run({
        routines: [index],
        batch: records.length,
        uniform: { seed, draw, scalars },
        inputs: this.#loader.load(routine, split, records),
        read: index,
      });
      reads.add(handle, (outputs) => mean.add(outputs, records.length));
      draw += 1;
    }
    await reads.drain();
    return mean.values();
  }
}

function recordsOf(dataset: Dataset, split: string): number {
  const records = dataset.splits.get(split);
  if (records === undefined) {
    throw new RuntimeFailure('E0408', `there is no split ${split}`, {
      help: `splits are ${[...dataset.splits.keys()].join(', ')}`,
    });
  }
  if (records === 0) throw new RuntimeFailure('E0407', `the split ${split} has no records`);
  return records;
}
