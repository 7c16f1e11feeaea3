/**
 * Names of the tensors that an update reads and overwrites, as kernels know them. A weight that several `minimize` of a
 * step move has a gradient for each: `mover` is 0, 1 … in the order of the step.
 */
import { gradientOutput } from '../semantics/program.ts';

export const weightsName = (segment: number): string => `weights:${segment}`;
export const averagesName = (segment: number): string => `averages:${segment}`;
export const gradientsName = (segment: number, mover: number): string =>
  `gradients:${gradientOutput(String(segment), mover)}`;
export const accumulatorsName = (segment: number, mover: number): string =>
  `accumulators:${gradientOutput(String(segment), mover)}`;

/** The gradient of one parameter: a part of its segment's. */
export const gradientName = (parameter: string, mover: number): string =>
  `gradient:${gradientOutput(parameter, mover)}`;
