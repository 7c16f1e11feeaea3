/**
 * Weights and layer state of a program as host values. In: a listing, the run's seed, values that were given
 * (`--init`, a checkpoint). Out: one array a tensor, by name; and the way onto a runner and back. Averaged
 * weights (`ema`) go the same way under names of their own.
 */
import { RuntimeFailure } from '../failure.ts';
import type { Listing, ParameterSpec, StoredTensor } from '../plan-format.ts';
import type { StepRunner } from '../step-runner.ts';
import { initialize } from './initialize.ts';

/** Values by tensor name: parameters and layer states. */
export type Weights = ReadonlyMap<string, Float32Array>;

/** What outlives a run: the parameters, the layer states, the averages of the parameters where there are any. */
export function savedTensors(listing: Listing): StoredTensor[] {
  return [...listing.parameters, ...listing.states, ...(listing.averages ?? [])];
}

/** What a run goes on from: that, and what its optimizers keep. */
export function keptTensors(listing: Listing): StoredTensor[] {
  return [...savedTensors(listing), ...listing.optimizer];
}

/** A file's tensors: the parameters, then the layer states, in the order of the listing. */
export function fileTensors(
  listing: Listing,
  weights: Weights,
  averaged: boolean,
): { name: string; shape: number[]; data: Float32Array }[] {
  const known = (name: string): Float32Array => {
    const data = weights.get(name);
    if (data === undefined) throw new Error(`internal: no values for ${name}`);
    return data;
  };
  return [
    ...listing.parameters.map(({ name, shape }, i) => ({
      name,
      shape,
      data: known((averaged ? listing.averages?.[i]?.name : undefined) ?? name),
    })),
    ...listing.states.map(({ name, shape }) => ({ name, shape, data: known(name) })),
  ];
}

/** The tensors of a listing, or of a program that has no places yet. */
export type StartingTensors = {
  [Key in 'parameters' | 'states']: readonly Pick<ParameterSpec, 'name' | 'shape' | 'initializer'>[];
} & Pick<Listing, 'averages'>;

/** Given values where there are some, else what the program says. Lengths are those of the listing. */
export function initialWeights(listing: StartingTensors, seed: number, given: Weights = new Map()): Weights {
  const weights = new Map<string, Float32Array>();
  for (const parameter of listing.parameters) {
    weights.set(parameter.name, given.get(parameter.name) ?? initialize(parameter, seed));
  }
  for (const state of listing.states) {
    weights.set(state.name, given.get(state.name) ?? initialize(state, seed));
  }
  // An average starts as the weight itself.
  listing.averages?.forEach(({ name }, i) => {
    const start = weights.get(listing.parameters[i]?.name ?? '');
    if (start) weights.set(name, start);
  });
  return weights;
}

/** Uploads weights, states and what optimizers keep; tensors that are not given stay as they are. */
export function writeWeights(runner: StepRunner, listing: Listing, weights: Weights): void {
  for (const tensor of keptTensors(listing)) {
    const values = weights.get(tensor.name);
    if (values) runner.writeTensor(tensor, values);
  }
}

/** Throws RuntimeFailure E0603 for weights that hold a NaN or an infinity, which are not worth keeping. */
export function checkFinite(weights: Weights, step: number): void {
  for (const [name, values] of weights) {
    const index = firstNonFinite(values);
    if (index === undefined) continue;
    throw new RuntimeFailure(
      'E0603',
      `${name} is not finite after step ${step} (element ${index}: ${values[index]})`,
      {
        help: 'nothing was saved; lower the learning rate, or clip the gradient: clip_norm(1.0) -> …',
      },
    );
  }
}

function firstNonFinite(values: Float32Array): number | undefined {
  // A plain loop: there may be hundreds of millions.
  for (let index = 0; index < values.length; index += 1) {
    if (!Number.isFinite(values[index])) return index;
  }
  return undefined;
}
