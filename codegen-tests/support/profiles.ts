/** What tests compile for. In: a class of devices, or an open device. Out: the profile that netc itself takes for it. */
import {
  CPU_PROFILE,
  DEFAULT_PROFILE,
  profileOfClass,
  type DeviceClass,
  type TargetProfile,
} from '../../compiler/kernel/profile.ts';
import type { ProgramDevice } from '../../runtime/create-runner.ts';

export const classProfile = (deviceClass: DeviceClass): TargetProfile =>
  deviceClass === 'cpu' ? CPU_PROFILE : profileOfClass(deviceClass);

/** The processor with the instructions that it has; for WebGPU what runs on every device. */
export const profileOn = (device: ProgramDevice): TargetProfile =>
  device.backend === 'cpu' ? { ...CPU_PROFILE, relaxedSimd: device.relaxedSimd } : DEFAULT_PROFILE;
