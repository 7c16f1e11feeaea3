/** The bytes of a weights file, fitted to a program: every name and shape checked against the listing. */
import { tablesFromMetadata, type DataTables } from '../data/tables.ts';
import type { Listing } from '../plan-format.ts';
import type { Weights } from '../train/weights.ts';
import { matchWeights } from './match-weights.ts';
import { decodeSafetensors } from './safetensors.ts';

export interface ReadWeights {
  values: Weights;
  /** Categories and vocabulary of the data that the weights were trained on, where it had any. */
  tables: DataTables | undefined;
}

/**
 * Values by name. `file`: as errors name it; `only` takes what matches a pattern. Layer states may be missing.
 * E0502 to E0505 where it does not fit.
 */
export function fitWeights(bytes: Uint8Array, file: string, listing: Listing, only?: string): ReadWeights {
  const targets = [
    ...listing.parameters,
    ...listing.states.map(({ name, shape }) => ({ name, shape, optional: true })),
  ];
  const decoded = decodeSafetensors(bytes, file);
  return {
    values: matchWeights(decoded, targets, only === undefined ? {} : { only }),
    tables: tablesFromMetadata(decoded.metadata, file),
  };
}
