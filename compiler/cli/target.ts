/**
 * Where a command runs its program: decided before the program is compiled, because it is compiled for that device
 * alone. In: `--device`. Out: the compiler's profile, and the device, opened when it is needed. `auto` takes a hardware
 * adapter, else the CPU, and says so in one line.
 */
import type { ProgramDevice } from '../../runtime/create-runner.ts';
import { openCpu } from '../../runtime/cpu/cpu-device.ts';
import { openDevice, openHardware, type DeviceRequest } from '../../runtime/device.ts';
import { mayHaveGpu } from '../../runtime/node/gpu-files.ts';
import { fail } from '../diagnostics.ts';
import { CPU_PROFILE, DEFAULT_PROFILE, type TargetProfile } from '../index.ts';
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
  if (flags.device === 'gpu') return gpuTarget(context, () => host.quietly(() => openDevice(WANTED)));
  if (flags.device === 'auto' && mayHaveGpu()) {
    const device = await host.quietly(() => openHardware(WANTED));
    if (device) {
      const { name } = device;
      const target = gpuTarget(context, () => Promise.resolve(device));
      return { ...target, note: `running on ${name}`, close: () => device.close() };
    }
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

function gpuTarget({ flags }: Context, open: () => Promise<ProgramDevice>): Target {
  const deviceClass = flags.class ?? DEFAULT_PROFILE.deviceClass;
  return { profile: { ...DEFAULT_PROFILE, deviceClass }, open, close: () => undefined };
}
