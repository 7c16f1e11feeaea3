/**
 * Mean and deviation of what a program standardizes, over its training split. In: a runner, the training data.
 * Out: values of the states that hold them. The device computes the tensors, the sums are taken here in double
 * precision, around the first value, so that a large mean does not eat a small deviation.
 */
import { evaluationBatches } from '../data/batches.ts';
import type { Dataset } from '../data/dataset.ts';
import { RuntimeFailure } from '../failure.ts';
import { routineOf } from '../listing-access.ts';
import type { Listing, StandardizeSpec } from '../plan-format.ts';
import type { HostArray, StepRunner } from '../step-runner.ts';
import { elements } from '../step-runner.ts';
import { BatchLoader } from './batch-loader.ts';
import { LateReads } from './late-reads.ts';
import type { Weights } from './weights.ts';

export interface StandardizeOptions {
  listing: Listing;
  runner: StepRunner;
  dataset: Dataset;
  seed: number;
}

/** Draws of random numbers, apart from those of training and of evaluation. */
const FIRST_DRAW = 0xc000_0000;

/** What is standardized and has no values in given weights. */
export function missingStandards(listing: Listing, given: Weights = new Map()): StandardizeSpec[] {
  const tensors = listing.standardize?.tensors ?? [];
  return tensors.filter(({ mean, deviation }) => !given.has(mean) || !given.has(deviation));
}

/** Throws RuntimeFailure E0405 where a statistic is not finite, E0407 without records. */
export async function measureStandards(
  options: StandardizeOptions,
  wanted: readonly StandardizeSpec[],
): Promise<Map<string, Float32Array>> {
  const { listing, runner, dataset, seed } = options;
  const index = listing.standardize?.routine ?? -1;
  const routine = routineOf(listing, index);
  const shapes = new Map(routine.outputs.map(({ name, shape }) => [name, shape]));
  const sums = wanted.map((spec) => ({ spec, sum: new Sums(shapes.get(spec.output) ?? [], spec.per) }));
  const records = dataset.splits.get('train') ?? 0;
  if (records === 0) throw new RuntimeFailure('E0407', 'the split train has no records');
  const reads = new LateReads(runner.slots(index));
  const loader = new BatchLoader(listing, dataset, [index]);
  const scalars = new Float64Array(listing.uniform.scalars.length);
  let draw = FIRST_DRAW;
  for (const batch of evaluationBatches(records, routine.batch)) {
    await reads.room();
    const handle = runner.run({
      routines: [index],
      batch: batch.length,
      uniform: { seed, draw, scalars },
      inputs: loader.load(routine, 'train', batch),
      read: index,
    });
    reads.add(handle, (outputs) => {
      for (const { spec, sum } of sums)
        sum.add(outputs.get(spec.output) ?? new Float32Array(0), batch.length);
    });
    draw += 1;
  }
  await reads.drain();
  return new Map(
    sums.flatMap(({ spec, sum }) => {
      const { means, deviations } = sum.result();
      if (![...means, ...deviations].every(Number.isFinite)) {
        throw new RuntimeFailure(
          'E0405',
          `${spec.output} cannot be standardized: its mean over the training split is not finite`,
          { span: spec.span, help: 'The data holds an infinity, or the expression makes one.' },
        );
      }
      return [
        [spec.mean, means],
        [spec.deviation, deviations],
      ] as const;
    }),
  );
}

/** Sums of one tensor, apart for every index of the axes `per`. */
class Sums {
  private readonly size: number;
  /** Which statistic each element of a record belongs to. */
  private readonly cells: Uint32Array;
  private readonly origin: Float64Array;
  private readonly first: Float64Array;
  private readonly second: Float64Array;
  private count = 0;

  constructor(shape: readonly number[], per: readonly number[]) {
    this.size = elements(shape);
    const cells = elements(per.map((axis) => shape[axis] ?? 1));
    this.cells = Uint32Array.from({ length: this.size }, (_, element) => cellOf(element, shape, per));
    this.origin = new Float64Array(cells);
    this.first = new Float64Array(cells);
    this.second = new Float64Array(cells);
  }

  add(values: HostArray, records: number): void {
    const { size, cells, origin, first, second } = this;
    if (this.count === 0) cells.forEach((cell, element) => (origin[cell] = values[element] ?? 0));
    for (let record = 0; record < records; record++) {
      for (let element = 0; element < size; element++) {
        const cell = cells[element] ?? 0;
        const value = (values[record * size + element] ?? NaN) - (origin[cell] ?? 0);
        first[cell] = (first[cell] ?? 0) + value;
        second[cell] = (second[cell] ?? 0) + value * value;
      }
    }
    this.count += records;
  }

  /** The deviation is the biased one; 1 in place of 0. */
  result(): { means: Float32Array; deviations: Float32Array } {
    const count = (this.count * this.size) / this.origin.length;
    const means = this.first.map((sum, cell) => sum / count + (this.origin[cell] ?? 0));
    const deviations = this.second.map((sum, cell) => {
      const mean = (this.first[cell] ?? 0) / count;
      const deviation = Math.fround(Math.sqrt(Math.max(0, sum / count - mean * mean)));
      return deviation === 0 ? 1 : deviation;
    });
    return { means: Float32Array.from(means), deviations: Float32Array.from(deviations) };
  }
}

function cellOf(element: number, shape: readonly number[], per: readonly number[]): number {
  let rest = element;
  const index = shape.map(() => 0);
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis] ?? 1;
    index[axis] = rest % size;
    rest = Math.floor(rest / size);
  }
  return per.reduce((cell, axis) => cell * (shape[axis] ?? 1) + (index[axis] ?? 0), 0);
}
