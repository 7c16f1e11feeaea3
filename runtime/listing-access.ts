/** Entries of a listing by index; an index without an entry is a mistake of the compiler. */
import type { Listing, Routine, StepListing } from './plan-format.ts';

export function stepOf(listing: Listing, block: number): StepListing {
  const step = listing.steps[block];
  if (step === undefined) throw new Error(`internal: no step ${block} in the listing`);
  return step;
}

export function routineOf(listing: Listing, index: number): Routine {
  const routine = listing.routines[index];
  if (routine === undefined) throw new Error(`internal: no routine ${index} in the listing`);
  return routine;
}
