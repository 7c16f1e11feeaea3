/** A model's outputs for arrays that a host gives. In: a runner with weights in place, arrays by name. */
import { routineOf } from '../listing-access.ts';
import type { Listing } from '../plan-format.ts';
import { modelOf, predict, type Prediction } from '../predict.ts';
import type { StepRunner } from '../step-runner.ts';
import type { GivenArrays } from './batch-inputs.ts';
import type { CallGuard } from './call-guard.ts';
import { modelRecords } from './host-batches.ts';

export interface PredictArraysOptions {
  /** Which model, where there are several. */
  model?: string;
  signal?: AbortSignal;
}

/** Outputs by name. E0201 to E0214 and E0405 to E0407 for what does not fit. */
export async function predictArrays(
  { listing, runner, seed }: { listing: Listing; runner: StepRunner; seed: number },
  guard: CallGuard,
  inputs: GivenArrays,
  options: PredictArraysOptions,
): Promise<Record<string, Prediction>> {
  guard.check(options.signal);
  const { predict: routine, name } = modelOf(listing, options.model);
  const source = modelRecords(listing, name, routineOf(listing, routine), inputs);
  const signal = guard.signalWith(options.signal);
  const predicting = predict({ listing, runner, routine, inputs: source, seed, ...signal });
  const found = await guard.reading('predict', predicting);
  guard.check(options.signal);
  return Object.fromEntries((found ?? []).map((output) => [output.name, output]));
}
