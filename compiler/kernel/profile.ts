/** What a target device allows and likes: inputs of scheduling and lowering, never asked for at run time. */

import type { TileShape } from './tile-shape.ts';

/** `cpu`: WebAssembly, where a thread of the grid is a turn of a loop. The others are WebGPU. */
export type DeviceClass = 'cpu' | 'software' | 'small' | 'large';

export interface TargetProfile {
  readonly deviceClass: DeviceClass;
  /** Storage bindings in one kernel. */
  readonly storageBindings: number;
  /** Bytes of one binding. */
  readonly bindingBytes: number;
  /** Bytes of one buffer. */
  readonly bufferBytes: number;
  readonly offsetAlignment: number;
  readonly workgroupInvocations: number;
  /** Bytes of memory that the threads of a workgroup share. */
  readonly workgroupBytes: number;
  readonly workgroupsPerDimension: number;
  /** Multiply and add of four lanes in one rounding: an engine with relaxed SIMD. Only the CPU target asks. */
  readonly relaxedSimd: boolean;
  /** Loads and stores in one kernel's text: a software device's compiler takes long over many. */
  readonly accesses: number;
  /**
   * Operators in one kernel, each once for every place that is asked for: compilers take long over a long text, and so does
   * the search for groups.
   */
  readonly operators: number;
  /** Tiles of products instead of the class's own, for trying them out. */
  readonly tiles?: readonly TileShape[];
}

/** The limits every WebGPU device has. */
export const DEFAULT_PROFILE: TargetProfile = {
  deviceClass: 'software',
  storageBindings: 8,
  bindingBytes: 128 * 1024 * 1024,
  bufferBytes: 256 * 1024 * 1024,
  offsetAlignment: 256,
  workgroupInvocations: 256,
  workgroupBytes: 16_384,
  workgroupsPerDimension: 65_535,
  relaxedSimd: false,
  accesses: 32,
  operators: 96,
};

/** The CPU target: 32-bit addresses are the only limit. */
export const CPU_PROFILE: TargetProfile = {
  deviceClass: 'cpu',
  storageBindings: 64,
  bindingBytes: 2 ** 31,
  bufferBytes: 2 ** 31,
  offsetAlignment: 256,
  workgroupInvocations: 1,
  workgroupBytes: 2 ** 31,
  workgroupsPerDimension: 2 ** 32 - 1,
  relaxedSimd: false,
  accesses: 64,
  operators: 128,
};

/**
 * Of a class of WebGPU devices. Large ones are asked for more bindings than every device has, so that more of what belongs
 * together fits in one kernel: what `CLASS_LIMITS` of the runtime says, by which devices are opened.
 */
export function profileOfClass(deviceClass: Exclude<DeviceClass, 'cpu'>): TargetProfile {
  return { ...DEFAULT_PROFILE, deviceClass, storageBindings: STORAGE_BINDINGS[deviceClass] };
}

const STORAGE_BINDINGS: { readonly [C in Exclude<DeviceClass, 'cpu'>]: number } = {
  software: 8,
  small: 8,
  large: 10,
};

/** What of an open device its programs are compiled for; a device of the runtime is one. */
export type DeviceTraits =
  | { readonly backend: 'cpu'; readonly relaxedSimd: boolean }
  | { readonly backend: 'webgpu'; readonly deviceClass: Exclude<DeviceClass, 'cpu'> };

/** The schedules that suit a device, within the limits that those of its class are opened with. */
export const profileOf = (device: DeviceTraits): TargetProfile =>
  device.backend === 'cpu'
    ? { ...CPU_PROFILE, relaxedSimd: device.relaxedSimd }
    : profileOfClass(device.deviceClass);

export type BindingLimits = Pick<TargetProfile, 'bindingBytes' | 'offsetAlignment'>;

/** Bytes of every piece but the last of a tensor larger than one binding: pieces start at the binding alignment. */
export const pieceBytes = ({ bindingBytes, offsetAlignment }: BindingLimits): number =>
  Math.floor(bindingBytes / offsetAlignment) * offsetAlignment;

/** Bindings that a tensor of so many bytes takes. */
export const pieceCount = (bytes: number, limits: BindingLimits): number =>
  bytes <= limits.bindingBytes ? 1 : Math.ceil(bytes / pieceBytes(limits));
