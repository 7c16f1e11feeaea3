/**
 * Where a command runs its program: decided before the program is compiled, because it is compiled for that device
 * alone. In: `--device`. Out: the compiler's profile, and the device, opened when it is needed. `auto` takes a hardware
 * adapter, else the CPU, and says so in one line. Without `--class` the schedules are those that suit the adapter
 * (`runtime/device-class.ts`), as in a compiled trainer.
 */
import type { ProgramDevice } from '../../runtime/create-runner.ts';
import { openCpu } from '../../runtime/cpu/cpu-device.ts';
import { CLASS_LIMITS, type GpuClass } from '../../runtime/device-class.ts';
import { openDevice, openHardware, type DeviceRequest } from '../../runtime/device.ts';
import { mayHaveGpu } from '../../runtime/node/gpu-files.ts';
import { classOnCpu } from '../../runtime/trainer/choose-device.ts';
import { profileOf, profileOfClass, type TargetProfile } from '../index.ts';
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

/** Features are enabled where the adapter has them; a program that needs one says so when it is loaded. */
const requestOf = (deviceClass: GpuClass): DeviceRequest => ({
  features: ['shader-f16'],
  limits: CLASS_LIMITS[deviceClass],
});

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
    const device = await host.quietly(() => openHardware((suited) => requestOf(flags.class ?? suited)));
    if (device) {
      return {
        profile: profileOfClass(flags.class ?? device.deviceClass),
        open: () => Promise.resolve(device),
        ...(flags.device === 'auto' ? { note: `running on ${device.name}` } : {}),
        close: () => device.close(),
      };
    }
  }
  if (flags.device === 'gpu') {
    const deviceClass = flags.class ?? 'software';
    return {
      profile: profileOfClass(deviceClass),
      open: () => host.quietly(() => openDevice(requestOf(deviceClass))),
      close: () => undefined,
    };
  }
  if (flags.class !== undefined) throw classOnCpu();
  const device = await openCpu();
  return {
    profile: profileOf(device),
    open: () => Promise.resolve(device),
    ...(flags.device === 'auto' ? { note: `no GPU found: running on the CPU (${device.name})` } : {}),
    close: () => undefined,
  };
}
