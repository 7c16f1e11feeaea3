/**
 * A whole training run on a device. In: a listing, a device, data, callbacks. Out: a trained program's files
 * and events. Kernels compile while the initial weights are computed; all device memory is freed at the end.
 */
import type { Listing } from '../plan-format.ts';
import { createRunner, type ProgramDevice } from '../create-runner.ts';
import type { RunState } from './run-progress.ts';
import { measureStandards, missingStandards } from './standardize.ts';
import { runTraining } from './trainer.ts';
import type { LoopOptions, TrainResult } from './training-options.ts';
import type { Weights } from './weights.ts';
import { initialWeights, writeWeights } from './weights.ts';

export interface TrainOptions extends Omit<
  LoopOptions,
  'runner' | 'device' | 'clock' | 'processStart' | 'resume'
> {
  device: ProgramDevice;
  /** Values to start from, by name, of the listing's shapes; the rest is initialized from the seed. */
  initial?: Weights;
  /** A run to go on with, in place of `initial`. */
  from?: RunState;
  /** Seconds; by default those of `performance.now()`, whose zero is the start of the process. */
  clock?: () => number;
  /** By `clock`; 0 by default. */
  processStart?: number;
}

/**
 * Trains the program of a listing. Throws RuntimeFailure: E0603 for a loss that is not finite, E0602 and E0604
 * from the device, E0407 and E0408 where data and program do not fit.
 */
export async function train(options: TrainOptions): Promise<TrainResult> {
  const { listing, device, seed, from, initial, clock = secondsSinceStart, processStart = 0 } = options;
  const creating = createRunner(listing, device, { routines: trainingRoutines(listing) });
  // Awaited below; a failure meanwhile is no unhandled rejection.
  creating.catch(() => undefined);
  const weights = from?.tensors ?? initialWeights(listing, seed, initial);
  const runner = await creating;
  try {
    const missing = missingStandards(listing, from?.tensors ?? initial);
    const standards = missing.length > 0 ? await measureStandards({ ...options, runner }, missing) : [];
    writeWeights(runner, listing, new Map([...weights, ...standards]));
    const { name, backend } = device;
    const resume = from && { resume: from.progress };
    return await runTraining({
      ...options,
      ...resume,
      runner,
      device: { name, backend },
      clock,
      processStart,
    });
  } finally {
    runner.dispose();
  }
}

/** The routines that training and its evaluations run; models' own predictions are left out. */
export function trainingRoutines(listing: Listing): number[] {
  const routines = listing.steps.flatMap((step) => [
    step.gradient,
    step.accumulate,
    step.update,
    step.evaluate,
    step.evaluateAverages,
  ]);
  routines.push(listing.standardize?.routine);
  return [...new Set(routines.filter((routine) => routine !== undefined))];
}

function secondsSinceStart(): number {
  return performance.now() / 1000;
}
