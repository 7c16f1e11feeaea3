/**
 * Compares a listing with the limits of a device before anything is created on it.
 * In: listing, limits. Out: nothing, or a RuntimeFailure E0604 with the figures.
 */
import { RuntimeFailure } from './failure.ts';
import type { Command, DispatchCommand, Listing } from './plan-format.ts';

/** The limits that matter to a listing, with the names of the WebGPU specification. */
export type NeededLimits = Pick<
  GPUSupportedLimits,
  | 'maxBufferSize'
  | 'maxStorageBufferBindingSize'
  | 'maxUniformBufferBindingSize'
  | 'minStorageBufferOffsetAlignment'
  | 'maxStorageBuffersPerShaderStage'
  | 'maxComputeWorkgroupsPerDimension'
  | 'maxComputeInvocationsPerWorkgroup'
  | 'maxComputeWorkgroupSizeX'
  | 'maxComputeWorkgroupSizeY'
  | 'maxComputeWorkgroupSizeZ'
>;

/** Every dispatch of a command list, once, loops entered. */
export function* dispatchesOf(commands: readonly Command[]): Generator<DispatchCommand> {
  for (const command of commands) {
    if (command.kind === 'loop') yield* dispatchesOf(command.body);
    else yield command;
  }
}

/** Dispatches a run of a command list makes, loops counted as often as they run. */
export function countDispatches(commands: readonly Command[]): number {
  return commands.reduce(
    (sum, command) => sum + (command.kind === 'loop' ? command.count * countDispatches(command.body) : 1),
    0,
  );
}

/** Throws RuntimeFailure E0604 for the first thing the device cannot hold or bind. */
export function checkLimits(listing: Listing, limits: NeededLimits): void {
  for (const buffer of listing.buffers) {
    demand(buffer.bytes, limits.maxBufferSize, `buffer ${buffer.name}`, 'bytes', 'in one buffer');
  }
  demand(listing.uniform.bytes, limits.maxUniformBufferBindingSize, 'the uniform block', 'bytes', 'in one');
  for (const kernel of listing.kernels) {
    const what = `kernel ${kernel.name}`;
    const [x, y, z] = kernel.workgroup;
    demand(
      kernel.access.length,
      limits.maxStorageBuffersPerShaderStage,
      what,
      'storage bindings',
      'a kernel',
    );
    demand(x * y * z, limits.maxComputeInvocationsPerWorkgroup, what, 'threads', 'a workgroup');
    demand(x, limits.maxComputeWorkgroupSizeX, what, 'threads along x', 'a workgroup');
    demand(y, limits.maxComputeWorkgroupSizeY, what, 'threads along y', 'a workgroup');
    demand(z, limits.maxComputeWorkgroupSizeZ, what, 'threads along z', 'a workgroup');
  }
  for (const routine of listing.routines) {
    for (const dispatch of dispatchesOf(routine.commands)) checkDispatch(listing, dispatch, limits);
  }
}

/** What every WebGPU device grants, and the only limits a listing may exceed. */
const DEFAULT_LIMITS = {
  maxBufferSize: 256 * 1024 * 1024,
  maxStorageBufferBindingSize: 128 * 1024 * 1024,
  maxStorageBuffersPerShaderStage: 8,
  maxComputeInvocationsPerWorkgroup: 256,
} as const;

/** Limits to ask of a device for this listing: those above what every device grants. */
export function limitsNeeded(listing: Listing): Record<string, number> {
  const bindings = listing.routines.flatMap((routine) =>
    [...dispatchesOf(routine.commands)].flatMap((dispatch) => dispatch.bindings),
  );
  const needed: Record<keyof typeof DEFAULT_LIMITS, number> = {
    maxBufferSize: largest(listing.buffers.map((buffer) => buffer.bytes)),
    maxStorageBufferBindingSize: largest(bindings.map((binding) => binding.bytes)),
    maxStorageBuffersPerShaderStage: largest(listing.kernels.map((kernel) => kernel.access.length)),
    maxComputeInvocationsPerWorkgroup: largest(listing.kernels.map(({ workgroup: [x, y, z] }) => x * y * z)),
  };
  const names = Object.keys(DEFAULT_LIMITS) as (keyof typeof DEFAULT_LIMITS)[];
  return Object.fromEntries(
    names.filter((name) => needed[name] > DEFAULT_LIMITS[name]).map((name) => [name, needed[name]]),
  );
}

function largest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}

function checkDispatch(listing: Listing, dispatch: DispatchCommand, limits: NeededLimits): void {
  const what = `kernel ${listing.kernels[dispatch.kernel]?.name ?? dispatch.kernel}`;
  for (const binding of dispatch.bindings) {
    demand(binding.bytes, limits.maxStorageBufferBindingSize, what, 'bytes', 'in one binding');
    if (binding.offset % limits.minStorageBufferOffsetAlignment !== 0) {
      throw new RuntimeFailure(
        'E0604',
        `${what} binds at byte ${binding.offset}; this device wants multiples of ${limits.minStorageBufferOffsetAlignment}`,
      );
    }
  }
  for (const count of dispatch.groups) {
    demand(count, limits.maxComputeWorkgroupsPerDimension, what, 'workgroups', 'a dimension');
  }
}

function demand(needed: number, limit: number, what: string, unit: string, per: string): void {
  if (needed <= limit) return;
  throw new RuntimeFailure('E0604', `${what} needs ${needed} ${unit}; this device allows ${limit} ${per}`, {
    help: 'a smaller batch or a smaller model needs less',
  });
}
