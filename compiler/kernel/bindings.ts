/**
 * The tensors a kernel touches. In: each access as it is met. Out: the list of bindings, one a tensor: as vec4 where every
 * access of it is an aligned vec4. Which that are is known when all accesses have been met, so the first of each tensor is
 * taken for the rule, and where that was wrong the kernel is lowered again.
 */
import type { BindingTarget, KernelBinding } from './ir.ts';

export const targetKey = (target: BindingTarget): string =>
  target.kind === 'named' ? `named:${target.name}` : `value:${target.value}`;

interface Entry {
  readonly target: BindingTarget;
  readonly storage: KernelBinding['storage'];
  readonly width: 1 | 4;
  /** In order of first use. */
  readonly index: number;
  reads: boolean;
  writes: boolean;
  accumulates: boolean;
  allVectors: boolean;
  readonly readAt: Set<string>;
  readonly writtenAt: Set<string>;
}

export interface Access {
  readonly target: BindingTarget;
  readonly storage: KernelBinding['storage'];
  /** `accumulate`: a load of what the same thread has stored before. */
  readonly kind: 'read' | 'write' | 'accumulate';
  /** An aligned vec4 access. */
  readonly vector: boolean;
  /** Which element: a key of the index. */
  readonly at: string;
  /** A read of a slot of a stack that the kernel does not write, or of what the thread itself has stored. */
  readonly apart?: boolean;
}

type Widths = ReadonlyMap<string, 1 | 4>;

export class BindingTable {
  private readonly entries = new Map<string, Entry>();
  private readonly widths: Widths;
  /** vec4 values that had to be put together from four scalar loads. */
  gathers = 0;
  /** Of these, vec4s whose elements do not lie side by side. */
  scattered = 0;
  /** Loads in the text, a gather counting four. */
  loads = 0;

  /** `widths`: where they are known; else a tensor's first access decides. */
  private constructor(widths: Widths = new Map()) {
    this.widths = widths;
  }

  /** What a lowering makes, with tensors bound as wide as all their accesses allow, and the table it has filled. */
  static fill<T>(lower: (bindings: BindingTable) => T): { made: T; bindings: BindingTable } {
    const first = new BindingTable();
    const made = lower(first);
    if ([...first.entries.values()].every(({ width, allVectors }) => (width === 4) === allVectors))
      return { made, bindings: first };
    const widths = [...first.entries].map(([key, entry]) => [key, entry.allVectors ? 4 : 1] as const);
    const second = new BindingTable(new Map(widths));
    return { made: lower(second), bindings: second };
  }

  /** The width of a tensor that has been accessed. */
  width(target: BindingTarget): 1 | 4 {
    const entry = this.entries.get(targetKey(target));
    if (!entry) throw new Error(`internal: ${targetKey(target)} has no width before it is accessed`);
    return entry.width;
  }

  use(access: Access): number {
    const key = targetKey(access.target);
    const entry: Entry = this.entries.get(key) ?? {
      target: access.target,
      storage: access.storage,
      width: this.widths.get(key) ?? (access.vector ? 4 : 1),
      index: this.entries.size,
      reads: false,
      writes: false,
      accumulates: false,
      allVectors: true,
      readAt: new Set<string>(),
      writtenAt: new Set<string>(),
    };
    this.entries.set(key, entry);
    switch (access.kind) {
      case 'read':
        entry.reads = true;
        if (access.apart !== true) entry.readAt.add(access.at);
        break;
      case 'write':
        entry.writes = true;
        entry.writtenAt.add(access.at);
        break;
      case 'accumulate':
        entry.reads = true;
        entry.accumulates = true;
        break;
      default:
        access.kind satisfies never;
    }
    entry.allVectors &&= access.vector;
    return entry.index;
  }

  /** The bindings in order of first use. A tensor read and written must be so at the same place only. */
  finish(): KernelBinding[] {
    return [...this.entries.values()].map((entry) => {
      const { target, storage, width, reads, writes, accumulates } = entry;
      if (reads && writes && [...entry.readAt].some((at) => !entry.writtenAt.has(at))) {
        throw new Error(`internal: ${targetKey(target)} is read and overwritten at different places`);
      }
      return { tensor: target, storage, width, reads, writes, ...(accumulates ? { accumulates } : {}) };
    });
  }
}
