/**
 * Runs a program as its users would: compiled whole, with its plan of memory, on the processor or on a device. In: a
 * study and a variant. Out: what `calculate` gives, by the same names. Memory for intermediates is NaN at the start.
 */
import { compileProgram } from '../../compiler/compile-program.ts';
import type { DeviceClass, TargetProfile } from '../../compiler/kernel/profile.ts';
import { openCpu } from '../../runtime/cpu/cpu-device.ts';
import { createRunner, type ProgramDevice } from '../../runtime/create-runner.ts';
import type { Device } from '../../runtime/device.ts';
import type { Listing, StoredTensor } from '../../runtime/plan-format.ts';
import { recordBytes, type Outputs, type RunRequest, type StepRunner } from '../../runtime/step-runner.ts';
import { planRun } from '../../runtime/train/run-plan.ts';
import { StepScalars } from '../../runtime/train/step-scalars.ts';
import { initialWeights, writeWeights } from '../../runtime/train/weights.ts';
import { classProfile, profileOn } from '../support/profiles.ts';
import { recordsOf, SEED, weightsOf, type Study } from './study.ts';

export interface Variant {
  readonly deviceClass: DeviceClass;
  readonly fuse: boolean;
}

export const nameOf = ({ deviceClass, fuse }: Variant): string =>
  `${deviceClass === 'cpu' ? 'cpu' : `gpu, class ${deviceClass}`}, fuse ${fuse ? 'on' : 'off'}`;

/** Every kind of kernels: both targets fused and unfused, and fused for the classes of GPUs. */
export const ALL_VARIANTS: readonly Variant[] = [
  { deviceClass: 'cpu', fuse: true },
  { deviceClass: 'cpu', fuse: false },
  { deviceClass: 'software', fuse: true },
  { deviceClass: 'software', fuse: false },
  { deviceClass: 'small', fuse: true },
  { deviceClass: 'large', fuse: true },
]; // prettier-ignore

/** Values by the names of `calculate`. Throws what compiler and runtime throw. */
export type Runner = (study: Study, variant: Variant) => Promise<ReadonlyMap<string, Float64Array>>;

/** Opens nothing but threads; `gpu` is where variants of WebGPU run. */
export function runnerOn(gpu: Device): Runner {
  return async (study, variant) => {
    const { deviceClass, fuse } = variant;
    if (deviceClass !== 'cpu')
      return await runListing(study, listingFor(study, classProfile(deviceClass), fuse), gpu);
    // The bits do not depend on threads; several are tried now and then all the same.
    const device = await openCpu({ threads: study.seed % 10 === 0 ? 2 : 1 });
    return await runListing(study, listingFor(study, profileOn(device), fuse), device);
  };
}

const listingFor = ({ program }: Study, profile: TargetProfile, fuse: boolean): Listing =>
  compileProgram(program, { profile, fuse, predictions: false }).listing;

async function runListing(study: Study, listing: Listing, device: ProgramDevice): Promise<Map<string, Float64Array>> {
  const step = listing.steps[0];
  if (!step) throw new Error('a listing without a step');
  const { gradient, evaluate, update } = step;
  const isTrained = study.steps > 1;
  const routines = isTrained && update !== undefined ? [gradient, update, evaluate] : [gradient];
  const runner = await createRunner(listing, device, { routines });
  try {
    poison(runner, listing);
    const weights = new Map([...weightsOf(study)].map(([name, { data }]) => [name, Float32Array.from(data)]));
    writeWeights(runner, listing, initialWeights(listing, SEED, weights));
    return await results(study, listing, runner, routines);
  } finally {
    runner.dispose();
  }
} // prettier-ignore

async function results(study: Study, listing: Listing, runner: StepRunner, [gradient = 0, update, evaluate = 0]: readonly number[]) {
  const found = new Map<string, Float64Array>();
  const { training } = listing;
  if (!training) throw new Error('a listing without training');
  const scalars = new StepScalars(listing, planRun(training, listing.steps, study.steps));
  const ask = async (routines: readonly number[], s: number, batch: number, values: Float64Array): Promise<Outputs> => {
    const read = routines[0] ?? 0;
    const inputs = inputsOf(study, listing, read, s, batch);
    return await runner.run({ routines, batch, uniform: { seed: SEED, draw: s, scalars: values }, inputs, read }).outputs();
  };
  const moved = [...new Set(study.step.minimizes.flatMap(({ parameters }) => parameters))];
  for (let s = 0; s < study.steps; s++) {
    const values = scalars.next(0);
    // After the first gradient it is read before anything moves.
    const together = s > 0 && update !== undefined ? [gradient, update] : [gradient];
    found.set(`loss ${s + 1}`, lossOf(await ask(together, s, study.batch, values)));
    if (s > 0) continue;
    for (const [name, data] of await runner.readTensors(gradientsOf(listing, moved)))
      found.set(`gradient ${name}`, Float64Array.from(data));
    if (update === undefined) return found;
    runner.run({ routines: [update], batch: study.batch, uniform: { seed: SEED, draw: s, scalars: values }, inputs: new Map() });
  }
  for (const [name, data] of await runner.readTensors(listing.parameters))
    if (moved.includes(name)) found.set(`weight ${name}`, Float64Array.from(data));
  for (const [name, data] of await runner.readTensors(listing.states)) found.set(`state ${name}`, Float64Array.from(data));
  const none = new Float64Array(listing.uniform.scalars.length);
  for (const count of study.counts)
    found.set(`evaluation of ${count}`, lossOf(await ask([evaluate], study.steps, count, none)));
  return found;
} // prettier-ignore

const lossOf = (outputs: Outputs): Float64Array => Float64Array.from(outputs.get('loss') ?? []);

/** What is read before it is written shows. */
function poison(runner: StepRunner, { buffers }: Listing): void {
  buffers.forEach(({ role, bytes, name }, buffer) => {
    if (role !== 'activations') return;
    const count = Math.floor(bytes / 4);
    const range = { buffer, offset: 0, bytes: 4 * count };
    runner.writeTensor({ name, shape: [count], range }, new Float32Array(count).fill(NaN));
  });
}

/** Gradients lie in their buffer as weights do in theirs. */
function gradientsOf({ parameters, buffers }: Listing, names: readonly string[]): StoredTensor[] {
  const weights = buffers.findIndex(({ role }) => role === 'parameters');
  const buffer = buffers.findIndex(({ role }) => role === 'gradients');
  return parameters
    .filter(({ name }) => names.includes(name))
    .map(({ name, shape, range }) => {
      if (range.buffer !== weights || buffer < 0) throw new Error(`the gradient of ${name} is nowhere`);
      return { name, shape, range: { ...range, buffer } };
    });
}

function inputsOf(study: Study, listing: Listing, routine: number, step: number, count: number): RunRequest['inputs'] {
  const records = recordsOf(study, step, count);
  const inputs = listing.routines[routine]?.inputs ?? [];
  return new Map(
    inputs.map((input): [string, Uint8Array] => {
      const data = records.get(input.name)?.data ?? [];
      const words = input.storage === 'f32' ? Float32Array.from(data) : Uint32Array.from(data);
      if (words.byteLength !== count * recordBytes(input)) throw new Error(`${input.name} is not ${input.storage}`);
      return [input.name, new Uint8Array(words.buffer)];
    }),
  );
} // prettier-ignore
