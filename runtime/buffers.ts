/**
 * The buffers of a program, all made at once. In: a listing. Out: one GPUBuffer a buffer of the listing, and
 * the uniform block's; zeros all of them, as WebGPU promises. Errors: RuntimeFailure E0604.
 */
import { RuntimeFailure } from './failure.ts';
import type { Listing } from './plan-format.ts';

export interface ProgramBuffers {
  /** By index of `Listing.buffers`. */
  buffers: readonly GPUBuffer[];
  uniform: GPUBuffer;
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
  const [memory, validation] = await Promise.all([gpu.popErrorScope(), gpu.popErrorScope()]);
  if (memory) {
    const total = listing.buffers.reduce((sum, buffer) => sum + buffer.bytes, 0);
    throw new RuntimeFailure('E0604', `the device has no memory for ${total} bytes of buffers`, {
      help: 'a smaller batch or a smaller model needs less',
    });
  }
  if (validation) throw new RuntimeFailure('E0604', `the device refused a buffer: ${validation.message}`);
  return { buffers, uniform };
}

export function destroyBuffers(made: ProgramBuffers | undefined): void {
  for (const buffer of made?.buffers ?? []) buffer.destroy();
  made?.uniform.destroy();
}
