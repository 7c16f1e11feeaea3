/**
 * Offsets inside pools. In: lifetimes, the pool each value likes best, what the pools hold already. Out: a pool and an
 * offset each, one value after another, each into the smallest hole that fits among those live at the same time (by
 * decreasing size it is XLA's GlobalDecreasingSizeBestFitHeap).
 */
import { alignUp, type Lifetime } from './liveness.ts';

export interface Placement {
  readonly pool: number;
  readonly offset: number;
}

export interface PoolOffsets {
  /** Bytes of each pool. */
  readonly pools: readonly number[];
  readonly places: ReadonlyMap<number, Placement>;
}

/** `preferred`: in the pool it likes. `tightest`: in another one where the pool it likes would grow more. */
export type PoolPolicy = 'preferred' | 'tightest';

/** What is placed first: the largest, what lives longest, or what takes most memory for most of the time. */
export type PlacingOrder = 'size' | 'span' | 'area';

const WEIGHTS: { readonly [P in PlacingOrder]: (lifetime: Lifetime) => number } = {
  size: ({ bytes }) => bytes,
  span: ({ first, last }) => last - first,
  area: ({ bytes, first, last }) => bytes * (last - first + 1),
};

interface PlacingOptions {
  readonly policy: PoolPolicy;
  readonly order: PlacingOrder;
  readonly alignment: number;
  readonly capacity?: number;
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

/**
 * `held`: bytes of the pools that others need anyway. A pool takes no more than `capacity` bytes: what fits into none gets
 * one more.
 */
export function assignOffsets(
  lifetimes: readonly Lifetime[],
  preferred: (value: number) => number,
  held: readonly number[],
  { policy, order, alignment, capacity = Infinity }: PlacingOptions,
): PoolOffsets {
  const weight = WEIGHTS[order];
  const sorted = [...lifetimes].sort(
    (a, b) => weight(b) - weight(a) || b.bytes - a.bytes || a.first - b.first || a.value - b.value,
  );
  const placed: (Lifetime & Taken)[][] = held.map(() => []);
  const heldBy = (pool: number): number => held[pool] ?? 0;
  const places = new Map<number, Placement>();
  const pools = held.map(() => 0);
  for (const lifetime of sorted) {
    const bytes = alignUp(lifetime.bytes, alignment);
    const startIn = (pool: number): number => {
      const together = placed[pool]!.filter((p) => p.first <= lifetime.last && lifetime.first <= p.last);
      return bestFit(
        together.sort((a, b) => a.start - b.start),
        bytes,
      );
    };
    const growth = (pool: number): number =>
      Math.max(0, startIn(pool) + bytes - Math.max(pools[pool]!, heldBy(pool)));
    const fits = (pool: number): boolean => startIn(pool) + bytes <= capacity;
    let pool = preferred(lifetime.value);
    if (policy === 'tightest' || !fits(pool))
      for (const other of pools.keys())
        if (fits(other) && (!fits(pool) || growth(other) < growth(pool))) pool = other;
    if (!fits(pool)) {
      pool = pools.push(0) - 1;
      placed.push([]);
    }
    const offset = startIn(pool);
    placed[pool]!.push({ ...lifetime, start: offset, end: offset + bytes });
    places.set(lifetime.value, { pool, offset });
    pools[pool] = Math.max(pools[pool]!, offset + bytes);
  }
  return { pools, places };
}
