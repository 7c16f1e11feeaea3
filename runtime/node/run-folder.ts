/**
 * A run's folder: where its state is kept, and what a run to go on with must have in common with the program at hand. In:
 * the folder of --resume. Out: the state, checked. E0501 no state there; E0502 to E0505 it is damaged; E0507 another run.
 */
import fs from 'node:fs';
import path from 'node:path';
import { decodeRunState } from '../checkpoint/run-state.ts';
import { RuntimeFailure } from '../failure.ts';
import type { Listing } from '../plan-format.ts';
import type { RunIdentity, RunState } from '../train/run-progress.ts';
import { reasonOf } from './files.ts';

export const statePath = (folder: string): string => path.join(folder, 'state.safetensors');
export const weightsPath = (folder: string): string => path.join(folder, 'weights.safetensors');

/** `seed`: where the command line asks for one. */
export function readRun(
  folder: string,
  listing: Listing,
  fingerprint: string,
  seed: number | undefined,
): RunState {
  const file = statePath(folder);
  let bytes: Uint8Array;
  try {
    bytes = fs.readFileSync(file);
  } catch (error) {
    throw new RuntimeFailure(
      'E0501',
      `there is no run to go on with in '${folder}': ${file}: ${reasonOf(error)}`,
      {
        help: 'A run keeps its state in the folder of its --out, from its first evaluation or first minute on; --init starts a new run from weights.',
      },
    );
  }
  return decodeRunState(bytes, file, listing, (identity) => {
    if (identity.fingerprint !== fingerprint) {
      throw otherRun(
        `the run in '${folder}' is of another program, or this one has changed since`,
        'Only how long it trains (`epochs`, `steps`) may change. A new run can start from its weights: --init takes weights.safetensors of that folder, or a file of `save`.',
      );
    }
    if (seed === undefined || seed === identity.seed) return;
    throw otherRun(
      `the run in '${folder}' has the seed ${identity.seed}, and --seed asks for ${seed}`,
      'Leave --seed out to go on with it.',
    );
  });
}

/** The data must be what it was: the order of the records and their splits follow from their number. */
export function checkRecords(
  { records }: RunIdentity,
  found: ReadonlyMap<string, number>,
  folder: string,
): void {
  for (const split of new Set([...Object.keys(records), ...found.keys()])) {
    const [then, now] = [records[split] ?? 0, found.get(split) ?? 0];
    if (then === now) continue;
    throw otherRun(
      `the data has changed since the run in '${folder}' was kept: ${split} had ${then} records and has ${now}`,
      'Put the data back, or start a new run from the weights with --init.',
    );
  }
}

const otherRun = (message: string, help: string): RuntimeFailure =>
  new RuntimeFailure('E0507', message, { help });
