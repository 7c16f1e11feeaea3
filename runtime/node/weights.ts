/** Reads a weights file for a program: every name and shape checked against the listing. */
import { readFile } from 'node:fs/promises';
import { fitWeights, type ReadWeights, type WeightNames } from '../checkpoint/fit-weights.ts';
import type { MatchOptions } from '../checkpoint/match-weights.ts';
import { RuntimeFailure } from '../failure.ts';
import { reasonOf } from './files.ts';

/** As `fitWeights`. E0501 where the file cannot be read. */
export async function readWeights(
  path: string,
  listing: WeightNames,
  options: MatchOptions = {},
): Promise<ReadWeights> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw new RuntimeFailure('E0501', `cannot read the weights '${path}': ${reasonOf(error)}`);
  });
  return fitWeights(bytes, path, listing, options);
}
