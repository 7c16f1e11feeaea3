/**
 * Small results on their way from the device to the host: a ring of mappable buffers, made once.
 * In: ranges of device buffers, copied at the end of a submit. Out: their bytes, some time later, without
 * anyone waiting inside a step.
 * Holds: a slot is written again only after its bytes were taken.
 */
import type { BufferRange } from './plan-format.ts';

/** One copy from a device buffer into a slot. */
export interface SlotCopy {
  source: GPUBuffer;
  sourceOffset: number;
  slotOffset: number;
  bytes: number;
}

interface Slot {
  buffer: GPUBuffer;
  busy: boolean;
}

export class ReadbackRing {
  readonly slotBytes: number;
  readonly #slots: Slot[] = [];
  readonly #gpu: GPUDevice;
  readonly #label: string;
  readonly #most: number;

  /**
   * `slotBytes` is rounded up to 16. Nothing is allocated later, but up to `most` slots for a caller that reads late.
   */
  constructor(gpu: GPUDevice, slots: number, slotBytes: number, label: string, most = slots) {
    this.#gpu = gpu;
    this.#label = label;
    this.#most = most;
    this.slotBytes = Math.max(16, Math.ceil(slotBytes / 16) * 16);
    for (let slot = 0; slot < slots; slot += 1) this.#add();
  }

  get bytes(): number {
    return this.#slots.length * this.slotBytes;
  }

  /**
   * Encodes the copies into a free slot. The caller submits, then calls `take` for the bytes.
   * A ring without a free slot is a mistake of the caller, who knows how many runs it has not awaited.
   */
  encode(
    encoder: GPUCommandEncoder,
    copies: readonly SlotCopy[],
    bytes: number,
  ): { take(): Promise<ArrayBuffer> } {
    const free = this.#slots.find((candidate) => !candidate.busy);
    if (free === undefined && this.#slots.length >= this.#most)
      throw new Error('internal: all readback slots are in flight');
    const slot = free ?? this.#add();
    slot.busy = true;
    for (const copy of copies) {
      encoder.copyBufferToBuffer(copy.source, copy.sourceOffset, slot.buffer, copy.slotOffset, copy.bytes);
    }
    return { take: () => take(slot, bytes) };
  }

  destroy(): void {
    for (const slot of this.#slots) slot.buffer.destroy();
  }

  #add(): Slot {
    const buffer = this.#gpu.createBuffer({
      size: this.slotBytes,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
      label: `${this.#label}_${this.#slots.length}`,
    });
    const slot = { buffer, busy: false };
    this.#slots.push(slot);
    return slot;
  }
}

async function take(slot: Slot, bytes: number): Promise<ArrayBuffer> {
  await slot.buffer.mapAsync(GPUMapMode.READ, 0, bytes);
  const copy = slot.buffer.getMappedRange(0, bytes).slice(0);
  slot.buffer.unmap();
  slot.busy = false;
  return copy;
}

/** Where an output lies in a slot. */
export interface PackedRange {
  offset: number;
  bytes: number;
}

export interface CopyPlan {
  copies: { range: BufferRange; slotOffset: number }[];
  /** One a given range, in the given order. */
  placed: PackedRange[];
  bytes: number;
}

/** Gaps up to this size are copied along, because a copy command costs more than the bytes. */
const LARGEST_GAP = 4096;

/**
 * Decides how ranges are brought into one slot: neighbours in the same buffer travel in one copy.
 * `ranges` in any order; offsets are multiples of 4.
 */
export function planCopies(ranges: readonly BufferRange[]): CopyPlan {
  const order = ranges.map((range, index) => ({ range, index }));
  order.sort((a, b) => a.range.buffer - b.range.buffer || a.range.offset - b.range.offset);
  const copies: { range: BufferRange; slotOffset: number }[] = [];
  const placed: PackedRange[] = ranges.map((range) => ({ offset: 0, bytes: range.bytes }));
  let bytes = 0;
  for (const { range, index } of order) {
    const size = Math.ceil(range.bytes / 4) * 4;
    const end = range.offset + size;
    const last = copies.at(-1);
    if (
      last?.range.buffer === range.buffer &&
      range.offset <= last.range.offset + last.range.bytes + LARGEST_GAP
    ) {
      last.range.bytes = Math.max(last.range.bytes, end - last.range.offset);
      placed[index] = { offset: last.slotOffset + range.offset - last.range.offset, bytes: range.bytes };
      bytes = Math.max(bytes, last.slotOffset + last.range.bytes);
      continue;
    }
    copies.push({ range: { buffer: range.buffer, offset: range.offset, bytes: size }, slotOffset: bytes });
    placed[index] = { offset: bytes, bytes: range.bytes };
    bytes += size;
  }
  return { copies, placed, bytes };
}
