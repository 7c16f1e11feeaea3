/**
 * A program as compiled for one device, to be run again and again by benchmarks. In: source, device, fused or not. Out: what
 * runs one training step (or one prediction) and waits for it. Inputs are made up: what is measured does not depend on values.
 */
import { compile, CPU_PROFILE, profileOfClass } from '../dist/compiler/index.js';
import { CLASS_LIMITS } from '../dist/runtime/device-class.js';
import { createRunner } from '../dist/runtime/create-runner.js';
import { recordBytes } from '../dist/runtime/step-runner.js';
import { initialWeights, writeWeights } from '../dist/runtime/train/weights.js';

/** Numbers that are valid for the storage: labels and tokens below ten, else waves. */
function fill(input, batch) {
  const bytes = new Uint8Array(Math.ceil((batch * recordBytes(input)) / 4) * 4);
  if (input.storage === 'f32') new Float32Array(bytes.buffer).forEach((_, i, all) => (all[i] = Math.cos(i)));
  else if (input.storage === 'u8') bytes.forEach((_, i) => (bytes[i] = i % 10));
  else new Uint32Array(bytes.buffer).forEach((_, i, all) => (all[i] = i % 10));
  return bytes;
}

/** `part`: `step` runs gradient and update of the first step, `predict` the first model. */
export async function stepProgram(source, { device, part = 'step', fuse = true }) {
  const profile =
    device.backend === 'cpu'
      ? { ...CPU_PROFILE, relaxedSimd: device.relaxedSimd }
      : profileOfClass(device.deviceClass);
  const { listing } = compile(source, { profile, fuse, predictions: part === 'predict' });
  const [step] = listing.steps;
  const first = part === 'step' ? step.gradient : listing.models[0].predict;
  const routines = part === 'step' && step.update !== undefined ? [first, step.update] : [first];
  const program = await createRunner(listing, device, { routines });
  writeWeights(program, listing, initialWeights(listing, 1, undefined));
  const routine = listing.routines[first];
  const request = {
    routines,
    batch: routine.batch,
    uniform: { seed: 1, draw: 0, scalars: new Float64Array(listing.uniform.scalars.length).fill(1e-3) },
    inputs: new Map(routine.inputs.map((input) => [input.name, fill(input, routine.batch)])),
  };
  return {
    async run() {
      request.uniform.draw += 1;
      program.run(request);
      await program.finished();
    },
    close: () => program.dispose(),
  };
}

/** The processor with one thread and with all, and a WebGPU adapter where there is one. */
export async function benchDevices() {
  const { openCpu } = await import('../dist/runtime/cpu/cpu-device.js');
  const { openDevice } = await import('../dist/runtime/device.js');
  const all = await openCpu();
  const devices = [{ name: `CPU, threads: ${all.threads}`, device: all }];
  if (all.threads > 1) devices.unshift({ name: 'CPU, threads: 1', device: await openCpu({ threads: 1 }) });
  try {
    const gpu = await openDevice((deviceClass) => ({ limits: CLASS_LIMITS[deviceClass] }));
    devices.push({ name: gpu.software ? `${gpu.name} (a software adapter)` : gpu.name, device: gpu });
  } catch (error) {
    console.log(`WebGPU is left out: ${error.message}`);
  }
  return devices;
}

export const closeDevices = (devices) => devices.forEach(({ device }) => device.close());
