/** A compiled trainer as its page trains it. */
import { chooseDevice } from '../trainer/choose-device.ts';
import { linkListing } from '../trainer/link.ts';
import { anyListing, type TrainerProgram } from '../trainer/trainer-program.ts';
import { summarize } from './summary.ts';
import type { Trainable } from './training-worker.ts';

export function compiledProgram(program: TrainerProgram): Trainable {
  const { webgpu, cpu } = program.targets;
  const targets = { webgpu: webgpu !== undefined, cpu: cpu !== undefined };
  return {
    about: summarize(anyListing(program), program.netc, targets),
    base: program.base,
    async open(choice) {
      const { device, note } = await chooseDevice(program, choice);
      try {
        const listing = await linkListing(program, device);
        return { device, listing, compileSeconds: 0, ...(note === undefined ? {} : { note }) };
      } catch (error) {
        device.close();
        throw error;
      }
    },
  };
}
