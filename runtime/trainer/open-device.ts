/** The device of a compiled trainer or predictor: one that is chosen, or one that the host has opened itself. */
import type { ProgramDevice } from '../create-runner.ts';
import { adoptDevice } from '../device.ts';
import { RuntimeFailure } from '../failure.ts';
import { inNode } from '../in-node.ts';
import { chooseDevice, notCompiled } from './choose-device.ts';
import type { TrainerProgram } from './trainer-program.ts';

export interface OpenDevice {
  device: ProgramDevice;
  /** Leaves a device of the host's own open. */
  close: () => void;
}

/** E0213 for what is no device; E0601 where there is none, or no kernels for it. */
export async function openFor(program: TrainerProgram, wanted: unknown = 'auto'): Promise<OpenDevice> {
  if (typeof wanted === 'object' && wanted !== null) {
    if (program.targets.webgpu === undefined) throw notCompiled(program, 'WebGPU', 'wgsl');
    return { device: adoptDevice(wanted as GPUDevice), close: () => undefined };
  }
  if (wanted !== 'auto' && wanted !== 'gpu' && wanted !== 'cpu') {
    throw new RuntimeFailure('E0213', `device is auto, gpu, cpu or a GPUDevice, not '${String(wanted)}'`);
  }
  const { device } = await chooseDevice(program, wanted, { mayHaveGpu: await mayHaveGpu() });
  return { device, close: () => device.close() };
}

/** Resolves with what happened (E0602) when the device is lost; never where nothing does. */
export const lossOf = (device: ProgramDevice): Promise<RuntimeFailure> =>
  device.backend === 'webgpu'
    ? device.lost.then((reason) => new RuntimeFailure('E0602', `the device was lost: ${reason}`))
    : new Promise(() => undefined);

/** Worth asking for: Node can tell at once where there is certainly none. */
async function mayHaveGpu(): Promise<boolean> {
  return !inNode() || (await import('../node/gpu-files.ts')).mayHaveGpu();
}
