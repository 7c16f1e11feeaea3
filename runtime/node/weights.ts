/** Reads a weights file for a program: every name and shape checked against the listing. */
import { readFile } from 'node:fs/promises';
import { matchWeights } from '../checkpoint/match-weights.ts';
import { decodeSafetensors } from '../checkpoint/safetensors.ts';
import { tablesFromMetadata, type DataTables } from '../data/tables.ts';
import { reasonOf } from './files.ts';
import type { Listing } from '../plan-format.ts';
import type { Weights } from '../train/weights.ts';
import { RuntimeFailure } from '../failure.ts';

export interface ReadWeights {
  values: Weights;
  /** Categories and vocabulary of the data that the weights were trained on, where it had any. */
  tables: DataTables | undefined;
}

/**
 * Values by name. `only` takes what matches a pattern. Layer states may be missing. E0501 where the file
 * cannot be read, E0502 to E0505 where it does not fit.
 */
export async function readWeights(path: string, listing: Listing, only?: string): Promise<ReadWeights> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw new RuntimeFailure('E0501', `cannot read the weights '${path}': ${reasonOf(error)}`);
  });
  const targets = [
    ...listing.parameters,
    ...listing.states.map(({ name, shape }) => ({ name, shape, optional: true })),
  ];
  const decoded = decodeSafetensors(bytes, path);
  return {
    values: matchWeights(decoded, targets, only === undefined ? {} : { only }),
    tables: tablesFromMetadata(decoded.metadata, path),
  };
}
