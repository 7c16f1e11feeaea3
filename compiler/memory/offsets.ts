/**
 * Offsets inside one pool. In: lifetimes. Out: an offset each, by decreasing size, each into the smallest hole
 * that fits among those live at the same time (XLA's GlobalDecreasingSizeBestFitHeap).
 */
import { alignUp, type Lifetime } from './liveness.ts';

export interface PoolOffsets {
  readonly bytes: number;
  readonly offsets: ReadonlyMap<number, number>;
}

interface Taken {
  readonly start: number;
  readonly end: number;
}

/** The start of the tightest hole of at least `bytes` between the taken ranges, else their end. */
function bestFit(taken: readonly Taken[], bytes: number): number {
  let [best, bestSize, cursor] = [-1, Infinity, 0];
  for (const range of taken) {
    const hole = range.start - cursor;
    if (hole >= bytes && hole < bestSize) [best, bestSize] = [cursor, hole];
    cursor = Math.max(cursor, range.end);
  }
  return best >= 0 ? best : cursor;
}

export function assignOffsets(lifetimes: readonly Lifetime[], alignment: number): PoolOffsets {
  const order = [...lifetimes].sort((a, b) => b.bytes - a.bytes || a.first - b.first || a.value - b.value);
  const placed: (Lifetime & Taken)[] = [];
  const offsets = new Map<number, number>();
  let total = 0;
  for (const lifetime of order) {
    const bytes = alignUp(lifetime.bytes, alignment);
    const together = placed
      .filter((p) => p.first <= lifetime.last && lifetime.first <= p.last)
      .sort((a, b) => a.start - b.start);
    const start = bestFit(together, bytes);
    placed.push({ ...lifetime, start, end: start + bytes });
    offsets.set(lifetime.value, start);
    total = Math.max(total, start + bytes);
  }
  return { bytes: total, offsets };
}
