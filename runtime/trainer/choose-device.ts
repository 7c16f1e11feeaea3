/**
 * Where a compiled trainer runs. In: what the user asks for, the targets it was compiled for. Out: an open device and
 * its target. `auto` takes a GPU, else the CPU's kernels where there are any, else any adapter. RuntimeFailure E0601
 * where there is nothing to run on, with what would help.
 */
import type { ProgramDevice } from '../create-runner.ts';
import { openCpu } from '../cpu/cpu-device.ts';
import { openDevice, openHardware } from '../device.ts';
import { RuntimeFailure } from '../failure.ts';
import type { DeviceChoice, TargetName, TrainerProgram } from './trainer-program.ts';

export interface ChosenDevice {
  target: TargetName;
  device: ProgramDevice;
  /** For people, where the device was chosen for them. */
  note?: string;
}

/** `mayHaveGpu`: false where it is not worth asking for one. */
export async function chooseDevice(
  program: TrainerProgram,
  choice: DeviceChoice,
  mayHaveGpu = true,
): Promise<ChosenDevice> {
  const { webgpu, cpu } = program.targets;
  const request = { features: (webgpu?.features ?? []) as GPUFeatureName[] };
  if (choice === 'gpu') {
    if (webgpu === undefined) throw notCompiled('WebGPU', 'wgsl');
    return { target: 'webgpu', device: await openDevice(request) };
  }
  if (choice === 'cpu') {
    if (cpu === undefined) throw notCompiled('the CPU', 'cpu');
    return { target: 'cpu', device: await openCpu() };
  }
  if (webgpu !== undefined && mayHaveGpu) {
    const device = await openHardware(request);
    if (device) return { target: 'webgpu', device, note: `running on ${device.name}` };
  }
  if (cpu !== undefined) {
    const device = await openCpu();
    const found = webgpu === undefined ? '' : 'no GPU found: ';
    return { target: 'cpu', device, note: `${found}running on the CPU (${device.name})` };
  }
  const device = await anyAdapter(request);
  return { target: 'webgpu', device, note: `no GPU found: running on ${device.name}` };
}

async function anyAdapter(request: { features: GPUFeatureName[] }): Promise<ProgramDevice> {
  try {
    return await openDevice(request);
  } catch (error) {
    if (!(error instanceof RuntimeFailure)) throw error;
    const { code, message, help = '' } = error.diagnostic;
    throw new RuntimeFailure(code, `${message}, and this trainer has no kernels for the CPU`, {
      help: `${help}\nTo train without WebGPU compile it with --emit both.`.trim(),
    });
  }
}

function notCompiled(device: string, emit: string): RuntimeFailure {
  return new RuntimeFailure('E0601', `this trainer has no kernels for ${device}`, {
    help: `Compile it again with --emit ${emit}, or --emit both.`,
  });
}
