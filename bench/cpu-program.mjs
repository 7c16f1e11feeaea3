// A program compiled for the CPU and run in this process. In: a source, threads. Out: a function that runs one step (or one
// prediction) and waits for it, and what it takes to read the figures.
import { compile, CPU_PROFILE } from '../dist/compiler/index.js';
import { openCpu } from '../dist/runtime/cpu/cpu-device.js';
import { CpuProgram } from '../dist/runtime/cpu/cpu-program.js';
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
export async function cpuProgram(source, { threads, part = 'step' } = {}) {
  const device = await openCpu(threads === undefined ? {} : { threads });
  const profile = { ...CPU_PROFILE, relaxedSimd: device.relaxedSimd };
  const { listing } = compile(source, { profile });
  const program = await CpuProgram.create(listing, device);
  writeWeights(program, listing, initialWeights(listing, 1, undefined));
  const [step] = listing.steps;
  const first = part === 'step' ? step.gradient : listing.models[0].predict;
  const routine = listing.routines[first];
  const request = {
    routines: part === 'step' && step.update !== undefined ? [first, step.update] : [first],
    batch: routine.batch,
    uniform: { seed: 1, draw: 0, scalars: new Float64Array(listing.uniform.scalars.length).fill(1e-3) },
    inputs: new Map(routine.inputs.map((input) => [input.name, fill(input, routine.batch)])),
  };
  return {
    listing,
    threads: device.threads,
    async run() {
      request.uniform.draw += 1;
      program.run(request);
      await program.finished();
    },
    close: () => program.dispose(),
  };
}
