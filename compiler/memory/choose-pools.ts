/**
 * Which pool each intermediate lies in. Dawn tracks hazards by whole buffer: two kernels that write one buffer
 * are kept apart by a barrier. In: kernels in order. Out: a pool index a value, such that a kernel that does
 * not depend on the one before it writes another pool, and otherwise one that it does not read.
 */
import type { Kernel } from '../kernel/ir.ts';

export const ACTIVATION_POOLS = 2;

export function choosePools(kernels: readonly Kernel[], values: ReadonlySet<number>): Map<number, number> {
  const pools = new Map<number, number>();
  let written = new Set<number>();
  let before = new Set<number>();
  for (const kernel of kernels) {
    const reads: number[] = [];
    const writes: number[] = [];
    for (const { tensor, writes: isWritten } of kernel.bindings)
      if (tensor.kind === 'value') (isWritten ? writes : reads).push(tensor.value);
    const dependent = reads.some((value) => written.has(value));
    const readPools = new Set(reads.map((value) => pools.get(value)));
    const here = new Set<number>();
    for (const value of writes) {
      if (!values.has(value) || pools.has(value)) continue;
      // A barrier with the kernel before costs more than a `read_write` view of what is read.
      const penalty = (pool: number): number =>
        (!dependent && before.has(pool) ? 2 : 0) + (readPools.has(pool) ? 1 : 0);
      let best = 0;
      for (let pool = 1; pool < ACTIVATION_POOLS; pool++) if (penalty(pool) < penalty(best)) best = pool;
      pools.set(value, best);
      here.add(best);
    }
    written = new Set(writes);
    before = here;
  }
  return pools;
}
