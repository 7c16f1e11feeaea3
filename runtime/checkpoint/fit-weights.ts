/** The bytes of a weights file, fitted to a program: every name and shape checked against the listing. */
import { tablesFromMetadata, type DataTables } from '../data/tables.ts';
import type { ParameterSpec } from '../plan-format.ts';
import type { Weights } from '../train/weights.ts';
import { matchWeights, type MatchOptions } from './match-weights.ts';
import { decodeSafetensors } from './safetensors.ts';
import { asWeights } from './state-names.ts';

export interface ReadWeights {
  values: Weights;
  /** Categories and vocabulary of the data that the weights were trained on, where it had any. */
  tables: DataTables | undefined;
}

/** Which weights and states a program has. */
export interface WeightNames {
  parameters: readonly Pick<ParameterSpec, 'name' | 'shape' | 'span'>[];
  states: readonly Pick<ParameterSpec, 'name' | 'shape'>[];
}

/**
 * Values by name. `file`: as errors name it. Layer states may be missing, and a run's state serves as well. E0502 to E0505
 * where it does not fit.
 */
export function fitWeights(
  bytes: Uint8Array,
  file: string,
  listing: WeightNames,
  options: MatchOptions = {},
): ReadWeights {
  const targets = [
    ...listing.parameters,
    ...listing.states.map(({ name, shape }) => ({ name, shape, optional: true })),
  ];
  const decoded = asWeights(decodeSafetensors(bytes, file));
  return {
    values: matchWeights(decoded, targets, options),
    tables: tablesFromMetadata(decoded.metadata, file),
  };
}
