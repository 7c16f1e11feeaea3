/**
 * From outputs of batches to the numbers that are reported. In: outputs of a step block, weighted. Out: one
 * number a metric: the weighted mean, then what the metric applies to it (`perplexity(loss)`: exp).
 */
import type { MetricSpec } from '../plan-format.ts';
import type { Outputs } from '../step-runner.ts';

export type MetricValues = Record<string, number>;

/** Sums in double precision, in the order of the batches, so that a run repeats to the last bit. */
export class MetricMean {
  readonly #metrics: readonly MetricSpec[];
  readonly #sums: Float64Array;
  #weight = 0;

  constructor(metrics: readonly MetricSpec[]) {
    this.#metrics = metrics;
    this.#sums = new Float64Array(metrics.length);
  }

  /** `weight`: the records the outputs are a mean of. */
  add(outputs: Outputs, weight: number): void {
    this.#metrics.forEach((metric, index) => {
      const value = outputs.get(metric.output)?.[0];
      if (value === undefined) throw new Error(`internal: no output ${metric.output} for ${metric.name}`);
      this.#sums[index] = (this.#sums[index] ?? 0) + weight * value;
    });
    this.#weight += weight;
  }

  values(): MetricValues {
    return Object.fromEntries(
      this.#metrics.map((metric, index) => {
        const mean = (this.#sums[index] ?? 0) / this.#weight;
        return [metric.name, apply(metric.after, mean)];
      }),
    );
  }
}

function apply(after: MetricSpec['after'], mean: number): number {
  switch (after) {
    case 'identity':
      return mean;
    case 'exp':
      return Math.exp(mean);
    default:
      return after satisfies never;
  }
}
