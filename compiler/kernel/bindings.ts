/**
 * The tensors a kernel touches. In: each access as it is met. Out: the list of bindings, one a tensor, and
 * whether every access of it was an aligned vec4, so that the next lowering may bind it as vec4.
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

export type Widths = ReadonlyMap<string, 1 | 4>;

export class BindingTable {
  private readonly entries = new Map<string, Entry>();
  private readonly widths: Widths;
  /** vec4 values that had to be put together from four scalar loads. */
  gathers = 0;
  /** Of these, vec4s whose elements do not lie side by side. */
  scattered = 0;
  /** Loads in the text, a gather counting four. */
  loads = 0;

  constructor(widths: Widths = new Map()) {
    this.widths = widths;
  }

  /** The width the tensor is bound with in this lowering. */
  width(target: BindingTarget): 1 | 4 {
    return this.widths.get(targetKey(target)) ?? 1;
  }

  use(access: Access): number {
    const key = targetKey(access.target);
    const entry: Entry = this.entries.get(key) ?? {
      target: access.target,
      storage: access.storage,
      width: this.width(access.target),
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

  /** Whether a second lowering may bind some tensor as vec4. */
  get hasVectors(): boolean {
    return [...this.entries.values()].some(({ allVectors }) => allVectors);
  }

  /** The widths a second lowering may use. */
  suitableWidths(): Widths {
    return new Map([...this.entries].map(([key, entry]) => [key, entry.allVectors ? 4 : 1]));
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
