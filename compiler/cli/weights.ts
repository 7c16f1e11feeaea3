/** Reads a weights file for a program: every name and shape checked against the listing. */
import { readFile } from 'node:fs/promises';
import { matchWeights } from '../../runtime/checkpoint/match-weights.ts';
import { decodeSafetensors } from '../../runtime/checkpoint/safetensors.ts';
import { tablesFromMetadata, type DataTables } from '../../runtime/data/tables.ts';
import { reasonOf } from '../../runtime/node/files.ts';
import type { Listing } from '../../runtime/plan-format.ts';
import type { Weights } from '../../runtime/train/weights.ts';
import { fail } from '../diagnostics.ts';

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
  const bytes = await readFile(path).catch((error: unknown) =>
    fail('E0501', undefined, `cannot read the weights '${path}': ${reasonOf(error)}`),
  );
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
