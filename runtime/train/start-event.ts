/** What a run tells when it starts: the program, the device, how much of both. */
import { countDispatches } from '../device-limits.ts';
import { routineOf, stepOf } from '../listing-access.ts';
import type { Listing } from '../plan-format.ts';
import { elements } from '../step-runner.ts';
import type { StartEvent } from './events.ts';
import type { RunPlan } from './run-plan.ts';
import type { LoopOptions } from './training-options.ts';

export function startEvent(options: LoopOptions, plan: RunPlan): StartEvent {
  const { listing, runner, device, seed, compileSeconds } = options;
  return {
    event: 'start',
    program: listing.program,
    device: device.name,
    backend: device.backend,
    seed,
    parameters: listing.parameters.reduce((sum, parameter) => sum + elements(parameter.shape), 0),
    compile_seconds: compileSeconds,
    dispatches: dispatchesOfRound(listing, plan),
    memory_bytes: runner.memoryBytes,
  };
}

/** Dispatches of one round of the steps. */
function dispatchesOfRound(listing: Listing, plan: RunPlan): number {
  const of = (routine: number | undefined): number =>
    routine === undefined ? 0 : countDispatches(routineOf(listing, routine).commands);
  return plan.round.reduce((sum, block) => {
    const step = stepOf(listing, block);
    return sum + plan.accumulate * (of(step.gradient) + of(step.accumulate)) + of(step.update);
  }, 0);
}
