/**
 * A workgroup on the host. In: its threads, which stop at barriers. Out: all have run, from barrier to barrier, one
 * after another between them. Throws where threads stop at different barriers, and where one thread loads what another
 * stores (or both store) without a barrier between: on a device the order of the two is anyone's guess.
 */
import type { Statement } from '../../compiler/kernel/ir.ts';

/** A thread: it yields the barriers at which it waits. */
export type Steps = Generator<Statement, void>;

export class Workgroup {
  /** Counts the times between barriers. */
  epoch = 0;
  /** Of the present workgroup: what was stored before belongs to others. */
  begin = 0;

  run(threads: readonly Steps[]): void {
    this.begin = ++this.epoch;
    for (;;) {
      const stops = threads.map((thread) => thread.next());
      this.epoch++;
      if (stops.every(({ done }) => done)) return;
      const [first] = stops;
      if (stops.some(({ done, value }) => done !== first?.done || value !== first?.value))
        throw new Error('threads of a workgroup wait at different barriers');
    }
  }
}

const MANY = -2;

/** Memory of a workgroup that knows who touched it last. What the workgroup has not stored itself is NaN. */
export class SharedArray {
  readonly data: Float64Array;
  private readonly name: string;
  private readonly workgroup: Workgroup;
  private readonly stored: Float64Array;
  private readonly storedBy: Int32Array;
  private readonly loaded: Float64Array;
  private readonly loadedBy: Int32Array;

  constructor(workgroup: Workgroup, name: string, length: number) {
    this.workgroup = workgroup;
    this.name = name;
    this.data = new Float64Array(length).fill(Number.NaN);
    this.stored = new Float64Array(length).fill(-1);
    this.storedBy = new Int32Array(length);
    this.loaded = new Float64Array(length).fill(-1);
    this.loadedBy = new Int32Array(length);
  }

  /** `at`: the first element of those that are loaded together. */
  noteLoad(at: number, thread: number): void {
    const { epoch, begin } = this.workgroup;
    if (this.stored[at] === epoch && this.storedBy[at] !== thread) this.race(at);
    if ((this.stored[at] as number) < begin) this.data[at] = Number.NaN;
    const others = this.loaded[at] === epoch && this.loadedBy[at] !== thread;
    this.loadedBy[at] = others ? MANY : thread;
    this.loaded[at] = epoch;
  }

  noteStore(at: number, thread: number): void {
    const { epoch } = this.workgroup;
    if (this.stored[at] === epoch && this.storedBy[at] !== thread) this.race(at);
    if (this.loaded[at] === epoch && this.loadedBy[at] !== thread) this.race(at);
    this.stored[at] = epoch;
    this.storedBy[at] = thread;
  }

  private race(at: number): never {
    throw new Error(`two threads touch element ${at} of ${this.name} without a barrier between`);
  }
}
