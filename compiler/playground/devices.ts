/** What of this browser the playground compiles for: the kernels that are shown, the kernels that train. */
import { CLASS_LIMITS, type GpuClass } from '../../runtime/device-class.ts';
import { openHardware, type DeviceRequest } from '../../runtime/device.ts';
import { chooseAmong, type ChosenDevice } from '../../runtime/trainer/choose-device.ts';
import type { DeviceChoice } from '../../runtime/trainer/trainer-program.ts';
import { profileOf, profileOfClass, type TargetProfile } from '../index.ts';
import type { ShownTarget } from './messages.ts';

/** Programs in half precision need the feature, the kernels of a class its limits. */
const requestOf = (suited: GpuClass): DeviceRequest => ({
  features: ['shader-f16'],
  limits: CLASS_LIMITS[suited],
});

/** A GPU, else the processor; or what is asked for. RuntimeFailure E0601 where there is no such device. */
export const openChosen = (choice: DeviceChoice): Promise<ChosenDevice> =>
  chooseAmong({ kind: 'page', webgpu: requestOf, cpu: true }, choice);

export interface Shown {
  profile: TargetProfile;
  words: string;
}

/** The class of this browser's GPU where it has one, else the kernels that run everywhere. */
async function profileHere(): Promise<Shown> {
  const device = await openHardware(requestOf);
  if (device === undefined) return { profile: profileOfClass('software'), words: 'every WebGPU device' };
  const profile = profileOf(device);
  device.close();
  return { profile, words: device.name };
}

const CLASS_WORDS: Readonly<Record<Exclude<ShownTarget, 'here'>, string>> = {
  software: 'every WebGPU device',
  small: 'a small GPU',
  large: 'a large GPU',
};

/** This browser's device is asked for once. */
export class ShownProfiles {
  #here: Promise<Shown> | undefined;

  of(target: ShownTarget): Promise<Shown> {
    if (target !== 'here') {
      return Promise.resolve({ profile: profileOfClass(target), words: CLASS_WORDS[target] });
    }
    this.#here ??= profileHere().catch((error: unknown) => {
      // The next program asks again.
      this.#here = undefined;
      throw error;
    });
    return this.#here;
  }
}
