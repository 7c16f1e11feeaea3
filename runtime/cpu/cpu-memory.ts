/**
 * The one memory of a program on the CPU. In: a listing, the number of threads. Out: the memory, allocated whole, and
 * what lies where behind the buffers: each thread's scratch memory, then the places of runs in flight, each with
 * room for the uniform block, the inputs and the outputs of the largest routine.
 */
import { RuntimeFailure } from '../failure.ts';
import { engine, type WasmMemory } from './engine.ts';
import { outputElements } from '../outputs.ts';
import type { BufferRange, CpuModule, Listing } from '../plan-format.ts';
import { recordBytes } from '../step-runner.ts';
import type { MemoryCopy } from './worker-text.ts';

const PAGE = 65_536;
const MOST_PAGES = 65_536;
const ALIGNMENT = 256;
/** Runs in flight, where they take little room. */
const MOST_SLOTS = 16;
const FEWEST_SLOTS = 2;
const ROOM = 16 * 1024 * 1024;

const alignUp = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

export interface Staging {
  /** Puts bytes into the place; the copy that brings them to where they belong. */
  put(bytes: Uint8Array, to: number): MemoryCopy;
  /** The copy that brings an output into the place. */
  take(from: number, bytes: number): MemoryCopy;
}

export class CpuMemory {
  readonly memory: WasmMemory;
  readonly bytes: Uint8Array;
  readonly uniform: number;
  readonly slots: number;
  readonly #cpu: CpuModule;
  readonly #firstSlot: number;
  readonly #slotBytes: number;
  readonly #inputBytes: number;
  readonly #free: number[];

  /** Throws RuntimeFailure E0604 where the engine does not give the memory. */
  constructor(listing: Listing, cpu: CpuModule, threads: number) {
    this.#cpu = cpu;
    this.uniform = cpu.uniform;
    this.#inputBytes = stagedBytes(listing);
    this.#slotBytes = this.#inputBytes + outputBytes(listing);
    this.slots = Math.max(FEWEST_SLOTS, Math.min(MOST_SLOTS, Math.floor(ROOM / this.#slotBytes)));
    this.#free = Array.from({ length: this.slots }, (_, slot) => slot);
    this.#firstSlot = alignUp(cpu.bytes) + threads * cpu.scratchBytes;
    this.memory = allocate(this.#firstSlot + this.slots * this.#slotBytes);
    this.bytes = new Uint8Array(this.memory.buffer);
  }

  get buffer(): ArrayBufferLike {
    return this.memory.buffer;
  }

  scratch(thread: number): number {
    return alignUp(this.#cpu.bytes) + thread * this.#cpu.scratchBytes;
  }

  /** The address of a range. */
  at({ buffer, offset }: Pick<BufferRange, 'buffer' | 'offset'>): number {
    const address = this.#cpu.buffers[buffer];
    if (address === undefined) throw new Error(`internal: no buffer ${buffer} in the listing`);
    return address + offset;
  }

  aligned(bytes: number): number {
    return alignUp(bytes);
  }

  hasSlot(): boolean {
    return this.#free.length > 0;
  }

  takeSlot(): number {
    const slot = this.#free.shift();
    if (slot === undefined) throw new Error('internal: all places of runs are taken');
    return slot;
  }

  freeSlot(slot: number): void {
    this.#free.push(slot);
  }

  /** Where a run's outputs lie, one after another, each at a multiple of the alignment. */
  outputs(slot: number): number {
    return this.#firstSlot + slot * this.#slotBytes + this.#inputBytes;
  }

  stage(slot: number): Staging {
    let input = this.#firstSlot + slot * this.#slotBytes;
    let output = this.outputs(slot);
    return {
      put: (bytes, to) => {
        const from = input;
        input += alignUp(bytes.byteLength);
        this.bytes.set(bytes, from);
        return { from, to, bytes: bytes.byteLength };
      },
      take: (from, bytes) => {
        const to = output;
        output += alignUp(bytes);
        return { from, to, bytes };
      },
    };
  }
}

function allocate(bytes: number): WasmMemory {
  const pages = Math.ceil(bytes / PAGE);
  try {
    if (pages > MOST_PAGES) throw new RangeError('more than 32 bits address');
    return new (engine().Memory)({ initial: pages, maximum: pages, shared: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RuntimeFailure(
      'E0604',
      `the engine gives no memory of ${bytes} bytes for the program: ${reason}`,
      {
        help: 'a smaller batch or a smaller model needs less',
      },
    );
  }
}

/** The uniform block and the inputs of a routine, the largest there are; runs of several have one with inputs. */
function stagedBytes({ routines, uniform }: Listing): number {
  const inputs = routines.map(({ inputs: list, batch }) =>
    list.reduce((sum, input) => sum + alignUp(batch * recordBytes(input)), 0),
  );
  return alignUp(uniform.bytes + 64) + inputs.reduce((sum, bytes) => Math.max(sum, bytes), 0);
}

function outputBytes({ routines }: Listing): number {
  const outputs = routines.map(({ outputs: list, batch }) =>
    list.reduce((sum, output) => sum + alignUp(4 * outputElements(output, batch)), 0),
  );
  return outputs.reduce((sum, bytes) => Math.max(sum, bytes), 0);
}
