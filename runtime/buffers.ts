/**
 * The buffers of a program, all made at once. In: a listing. Out: one GPUBuffer a buffer of the listing, and
 * the uniform block's, zeros all of them, as WebGPU promises, and the numbers of the turns of loops. Errors: RuntimeFailure E0604.
 */
import { RuntimeFailure } from './failure.ts';
import type { Command, Listing } from './plan-format.ts';

/** Dynamic offsets of uniform bindings are multiples of this on every device. */
export const TURN_BYTES = 256;

export interface UniformBuffers {
  uniform: GPUBuffer;
  /** The numbers of the turns of the longest loop, one every `TURN_BYTES`. */
  turns: GPUBuffer;
}

export interface ProgramBuffers extends UniformBuffers {
  /** By index of `Listing.buffers`. */
  buffers: readonly GPUBuffer[];
}

/** Throws RuntimeFailure E0604 where the device has no memory for them. */
export async function createBuffers(
  gpu: GPUDevice,
  listing: Listing,
  uniformBytes: number,
): Promise<ProgramBuffers> {
  gpu.pushErrorScope('validation');
  gpu.pushErrorScope('out-of-memory');
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  const buffers = listing.buffers.map(({ name, bytes }) =>
    gpu.createBuffer({ label: name, size: Math.max(16, Math.ceil(bytes / 4) * 4), usage }),
  );
  const uniform = gpu.createBuffer({
    label: 'uniform',
    size: uniformBytes,
    usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
  });
  const turns = turnNumbers(gpu, longestLoop(listing.routines.flatMap(({ commands }) => commands)));
  const [memory, validation] = await Promise.all([gpu.popErrorScope(), gpu.popErrorScope()]);
  if (memory) {
    const total = listing.buffers.reduce((sum, buffer) => sum + buffer.bytes, 0);
    throw new RuntimeFailure('E0604', `the device has no memory for ${total} bytes of buffers`, {
      help: 'a smaller batch or a smaller model needs less',
    });
  }
  if (validation) throw new RuntimeFailure('E0604', `the device refused a buffer: ${validation.message}`);
  return { buffers, uniform, turns };
}

function longestLoop(commands: readonly Command[]): number {
  const counts = commands.map((command) =>
    command.kind === 'loop' ? Math.max(command.count, longestLoop(command.body)) : 0,
  );
  return Math.max(0, ...counts);
}

/** Written once: what a turn's number is never changes. */
function turnNumbers(gpu: GPUDevice, count: number): GPUBuffer {
  const buffer = gpu.createBuffer({
    label: 'turns',
    size: TURN_BYTES * Math.max(1, count),
    usage: GPUBufferUsage.UNIFORM,
    mappedAtCreation: true,
  });
  const words = new Uint32Array(buffer.getMappedRange());
  for (let turn = 0; turn < count; turn += 1) words[(turn * TURN_BYTES) / 4] = turn;
  buffer.unmap();
  return buffer;
}

export function destroyBuffers(made: ProgramBuffers | undefined): void {
  for (const buffer of made?.buffers ?? []) buffer.destroy();
  made?.uniform.destroy();
  made?.turns.destroy();
}
