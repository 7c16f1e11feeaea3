/**
 * What a run consists of, counted before it starts: steps, the order of the step blocks, runs of each block.
 * In: the listing's training and steps, batches in an epoch, where the command line stops. Out: a RunPlan.
 * Holds: schedules see the whole program (`runs`), also where the run stops earlier.
 */
import type { Duration, StepListing, TrainingSpec } from '../plan-format.ts';

export interface RunPlan {
  /** The step blocks of one round, as indices into `Listing.steps`, in the order they run. */
  round: readonly number[];
  /** Steps of this run: those of the program, or fewer. */
  steps: number;
  /** Runs of each block in the whole program. */
  runs: readonly number[];
  /** Runs of each block in an epoch; a fraction where blocks share the batches. */
  runsPerEpoch: readonly number[];
  batchesPerEpoch: number;
  /** Batches a step takes. */
  accumulate: number;
}

/** Counts the run. `limit`: `--steps`. Exactly one of `epochs` and `steps` is set in the training. */
export function planRun(
  training: TrainingSpec,
  steps: readonly StepListing[],
  batchesPerEpoch: number,
  limit = Infinity,
): RunPlan {
  const round = steps.flatMap((step, index) => Array<number>(step.times).fill(index));
  if (round.length === 0) throw new Error('internal: training without a step');
  const { accumulate } = training;
  // Rounded before it is cut down, so that 0.1 * 30 epochs are 3.
  const wholeEpochs = Math.floor(round9(((training.epochs ?? 0) * batchesPerEpoch) / accumulate));
  const programSteps = training.steps ?? wholeEpochs;
  const shares = steps.map((_, block) => round.filter((entry) => entry === block).length / round.length);
  return {
    round,
    steps: Math.min(programSteps, limit),
    runs: steps.map((_, block) => runsOf(block, round, programSteps)),
    runsPerEpoch: shares.map((share) => (share * batchesPerEpoch) / accumulate),
    batchesPerEpoch,
    accumulate,
  };
}

/** The step block that step number `step` (from 1) runs. */
export function blockOf(plan: RunPlan, step: number): number {
  return plan.round[(step - 1) % plan.round.length] ?? 0;
}

/** Where a run stands after a step. */
export interface Position {
  step: number;
  batches: number;
}

/** Every step takes the same number of batches. */
export const positionOf = (plan: RunPlan, step: number): Position => ({
  step,
  batches: step * plan.accumulate,
});

/** Epochs completed at a position. */
export function completedEpochs(plan: RunPlan, position: Position): number {
  return Math.floor(position.batches / plan.batchesPerEpoch);
}

/** True when the step that led from `before` to `after` reached or passed a multiple of the duration. */
export function isDue(every: Duration, plan: RunPlan, before: Position, after: Position): boolean {
  const count = (position: Position): number => {
    const amount = every.unit === 'step' ? position.step : position.batches / plan.batchesPerEpoch;
    return Math.floor(round9(amount / every.count));
  };
  return count(after) > count(before);
}

/** How often a block is run in the first `steps` steps. */
export function runsOf(block: number, round: readonly number[], steps: number): number {
  const whole = Math.floor(steps / round.length);
  const inRound = round.filter((entry) => entry === block).length;
  const inRest = round.slice(0, steps % round.length).filter((entry) => entry === block).length;
  return whole * inRound + inRest;
}

/** Takes away the rounding of a quotient, as in 0.3 / 0.1. */
function round9(value: number): number {
  return Math.round(value * 1e9) / 1e9;
}
