/** What a target device allows and likes: inputs of scheduling and lowering, never asked for at run time. */

export type DeviceClass = 'software' | 'small' | 'large';

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
  readonly workgroupsPerDimension: number;
}

/** The limits every WebGPU device has. */
export const DEFAULT_PROFILE: TargetProfile = {
  deviceClass: 'software',
  storageBindings: 8,
  bindingBytes: 128 * 1024 * 1024,
  bufferBytes: 256 * 1024 * 1024,
  offsetAlignment: 256,
  workgroupInvocations: 256,
  workgroupsPerDimension: 65_535,
};
