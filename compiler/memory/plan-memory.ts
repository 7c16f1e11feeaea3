/**
 * The memory plan of one routine's intermediates. In: its kernels in order. Out: pool and offset of every
 * value. Routines run one after another, so all of them share the same pools.
 */
import type { Kernel } from '../kernel/ir.ts';
import type { TargetProfile } from '../kernel/profile.ts';
import { fail } from '../diagnostics.ts';
import { ACTIVATION_POOLS, choosePools } from './choose-pools.ts';
import { alignUp, lifetimesOf, lowerBound, type KernelLoop, type Lifetime } from './liveness.ts';
import { assignOffsets } from './offsets.ts';

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

export function planMemory(
  kernels: readonly Kernel[],
  loops: readonly KernelLoop[],
  bytesOf: (value: number) => number,
  pinned: ReadonlySet<number>,
  profile: TargetProfile,
): MemoryPlan {
  const lifetimes = lifetimesOf(kernels, loops, bytesOf, pinned);
  for (const l of lifetimes) {
    if (l.bytes <= profile.bindingBytes) continue;
    const kernel = kernels[l.first]!;
    fail(
      'E0901',
      kernel.source[0],
      `an intermediate of ${l.bytes} bytes (${kernel.name}) is larger than one binding of the device (${profile.bindingBytes}); splitting it is not supported yet`,
      { help: 'use a smaller batch or smaller layers' },
    );
  }
  const poolOf = choosePools(kernels, new Set(lifetimes.map((l) => l.value)));
  const values: PlacedValue[] = [];
  const pools: number[] = [];
  for (let pool = 0; pool < ACTIVATION_POOLS; pool++) {
    const mine = lifetimes.filter((l) => poolOf.get(l.value) === pool);
    const { bytes, offsets } = assignOffsets(mine, profile.offsetAlignment);
    pools.push(bytes);
    for (const l of mine) values.push({ ...l, pool, offset: offsets.get(l.value)! });
  }
  values.sort((a, b) => a.first - b.first || a.value - b.value);
  return {
    values,
    pools,
    naiveBytes: lifetimes.reduce((sum, l) => sum + alignUp(l.bytes, profile.offsetAlignment), 0),
    lowerBoundBytes: lowerBound(lifetimes, profile.offsetAlignment),
  };
}
