/**
 * Records on their way to a routine's inputs. In: record numbers of a split. Out: the bytes of every input, in
 * staging memory made once and used again for each batch.
 */
import type { Dataset } from '../data/dataset.ts';
import type { Listing, Routine } from '../plan-format.ts';
import { recordBytes } from '../step-runner.ts';

export class BatchLoader {
  readonly #dataset: Dataset;
  readonly #staging = new Map<Routine, Map<string, Uint8Array>>();

  /** Stages the inputs of these routines; equal inputs of different routines share memory. */
  constructor(listing: Listing, dataset: Dataset, routines: Iterable<number>) {
    this.#dataset = dataset;
    const shared = new Map<string, Uint8Array>();
    for (const index of routines) {
      const routine = listing.routines[index];
      if (routine === undefined) throw new Error(`internal: no routine ${index} in the listing`);
      const inputs = new Map<string, Uint8Array>();
      for (const input of routine.inputs) {
        const size = Math.ceil((routine.batch * recordBytes(input)) / 4) * 4;
        const key = `${input.name} ${size}`;
        const bytes = shared.get(key) ?? new Uint8Array(size);
        shared.set(key, bytes);
        inputs.set(input.name, bytes);
      }
      this.#staging.set(routine, inputs);
    }
  }

  /** The bytes stay as they are until the next call. */
  load(routine: Routine, split: string, records: Uint32Array): ReadonlyMap<string, Uint8Array> {
    const inputs = this.#staging.get(routine);
    if (inputs === undefined) throw new Error(`internal: routine ${routine.name} is not staged`);
    for (const [field, bytes] of inputs) this.#dataset.copy(split, field, records, bytes);
    return inputs;
  }
}
