/** Weights of a predictor. In: a file's bytes. Out: values in their places, and what is made of them alone. */
import { fitWeights } from '../checkpoint/fit-weights.ts';
import type { Listing } from '../plan-format.ts';
import type { StepRunner } from '../step-runner.ts';
import { initialWeights, writeWeights, type Weights } from '../train/weights.ts';
import type { PredictorProgram } from './predictor-program.ts';

/** E0502 to E0505 where the file does not fit. Layer states may be missing, and start as their layer says. */
export const readPredictorWeights = (
  { others }: PredictorProgram,
  listing: Listing,
  bytes: Uint8Array,
): Weights => fitWeights(bytes, 'the weights', listing, { others, whole: true }).values;

/** Predictions submitted before have read what was there before. */
export function putWeights(runner: StepRunner, listing: Listing, seed: number, values: Weights): void {
  writeWeights(runner, listing, initialWeights(listing, seed, values));
  const routines = listing.models.flatMap(({ prepare }) => prepare ?? []);
  if (routines.length === 0) return;
  const scalars = new Float64Array(listing.uniform.scalars.length);
  runner.run({ routines, batch: 1, uniform: { seed, draw: 0, scalars }, inputs: new Map() });
}
