/** Reads a weights file for a program: every name and shape checked against the listing. */
import { readFile } from 'node:fs/promises';
import { matchWeights } from '../../runtime/checkpoint/match-weights.ts';
import { decodeSafetensors } from '../../runtime/checkpoint/safetensors.ts';
import { reasonOf } from '../../runtime/node/files.ts';
import type { Listing } from '../../runtime/plan-format.ts';
import type { Weights } from '../../runtime/train/weights.ts';
import { fail } from '../diagnostics.ts';

/**
 * Values by name. `only` takes what matches a pattern. Layer states may be missing. E0501 where the file
 * cannot be read, E0502 to E0505 where it does not fit.
 */
export async function readWeights(path: string, listing: Listing, only?: string): Promise<Weights> {
  const bytes = await readFile(path).catch((error: unknown) =>
    fail('E0501', undefined, `cannot read the weights '${path}': ${reasonOf(error)}`),
  );
  const targets = [
    ...listing.parameters,
    ...listing.states.map(({ name, shape }) => ({ name, shape, optional: true })),
  ];
  return matchWeights(decodeSafetensors(bytes, path), targets, only === undefined ? {} : { only });
}
