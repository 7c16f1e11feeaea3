/** A step on its way: its values come when somebody asks, and come late. */
import type { MetricValues } from '../train/metrics.ts';

export class StepHandle {
  /** Number of the step, from 1. */
  readonly step: number;
  readonly #values: Promise<MetricValues>;

  constructor(step: number, values: Promise<MetricValues>) {
    this.step = step;
    this.#values = values;
    // A host that never asks is no unhandled rejection; the next call throws what went wrong.
    values.catch(() => undefined);
  }

  /** Before the update of the step. Rejects where the device failed. */
  get loss(): Promise<number> {
    return this.#values.then(({ loss }) => loss ?? NaN);
  }

  /** The loss and every metric of the step, by name. */
  get metrics(): Promise<MetricValues> {
    return this.#values;
  }
}
