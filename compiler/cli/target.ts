/**
 * Where a command runs its program: decided before the program is compiled, because it is compiled for that device
 * alone. In: `--device`. Out: the compiler's profile, and the device, opened when it is needed. `auto` takes a hardware
 * adapter, else the CPU, and says so in one line. Without `--class` the schedules are those that suit the adapter.
 */
import type { ProgramDevice } from '../../runtime/create-runner.ts';
import { openCpu } from '../../runtime/cpu/cpu-device.ts';
import { openDevice, openHardware, type Device, type DeviceRequest } from '../../runtime/device.ts';
import { mayHaveGpu } from '../../runtime/node/gpu-files.ts';
import { fail } from '../diagnostics.ts';
import { CPU_PROFILE, DEFAULT_PROFILE, limitsOf, profileOfClass, type TargetProfile } from '../index.ts';
import type { Context } from './context.ts';

export interface Target {
  readonly profile: TargetProfile;
  /** E0601 where there is no such device. */
  open(): Promise<ProgramDevice>;
  /** For people, where the device was chosen for them. */
  readonly note?: string;
  /** Closes what was opened on the way. */
  close(): void;
}

/** Enabled where the adapter has them; a program that needs one says so when it is loaded. */
const WANTED: DeviceRequest = { features: ['shader-f16'] };

/** Chooses the target, works with it and closes what was opened. */
export async function withTarget<T>(context: Context, work: (target: Target) => Promise<T>): Promise<T> {
  const target = await chooseTarget(context);
  try {
    return await work(target);
  } finally {
    target.close();
  }
}

/** E0701 where `--class` asks for schedules that the device does not have. */
async function chooseTarget(context: Context): Promise<Target> {
  const { host, flags } = context;
  if (flags.device !== 'cpu' && mayHaveGpu()) {
    const wishes = limitsOf(profileOfClass(flags.class ?? 'large'));
    const device = await host.quietly(() => openHardware({ ...WANTED, wishes }));
    if (device) {
      return {
        profile: profileOn(device, flags.class),
        open: () => Promise.resolve(device),
        ...(flags.device === 'auto' ? { note: `running on ${device.name}` } : {}),
        close: () => device.close(),
      };
    }
  }
  if (flags.device === 'gpu') {
    const profile = profileOfClass(flags.class ?? 'software');
    const request = { ...WANTED, limits: limitsOf(profile) };
    return { profile, open: () => host.quietly(() => openDevice(request)), close: () => undefined };
  }
  if (flags.class !== undefined) {
    fail('E0701', undefined, '--class chooses among schedules of WebGPU devices; this run is on the CPU', {
      help: '--device gpu takes any adapter, a software one too',
    });
  }
  const device = await openCpu();
  return {
    profile: { ...CPU_PROFILE, relaxedSimd: device.relaxedSimd },
    open: () => Promise.resolve(device),
    ...(flags.device === 'auto' ? { note: `no GPU found: running on the CPU (${device.name})` } : {}),
    close: () => undefined,
  };
}

/** The schedules of a class, by default of the device's own, within the limits that it was opened with. */
export function profileOn({ limits, ...device }: Device, deviceClass = device.deviceClass): TargetProfile {
  const profile = profileOfClass(deviceClass);
  const granted = limits['maxStorageBuffersPerShaderStage'] ?? DEFAULT_PROFILE.storageBindings;
  return { ...profile, storageBindings: Math.min(profile.storageBindings, granted) };
}
