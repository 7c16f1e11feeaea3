/**
 * When each intermediate of a routine is live. In: the routine's kernels in order. Out: one lifetime a value,
 * from the kernel that writes it first to the one that touches it last, both inclusive.
 */
import type { Kernel } from '../kernel/ir.ts';

export interface Lifetime {
  /** Graph value. */
  readonly value: number;
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
}

/** The kernels `first` to `last` are run `turns` times, one turn after another. */
export interface KernelLoop {
  readonly turns: number;
  readonly first: number;
  readonly last: number;
}

/** Values named in `pinned` live elsewhere (results) and are left out. */
export function lifetimesOf(
  kernels: readonly Kernel[],
  loops: readonly KernelLoop[],
  bytesOf: (value: number) => number,
  pinned: ReadonlySet<number>,
): Lifetime[] {
  const found = new Map<number, { first: number; last: number }>();
  kernels.forEach((kernel, index) => {
    for (const binding of kernel.bindings) {
      if (binding.tensor.kind !== 'value' || pinned.has(binding.tensor.value)) continue;
      const value = binding.tensor.value;
      const known = found.get(value);
      if (known) known.last = index;
      else if (binding.writes) found.set(value, { first: index, last: index });
      else throw new Error(`internal: kernel ${kernel.name} reads v${value} before it is written`);
    }
  });
  return [...found].map(([value, span]) => ({ value, bytes: bytesOf(value), ...throughLoops(span, loops) }));
}

/** What is live before or after a loop and touched inside it is live from its first turn to its last. */
function throughLoops(
  span: { first: number; last: number },
  loops: readonly KernelLoop[],
): { first: number; last: number } {
  let { first, last } = span;
  for (const loop of loops) {
    const touches = first <= loop.last && loop.first <= last;
    const isInside = loop.first <= first && last <= loop.last;
    if (!touches || isInside) continue;
    first = Math.min(first, loop.first);
    last = Math.max(last, loop.last);
  }
  return { first, last };
}

/** The largest sum of live bytes at any kernel: what no plan can go below. */
export function lowerBound(lifetimes: readonly Lifetime[], alignment: number): number {
  const change = new Map<number, number>();
  for (const l of lifetimes) {
    const bytes = alignUp(l.bytes, alignment);
    change.set(l.first, (change.get(l.first) ?? 0) + bytes);
    change.set(l.last + 1, (change.get(l.last + 1) ?? 0) - bytes);
  }
  let [live, most] = [0, 0];
  for (const at of [...change.keys()].sort((a, b) => a - b)) {
    live += change.get(at)!;
    most = Math.max(most, live);
  }
  return most;
}

export const alignUp = (bytes: number, alignment: number): number => Math.ceil(bytes / alignment) * alignment;
