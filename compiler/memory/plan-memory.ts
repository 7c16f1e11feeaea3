/**
 * The memory plan of one routine's intermediates. In: their lifetimes, the kernels in order. Out: pool and offset of
 * every value. Routines run one after another, so all of them share the same pools.
 */
import type { Kernel } from '../kernel/ir.ts';
import type { TargetProfile } from '../kernel/profile.ts';
import { fail } from '../diagnostics.ts';
import { ACTIVATION_POOLS, choosePools } from './choose-pools.ts';
import { alignUp, lowerBound, type Lifetime } from './liveness.ts';
import { assignOffsets, type PlacingOrder, type PoolOffsets, type PoolPolicy } from './offsets.ts';

const NOTHING_HELD: readonly number[] = Array.from({ length: ACTIVATION_POOLS }, () => 0);

export interface PlacedValue extends Lifetime {
  /** Index of the activation pool. */
  readonly pool: number;
  readonly offset: number;
}

export interface MemoryPlan {
  readonly values: readonly PlacedValue[];
  /** Bytes of each activation pool. */
  readonly pools: readonly number[];
  readonly naiveBytes: number;
  readonly lowerBoundBytes: number;
}

/** Pools larger than this share of the lower bound are not worth the barriers they spare. */
const LOOSE = 1.05;

/** `held`: bytes of the pools that other routines need anyway. */
export function planMemory(
  lifetimes: readonly Lifetime[],
  kernels: readonly Kernel[],
  profile: TargetProfile,
  held: readonly number[] = NOTHING_HELD,
): MemoryPlan {
  checkSizes(lifetimes, kernels, profile);
  const lowerBoundBytes = lowerBound(lifetimes, profile.offsetAlignment);
  const { pools, places } = assign(lifetimes, kernels, profile, held, LOOSE * lowerBoundBytes);
  const values = lifetimes.map((l): PlacedValue => ({ ...l, ...places.get(l.value)! }));
  values.sort((a, b) => a.first - b.first || a.value - b.value);
  return {
    values,
    pools,
    naiveBytes: lifetimes.reduce((sum, l) => sum + alignUp(l.bytes, profile.offsetAlignment), 0),
    lowerBoundBytes,
  };
}

/** Ways to place values, the one with the fewest barriers first. */
const WAYS: readonly (readonly [PoolPolicy, PlacingOrder])[] = [
  ['preferred', 'size'],
  ['tightest', 'size'],
  ['preferred', 'span'],
  ['tightest', 'span'],
  ['preferred', 'area'],
  ['tightest', 'area'],
];

/** The first way that takes no more than `wanted` bytes, else the smallest. */
function assign(
  lifetimes: readonly Lifetime[],
  kernels: readonly Kernel[],
  { offsetAlignment: alignment, bufferBytes: capacity }: TargetProfile,
  held: readonly number[],
  wanted: number,
): PoolOffsets {
  const poolOf = choosePools(kernels, new Set(lifetimes.map((l) => l.value)));
  const preferred = (value: number): number => poolOf.get(value)!;
  const total = ({ pools }: PoolOffsets): number =>
    pools.reduce((sum, bytes, pool) => sum + Math.max(bytes, held[pool] ?? 0), 0);
  let best: PoolOffsets | undefined;
  for (const [policy, order] of WAYS) {
    const found = assignOffsets(lifetimes, preferred, held, { policy, order, alignment, capacity });
    if (best === undefined || total(found) < total(best)) best = found;
    if (total(best) <= Math.max(wanted, sumOf(held))) break;
  }
  return best!;
}

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0);

function checkSizes(
  lifetimes: readonly Lifetime[],
  kernels: readonly Kernel[],
  profile: TargetProfile,
): void {
  for (const l of lifetimes) {
    if (l.bytes <= profile.bufferBytes) continue;
    const kernel = kernels[l.first]!;
    fail(
      'E0901',
      kernel.source[0],
      `an intermediate of ${l.bytes} bytes (${kernel.name}) is larger than one buffer of the device (${profile.bufferBytes}); splitting it over buffers is not supported yet`,
      { help: 'use a smaller batch or smaller layers' },
    );
  }
}
