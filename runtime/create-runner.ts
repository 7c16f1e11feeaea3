/**
 * A listing on a device of either kind. In: a listing compiled for it. Out: a machine that runs its routines. What is
 * not needed is not loaded.
 */
import type { CpuDevice } from './cpu/cpu-device.ts';
import type { Device } from './device.ts';
import type { Listing } from './plan-format.ts';
import type { StepRunner } from './step-runner.ts';

/** WebGPU or the processor. */
export type ProgramDevice = Device | CpuDevice;

export interface DisposableRunner extends StepRunner {
  /** Frees memory and threads; the device stays open. */
  dispose(): void;
}

export interface RunnerOptions {
  /** Only these routines can be run; by default all of the listing. */
  routines?: readonly number[];
  /** Steps whose results a caller may leave unread at a time, where that costs memory of the device. */
  unreadSteps?: number;
}

/** Throws RuntimeFailure E0604 where the device cannot hold the program. */
export async function createRunner(
  listing: Listing,
  device: ProgramDevice,
  options: RunnerOptions = {},
): Promise<DisposableRunner> {
  if (device.backend === 'cpu') {
    const { CpuProgram } = await import('./cpu/cpu-program.ts');
    return await CpuProgram.create(listing, device);
  }
  const { Program } = await import('./program.ts');
  return await Program.create(listing, device, options);
}
