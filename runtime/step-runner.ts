/**
 * What the training loop, evaluation and prediction need of a machine, and no more: run routines without
 * waiting, read outputs later, move tensors. `Program` implements it on a device; tests implement it in
 * plain JavaScript.
 */
import type { BufferRole, StorageType, StoredTensor } from './plan-format.ts';

/** Values of an output on the host. Truth values are 0 and 1 in a `Uint32Array`. */
export type HostArray = Float32Array | Int32Array | Uint32Array;

/** Outputs of one routine by name, row-major, records one after another. */
export type Outputs = ReadonlyMap<string, HostArray>;

export interface UniformValues {
  seed: number;
  /** Number of the batch in the run; random numbers depend on it. */
  draw: number;
  /** In the order of `Listing.uniform.scalars`. */
  scalars: Float64Array;
}

export interface RunRequest {
  /** Indices into `Listing.routines`, run in order in one submit. */
  routines: readonly number[];
  /** Records at hand. */
  batch: number;
  uniform: UniformValues;
  /**
   * Bytes by input name for the routines that have inputs; only the first `batch` records are uploaded, and
   * the array is free again when `run` returns. Its length is a multiple of 4.
   */
  inputs: ReadonlyMap<string, Uint8Array>;
  /** The routine, one of `routines`, whose outputs are to be read; absent: nothing is read. */
  read?: number;
  /** Buffers of these roles are set to zero first. All buffers are zero to begin with. */
  clear?: readonly BufferRole[];
}

export interface RunHandle {
  /** Settles when the outputs are on the host. Rejects with a RuntimeFailure when the run failed. */
  outputs(): Promise<Outputs>;
}

export interface StepRunner {
  /** How many runs that read this routine may be unread at a time; the caller awaits the oldest before another. */
  slots(routine: number): number;
  /** All device buffers together. */
  readonly memoryBytes: number;
  /** Encodes and submits; never waits. Throws RuntimeFailure where an earlier run is known to have failed. */
  run(request: RunRequest): RunHandle;
  /** Settles when everything submitted so far is done. */
  finished(): Promise<void>;
  writeTensor(tensor: StoredTensor, data: Float32Array): void;
  /** Values by tensor name, as they are after everything submitted so far. */
  readTensors(tensors: readonly StoredTensor[]): Promise<Map<string, Float32Array>>;
}

/** Elements of a tensor of this shape. */
export function elements(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Bytes of one record of an input: `u8` takes one an element, the others four. */
export function recordBytes(input: { recordShape: readonly number[]; storage: StorageType }): number {
  return elements(input.recordShape) * (input.storage === 'u8' ? 1 : 4);
}
