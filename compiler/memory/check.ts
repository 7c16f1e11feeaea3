/**
 * The checker that runs in every compile: what the planner must never get wrong, stated again and apart from
 * it. Throws a plain error: a violation is a bug of netc, never the user's.
 */
import type { Access, BufferRange, BufferSpec } from '../../runtime/plan-format.ts';
import type { TargetProfile } from '../kernel/profile.ts';
import type { Kernel } from '../kernel/ir.ts';
import type { KernelLoop } from './liveness.ts';
import type { PlacedValue } from './plan-memory.ts';

/** No two values that are live at the same kernel share a byte of a pool. */
export function checkLifetimes(values: readonly PlacedValue[], profile: TargetProfile): void {
  const pools = new Map<number, PlacedValue[]>();
  for (const value of values) pools.set(value.pool, [...(pools.get(value.pool) ?? []), value]);
  for (const members of pools.values()) {
    members.sort((a, b) => a.offset - b.offset);
    members.forEach((a, i) => {
      if (a.offset % profile.offsetAlignment !== 0) throw new Error(`internal: v${a.value} is not aligned`);
      for (const b of members.slice(i + 1)) {
        if (b.offset >= a.offset + a.bytes) break;
        if (a.first <= b.last && b.first <= a.last)
          throw new Error(
            `internal: v${a.value} and v${b.value} overlap in pool ${a.pool} while both are live`,
          );
      }
    });
  }
}

/**
 * No value is carried from one turn of a loop to the next, or in or out of it, in memory that another value may
 * take meanwhile: what a loop touches lives within one turn, written before it is read, or through all turns.
 */
export function checkLoops(
  values: readonly PlacedValue[],
  kernels: readonly Kernel[],
  loops: readonly KernelLoop[],
): void {
  const byValue = new Map(values.map((value) => [value.value, value]));
  for (const { first, last } of loops) {
    const written = new Set<number>();
    for (const { name, bindings } of kernels.slice(first, last + 1)) {
      for (const { tensor, reads, writes } of bindings) {
        const placed = tensor.kind === 'value' ? byValue.get(tensor.value) : undefined;
        if (!placed) continue;
        const isTemporary = placed.first >= first && placed.last <= last;
        const isThroughout = placed.first <= first && placed.last >= last;
        if (!isTemporary && !isThroughout)
          throw new Error(`internal: v${placed.value} is live in a part of the loop of ${name} only`);
        if (!isThroughout && reads && !written.has(placed.value))
          throw new Error(`internal: ${name} reads v${placed.value} of the turn before, which is not kept`);
        if (writes) written.add(placed.value);
      }
    }
  }
}

/** One dispatch against Dawn's rules for several bindings of one buffer (DESIGN.md section 5). */
export function checkDispatch(
  kernel: string,
  bindings: readonly BufferRange[],
  access: readonly Access[],
  buffers: readonly BufferSpec[],
  profile: TargetProfile,
): void {
  if (bindings.length > profile.storageBindings)
    throw new Error(
      `internal: ${kernel} has ${bindings.length} storage bindings, ${profile.storageBindings} allowed`,
    );
  bindings.forEach((a, i) => {
    const buffer = buffers[a.buffer];
    if (!buffer) throw new Error(`internal: ${kernel} binds an unknown buffer`);
    if (a.offset % profile.offsetAlignment !== 0)
      throw new Error(`internal: ${kernel} binding ${i} is not aligned`);
    if (a.bytes <= 0 || a.bytes % 4 !== 0)
      throw new Error(`internal: ${kernel} binding ${i} has ${a.bytes} bytes`);
    if (a.bytes > profile.bindingBytes) throw new Error(`internal: ${kernel} binding ${i} is too large`);
    if (a.offset + a.bytes > buffer.bytes)
      throw new Error(`internal: ${kernel} binding ${i} leaves ${buffer.name}`);
    bindings.slice(i + 1).forEach((b, k) => {
      if (a.buffer !== b.buffer) return;
      const j = i + 1 + k;
      if (access[i] !== access[j]) throw new Error(`internal: ${kernel} mixes accesses of ${buffer.name}`);
      const apart = a.offset + a.bytes <= b.offset || b.offset + b.bytes <= a.offset;
      if (access[i] === 'read_write' && !apart)
        throw new Error(`internal: ${kernel} binds overlapping writable ranges of ${buffer.name}`);
    });
  });
}
