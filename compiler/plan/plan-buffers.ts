/**
 * Sizes of the buffers that all routines share, since one runs after another. In: what each routine needs.
 * Out: buffer indices. A buffer nobody needs is not made.
 */
import type { DraftMemory, SharedBuffers } from './build-routine.ts';
import type { Places } from './places.ts';

const most = (sizes: readonly number[]): number => Math.max(0, ...sizes);

/** Bytes of each pool of intermediates. */
function poolBytes(memories: readonly DraftMemory[]): number[] {
  const pools = most(memories.map((m) => m.memory.pools.length));
  return Array.from({ length: pools }, (_, pool) => most(memories.map((m) => m.memory.pools[pool] ?? 0)));
}

/** What the intermediates of all routines take. */
export const plannedBytes = (memories: readonly DraftMemory[]): number =>
  poolBytes(memories).reduce((sum, bytes) => sum + bytes, 0);

export function planBuffers(places: Places, memories: readonly DraftMemory[]): SharedBuffers {
  const make = (role: 'activations' | 'inputs' | 'results', bytes: number): number =>
    bytes > 0 ? places.addBuffer(role, bytes) : -1;
  return {
    activations: poolBytes(memories).map((bytes) => make('activations', bytes)),
    inputs: make('inputs', most(memories.map((m) => m.inputBytes))),
    results: make('results', most(memories.map((m) => m.resultBytes))),
  };
}
