/**
 * Tensors on their way to the host: one staging buffer, made once, through which any amount passes in pieces.
 * In: places of f32 tensors. Out: their values.
 * Holds: reads follow each other, also when callers do not wait.
 */
import type { StoredTensor } from './plan-format.ts';
import { elements } from './step-runner.ts';

/** Small beside the memory of training, large enough that a piece takes longer than the wait for it. */
const LARGEST_STAGING = 4 * 1024 * 1024;
const SMALLEST_STAGING = 64 * 1024;
/** Pieces that all tensors together travel in, between these bounds. */
const PIECES = 16;

/** A part of a tensor and its place in the staging buffer, in bytes. */
interface Piece {
  tensor: StoredTensor;
  start: number;
  bytes: number;
  staged: number;
}

export class TensorReader {
  readonly bytes: number;
  readonly #gpu: GPUDevice;
  readonly #buffers: readonly GPUBuffer[];
  readonly #staging: GPUBuffer;
  #last: Promise<unknown> = Promise.resolve();

  /** `total`: bytes of all tensors that may be read together. */
  constructor(gpu: GPUDevice, buffers: readonly GPUBuffer[], total: number) {
    this.#gpu = gpu;
    this.#buffers = buffers;
    const wanted = Math.min(LARGEST_STAGING, Math.max(SMALLEST_STAGING, total / PIECES));
    this.bytes = Math.max(16, Math.ceil(Math.min(total, wanted) / 16) * 16);
    this.#staging = gpu.createBuffer({
      label: 'tensor_staging',
      size: this.bytes,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
  }

  read(tensors: readonly StoredTensor[]): Promise<Map<string, Float32Array>> {
    const result = this.#last.then(() => this.#readAll(tensors));
    this.#last = result.catch(() => undefined);
    return result;
  }

  destroy(): void {
    this.#staging.destroy();
  }

  async #readAll(tensors: readonly StoredTensor[]): Promise<Map<string, Float32Array>> {
    const values = new Map(tensors.map((tensor) => [tensor.name, new Float32Array(elements(tensor.shape))]));
    for (const load of this.#loads(tensors)) {
      const encoder = this.#gpu.createCommandEncoder();
      for (const { tensor, start, bytes, staged } of load) {
        const source = this.#buffers[tensor.range.buffer];
        if (source === undefined)
          throw new Error(`internal: no buffer ${tensor.range.buffer} in the listing`);
        encoder.copyBufferToBuffer(source, tensor.range.offset + start, this.#staging, staged, bytes);
      }
      this.#gpu.queue.submit([encoder.finish()]);
      await this.#staging.mapAsync(GPUMapMode.READ);
      const mapped = this.#staging.getMappedRange();
      for (const { tensor, start, bytes, staged } of load) {
        values.get(tensor.name)?.set(new Float32Array(mapped, staged, bytes / 4), start / 4);
      }
      this.#staging.unmap();
    }
    return values;
  }

  /** Cuts the tensors into pieces and packs these, in order, into as few loads as fit. */
  *#loads(tensors: readonly StoredTensor[]): Generator<Piece[]> {
    let load: Piece[] = [];
    let staged = 0;
    for (const tensor of tensors) {
      const size = 4 * elements(tensor.shape);
      for (let start = 0; start < size;) {
        if (staged === this.bytes) {
          yield load;
          load = [];
          staged = 0;
        }
        const bytes = Math.min(size - start, this.bytes - staged);
        load.push({ tensor, start, bytes, staged });
        staged += bytes;
        start += bytes;
      }
    }
    if (load.length > 0) yield load;
  }
}
