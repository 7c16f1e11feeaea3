/**
 * A listing on a WebGPU device. In: a listing, a device. Out: a machine that runs the listing's routines,
 * one encoder, one compute pass and one submit a call.
 * Holds: buffers, pipelines and bind groups are made in `create`; running makes none. `run` never waits.
 * What the device refuses or loses surfaces as RuntimeFailure E0604 or E0602 at the next call.
 */
import { checkFeatures } from './device-features.ts';
import { checkLimits } from './device-limits.ts';
import type { Device } from './device.ts';
import type { ProgramBuffers } from './buffers.ts';
import { createBuffers, destroyBuffers } from './buffers.ts';
import { FailureWatch } from './failure-watch.ts';
import { hostTurn, Naps } from './naps.ts';
import { decodeOutputs, planOutputs, planStepReads } from './outputs.ts';
import type { ReadyRoutines } from './pipelines.ts';
import { encodeCommands, prepareRoutines } from './pipelines.ts';
import type { BufferRole, Listing, Routine, StoredTensor } from './plan-format.ts';
import type { CopyPlan } from './readback-ring.ts';
import { ReadbackRing } from './readback-ring.ts';
import type { Outputs, RunHandle, RunRequest, StepRunner } from './step-runner.ts';
import { elements, recordBytes } from './step-runner.ts';
import { TensorReader } from './tensor-transfer.ts';
import { UniformBlock } from './uniform.ts';

/** Unread results of steps in flight: enough to keep a device busy, few enough to notice a failure soon. */
const STEP_SLOTS = 4;
/** Predictions may be large, so only one is read while the next is computed. */
const PREDICTION_SLOTS = 2;

export interface ProgramOptions {
  /** Only these routines can be run; by default all of the listing. */
  routines?: readonly number[];
  /** Steps whose results a caller may leave unread at a time; by default what `slots` says. */
  unreadSteps?: number;
}

export class Program implements StepRunner {
  readonly #listing: Listing;
  readonly #gpu: GPUDevice;
  readonly #buffers: readonly GPUBuffer[];
  readonly #uniform: GPUBuffer;
  readonly #turns: GPUBuffer;
  readonly #block: UniformBlock;
  readonly #routines: ReadyRoutines;
  readonly #stepReads: ReadonlyMap<number, CopyPlan>;
  readonly #stepRing: ReadbackRing;
  readonly #reader: TensorReader;
  readonly #watch: FailureWatch;
  readonly #naps = new Naps(hostTurn());
  readonly #predictionReads = new Map<number, { plan: CopyPlan; ring: ReadbackRing }>();

  private constructor(parts: ProgramParts) {
    this.#listing = parts.listing;
    this.#gpu = parts.gpu;
    this.#buffers = parts.buffers;
    this.#uniform = parts.uniform;
    this.#turns = parts.turns;
    this.#block = parts.block;
    this.#routines = parts.routines;
    this.#watch = parts.watch;
    this.#stepReads = planStepReads(parts.listing);
    const largest = Math.max(0, ...[...this.#stepReads.values()].map((plan) => plan.bytes));
    this.#stepRing = new ReadbackRing(parts.gpu, STEP_SLOTS, largest, 'step_results', parts.unreadSteps);
    const { parameters, states, optimizer, averages = [] } = parts.listing;
    const stored = [...parameters, ...states, ...optimizer, ...averages];
    const total = stored.reduce((sum, tensor) => sum + 4 * elements(tensor.shape), 0);
    this.#reader = new TensorReader(parts.gpu, parts.buffers, total);
  }

  /**
   * Makes everything the routines need. Throws RuntimeFailure E0601 where the device has not the features, E0604 where the device's limits are too small,
   * its memory does not suffice, or it refuses a kernel.
   */
  static async create(listing: Listing, device: Device, options: ProgramOptions = {}): Promise<Program> {
    const { gpu } = device;
    const { unreadSteps = STEP_SLOTS } = options;
    checkFeatures(listing, device);
    checkLimits(listing, gpu.limits);
    const watch = new FailureWatch(gpu, device.lost);
    let made: ProgramBuffers | undefined;
    try {
      const block = new UniformBlock(listing.uniform);
      made = await createBuffers(gpu, listing, block.bytes.byteLength);
      const chosen = [...new Set(options.routines ?? listing.routines.keys())];
      const routines = await prepareRoutines(gpu, listing, chosen, made.buffers, made);
      watch.check();
      return new Program({ listing, gpu, ...made, block, routines, watch, unreadSteps });
    } catch (error) {
      watch.stop();
      destroyBuffers(made);
      throw error;
    }
  }

  get memoryBytes(): number {
    const buffers = this.#buffers.reduce(
      (sum, buffer) => sum + buffer.size,
      this.#uniform.size + this.#turns.size,
    );
    const predictions = [...this.#predictionReads.values()].map(({ ring }) => ring);
    const rings = [this.#stepRing, ...predictions].reduce((sum, ring) => sum + ring.bytes, 0);
    return buffers + rings + this.#reader.bytes;
  }

  slots(routine: number): number {
    return this.#stepReads.has(routine) ? STEP_SLOTS : PREDICTION_SLOTS;
  }

  run(request: RunRequest): RunHandle {
    this.#watch.check();
    const { queue } = this.#gpu;
    queue.writeBuffer(this.#uniform, 0, this.#block.pack(request.uniform, request.batch));
    for (const index of request.routines) this.#upload(this.#routine(index), request);

    const encoder = this.#gpu.createCommandEncoder();
    this.#encodeClear(encoder, request.clear ?? []);
    const pass = encoder.beginComputePass();
    for (const index of request.routines) {
      const commands = this.#routines.get(index);
      if (commands === undefined) throw new Error(`internal: routine ${index} was not prepared`);
      encodeCommands(pass, commands);
    }
    pass.end();
    if (request.read === undefined) {
      queue.submit([encoder.finish()]);
      return { outputs: () => Promise.reject(new Error('internal: this run reads no outputs')) };
    }
    const { plan, ring } = this.#reading(request.read);
    if (plan.bytes === 0) {
      queue.submit([encoder.finish()]);
      return { outputs: () => this.finished().then(() => new Map()) };
    }
    const routine = this.#routine(request.read);
    const slot = ring.encode(encoder, this.#slotCopies(plan), plan.bytes);
    queue.submit([encoder.finish()]);
    const outputs = this.#collect(this.#naps.during(slot.take()), routine, plan, request.batch);
    // A caller that stops early never looks at it; that is no unhandled rejection.
    outputs.catch(() => undefined);
    return { outputs: () => outputs };
  }

  async finished(): Promise<void> {
    await this.#watch.guard(this.#naps.during(this.#gpu.queue.onSubmittedWorkDone()));
  }

  writeTensor(tensor: StoredTensor, data: Float32Array): void {
    if (data.length !== elements(tensor.shape)) {
      throw new Error(`internal: ${data.length} values for ${tensor.name}[${tensor.shape.join(', ')}]`);
    }
    this.#gpu.queue.writeBuffer(this.#buffer(tensor.range.buffer), tensor.range.offset, data);
  }

  readTensors(tensors: readonly StoredTensor[]): Promise<Map<string, Float32Array>> {
    return this.#watch.guard(this.#naps.during(this.#reader.read(tensors)));
  }

  async readTensor(tensor: StoredTensor): Promise<Float32Array> {
    const values = (await this.readTensors([tensor])).get(tensor.name);
    if (values === undefined) throw new Error(`internal: ${tensor.name} was not read`);
    return values;
  }

  /** Frees the buffers; the device stays open. */
  dispose(): void {
    this.#watch.stop();
    destroyBuffers({ buffers: this.#buffers, uniform: this.#uniform, turns: this.#turns });
    this.#stepRing.destroy();
    for (const { ring } of this.#predictionReads.values()) ring.destroy();
    this.#reader.destroy();
  }

  #upload(routine: Routine, request: RunRequest): void {
    if (routine.inputs.length > 0 && !routine.dynamicBatch && request.batch !== routine.batch) {
      throw new Error(`internal: ${request.batch} records for ${routine.name}, which takes ${routine.batch}`);
    }
    for (const input of routine.inputs) {
      const size = Math.ceil((request.batch * recordBytes(input)) / 4) * 4;
      const bytes = request.inputs.get(input.name);
      if (bytes === undefined || bytes.byteLength < size) {
        throw new Error(`internal: input ${input.name} has ${bytes?.byteLength ?? 0} of ${size} bytes`);
      }
      const target = this.#buffer(input.range.buffer);
      this.#gpu.queue.writeBuffer(target, input.range.offset, bytes, 0, size);
    }
  }

  #encodeClear(encoder: GPUCommandEncoder, roles: readonly BufferRole[]): void {
    if (roles.length === 0) return;
    this.#listing.buffers.forEach((spec, index) => {
      if (roles.includes(spec.role)) encoder.clearBuffer(this.#buffer(index));
    });
  }

  #slotCopies(plan: CopyPlan) {
    return plan.copies.map(({ range, slotOffset }) => ({
      source: this.#buffer(range.buffer),
      sourceOffset: range.offset,
      slotOffset,
      bytes: range.bytes,
    }));
  }

  /** Where the outputs of a routine are read through. The ring of a prediction is made at its first read. */
  #reading(routine: number): { plan: CopyPlan; ring: ReadbackRing } {
    const plan = this.#stepReads.get(routine);
    if (plan) return { plan, ring: this.#stepRing };
    let reading = this.#predictionReads.get(routine);
    if (reading === undefined) {
      const made = planOutputs(this.#routine(routine));
      reading = {
        plan: made,
        ring: new ReadbackRing(this.#gpu, PREDICTION_SLOTS, made.bytes, 'predictions'),
      };
      this.#predictionReads.set(routine, reading);
    }
    return reading;
  }

  async #collect(
    bytes: Promise<ArrayBuffer>,
    routine: Routine,
    plan: CopyPlan,
    batch: number,
  ): Promise<Outputs> {
    return decodeOutputs(routine, plan, await this.#watch.guard(bytes), batch);
  }

  #routine(index: number): Routine {
    const routine = this.#listing.routines[index];
    if (routine === undefined) throw new Error(`internal: no routine ${index} in the listing`);
    return routine;
  }

  #buffer(index: number): GPUBuffer {
    const buffer = this.#buffers[index];
    if (buffer === undefined) throw new Error(`internal: no buffer ${index} in the listing`);
    return buffer;
  }
}

interface ProgramParts extends ProgramBuffers {
  listing: Listing;
  gpu: GPUDevice;
  block: UniformBlock;
  routines: ReadyRoutines;
  watch: FailureWatch;
  unreadSteps: number;
}
