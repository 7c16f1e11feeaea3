/**
 * Where a compiled trainer runs. In: what the user asks for, the targets it was compiled for. Out: an open device, with
 * the limits that the kernels of its class are compiled for. `auto` takes a GPU, else the CPU's kernels where there are any, else any adapter. RuntimeFailure E0601
 * where there is nothing to run on, with what would help.
 */
import type { ProgramDevice } from '../create-runner.ts';
import { openCpu } from '../cpu/cpu-device.ts';
import { CLASS_LIMITS, type GpuClass } from '../device-class.ts';
import { openDevice, openHardware, type DeviceRequest } from '../device.ts';
import { RuntimeFailure } from '../failure.ts';
import { anyListing, classIn, kindOf, type DeviceChoice, type TrainerProgram } from './trainer-program.ts';

export interface ChosenDevice {
  device: ProgramDevice;
  /** For people, where the device was chosen for them. */
  note?: string;
}

export interface ChoiceOptions {
  /** False where it is not worth asking for one. */
  mayHaveGpu?: boolean;
  /** Instead of the class that suits the device; one that the trainer has. */
  deviceClass?: GpuClass | undefined;
}

export async function chooseDevice(
  program: TrainerProgram,
  choice: DeviceChoice,
  { mayHaveGpu = true, deviceClass }: ChoiceOptions = {},
): Promise<ChosenDevice> {
  const { webgpu, cpu } = program.targets;
  const request = (suited: GpuClass): DeviceRequest => ({
    features: (anyListing(program).features ?? []) as GPUFeatureName[],
    limits: CLASS_LIMITS[deviceClass ?? classIn(program, suited)],
  });
  if (choice === 'gpu') {
    if (webgpu === undefined) throw notCompiled(program, 'WebGPU', 'wgsl');
    return { device: await openDevice(request) };
  }
  if (choice === 'cpu') {
    if (cpu === undefined) throw notCompiled(program, 'the CPU', 'cpu');
    if (deviceClass !== undefined) throw classOnCpu();
    return { device: await openCpu() };
  }
  if (webgpu !== undefined && mayHaveGpu) {
    const device = await openHardware(request);
    if (device) return { device, note: `running on ${device.name}` };
  }
  if (cpu !== undefined) {
    if (deviceClass !== undefined) throw classOnCpu();
    const device = await openCpu();
    const found = webgpu === undefined ? '' : 'no GPU found: ';
    return { device, note: `${found}running on the CPU (${device.name})` };
  }
  const device = await anyAdapter(program, request);
  return { device, note: `no GPU found: running on ${device.name}` };
}

async function anyAdapter(
  program: TrainerProgram,
  request: (suited: GpuClass) => DeviceRequest,
): Promise<ProgramDevice> {
  try {
    return await openDevice(request);
  } catch (error) {
    if (!(error instanceof RuntimeFailure)) throw error;
    const { code, message, help = '' } = error.diagnostic;
    throw new RuntimeFailure(code, `${message}, and this ${kindOf(program)} has no kernels for the CPU`, {
      help: `${help}\nTo run without WebGPU compile it with --emit both.`.trim(),
    });
  }
}

/** RuntimeFailure E0601: the device is asked for, and it has no kernels for it. */
export function notCompiled(program: TrainerProgram, device: string, emit: string): RuntimeFailure {
  return new RuntimeFailure('E0601', `this ${kindOf(program)} has no kernels for ${device}`, {
    help: `Compile it again with --emit ${emit}, or --emit both.`,
  });
}

/** RuntimeFailure E0701: schedules of WebGPU devices are asked for, and the run is on the CPU. */
export function classOnCpu(): RuntimeFailure {
  const message = '--class chooses among schedules of WebGPU devices; this run is on the CPU';
  return new RuntimeFailure('E0701', message, { help: '--device gpu takes any adapter, a software one too' });
}
