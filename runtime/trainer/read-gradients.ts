/**
 * The gradients of one batch, as numbers of the host. In: a runner, a step, a batch. Out: the step's outputs and a gradient
 * for each weight it moves. In half precision they lie under the scale of the loss, which is taken out here; where it was
 * too large for them, it is halved, as a step would, and they are taken again.
 */
import { stepOf } from '../listing-access.ts';
import type { Listing, StoredTensor } from '../plan-format.ts';
import type { Outputs, RunRequest, StepRunner } from '../step-runner.ts';
import type { Weights } from '../train/weights.ts';
import { gradientPlaces } from './gradient-places.ts';

export interface GradientRequest {
  listing: Listing;
  runner: StepRunner;
  /** Index into `Listing.steps`. */
  block: number;
  run: Pick<RunRequest, 'batch' | 'uniform' | 'inputs'>;
}

export interface ReadGradients {
  outputs: Outputs;
  gradients: Weights;
}

/** Running statistics move once; nothing else does. */
export async function readGradients(request: GradientRequest): Promise<ReadGradients> {
  const { listing, runner, block } = request;
  const { lossScale } = stepOf(listing, block);
  const scale = lossScale && listing.optimizer.find(({ name }) => name === lossScale.name);
  if (!lossScale || !scale) return await take(request, []);
  const before = await runner.readTensors(listing.states);
  for (;;) {
    const { outputs, gradients } = await take(request, [scale]);
    const divisor = gradients.get(scale.name)?.[0] || lossScale.first;
    const found = new Map([...gradients].filter(([name]) => name !== scale.name));
    if (divisor <= lossScale.smallest || allFinite(found)) {
      for (const values of found.values()) divide(values, divisor);
      return { outputs, gradients: found };
    }
    runner.writeTensor(scale, Float32Array.of(divisor / 2));
    for (const state of listing.states) runner.writeTensor(state, before.get(state.name)!);
  }
}

async function take(
  { listing, runner, block, run }: GradientRequest,
  more: StoredTensor[],
): Promise<ReadGradients> {
  const { gradient } = stepOf(listing, block);
  const handle = runner.run({ ...run, routines: [gradient], read: gradient });
  const reading = runner.readTensors([...gradientPlaces(listing, gradient), ...more]);
  const [outputs, gradients] = await Promise.all([handle.outputs(), reading]);
  return { outputs, gradients };
}

function allFinite(gradients: Weights): boolean {
  for (const values of gradients.values()) if (!values.every(Number.isFinite)) return false;
  return true;
}

/** The scale is a power of two: no digit is lost. */
function divide(values: Float32Array, divisor: number): void {
  for (let i = 0; i < values.length; i++) values[i] = (values[i] ?? 0) / divisor;
}
