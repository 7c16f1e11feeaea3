/**
 * Keeps the host from running ahead of the device when no results are read. In: a runner.
 * Out: a wait before every so many runs, until the work of the ones before the last batch of runs is done.
 */
import type { StepRunner } from '../step-runner.ts';

/** At most twice as many runs are in flight. */
const RUNS_A_FENCE = 8;

export class Throttle {
  readonly #runner: StepRunner;
  #runs = 0;
  #fence: Promise<void> | undefined;

  constructor(runner: StepRunner) {
    this.#runner = runner;
  }

  /** Call once before each run; await what it returns, if anything. */
  room(): Promise<void> | undefined {
    this.#runs += 1;
    if (this.#runs % RUNS_A_FENCE !== 0) return undefined;
    const before = this.#fence;
    this.#fence = this.#runner.finished();
    // Whoever waits for it sees the failure; an abandoned one is no unhandled rejection.
    this.#fence.catch(() => undefined);
    return before;
  }
}
