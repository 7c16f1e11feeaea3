/**
 * A listing on the CPU. In: a listing compiled for it, a device. Out: a machine that runs the listing's routines, as
 * `Program` does on WebGPU.
 * Holds: one memory, allocated at the start, with buffers, scratch memory of the threads, and places where inputs and
 * outputs of runs in flight lie. `run` never waits: where all places are taken, the run waits in a queue.
 */
import { fromBase64 } from '../base64.ts';
import { RuntimeFailure } from '../failure.ts';
import { outputElements } from '../outputs.ts';
import type { Listing, Routine, StoredTensor } from '../plan-format.ts';
import type { HostArray, Outputs, RunHandle, RunRequest, StepRunner } from '../step-runner.ts';
import { elements, recordBytes } from '../step-runner.ts';
import { UniformBlock } from '../uniform.ts';
import type { CpuDevice } from './cpu-device.ts';
import { CpuMemory } from './cpu-memory.ts';
import { engine } from './engine.ts';
import { startThreads, type Threads } from './threads.ts';
import type { CpuJob, MemoryCopy } from './worker-text.ts';

interface Run {
  /** With arrays of its own where the run has to wait for a place. */
  request: RunRequest;
  settle: (outputs: Outputs) => void;
}

interface InFlight {
  slot: number;
  run: Run;
}

export class CpuProgram implements StepRunner {
  readonly #listing: Listing;
  readonly #memory: CpuMemory;
  readonly #block: UniformBlock;
  readonly #waiting: (Run | (() => void))[] = [];
  readonly #inFlight: InFlight[] = [];
  readonly #finished: { resolve: () => void; reject: (reason: unknown) => void }[] = [];
  readonly #rejections = new Set<(reason: unknown) => void>();
  #threads: Threads | undefined;
  #failure: RuntimeFailure | undefined;

  private constructor(listing: Listing, memory: CpuMemory) {
    this.#listing = listing;
    this.#memory = memory;
    this.#block = new UniformBlock(listing.uniform);
  }

  /** Throws RuntimeFailure E0604 where the engine has no memory for the program. */
  static async create(listing: Listing, device: CpuDevice): Promise<CpuProgram> {
    const { cpu } = listing;
    if (cpu === undefined) throw new Error('internal: a listing for WebGPU on the CPU');
    const bytes = typeof cpu.module === 'string' ? fromBase64(cpu.module) : cpu.module;
    const module = engine().compile(bytes);
    module.catch(() => undefined);
    const memory = new CpuMemory(listing, cpu, device.threads);
    const program = new CpuProgram(listing, memory);
    program.#threads = await startThreads({
      host: device.host,
      threads: device.threads,
      memory: memory.memory,
      module,
      scratch: (thread) => memory.scratch(thread),
      done: () => program.#done(),
      failed: (failure) => program.#fail(failure),
    });
    return program;
  }

  get memoryBytes(): number {
    return this.#memory.bytes.byteLength;
  }

  slots(): number {
    return this.#memory.slots;
  }

  run(request: RunRequest): RunHandle {
    this.#check();
    for (const index of request.routines) this.#checkInputs(this.#routine(index), request);
    const outputs = new Promise<Outputs>((resolve, reject) => {
      this.#rejections.add(reject);
      const settle = (values: Outputs): void => {
        this.#rejections.delete(reject);
        resolve(values);
      };
      const room = this.#waiting.length === 0 && this.#memory.hasSlot();
      if (room) this.#start({ request, settle });
      else this.#waiting.push({ request: kept(request), settle });
    });
    outputs.catch(() => undefined);
    if (request.read === undefined)
      return { outputs: () => Promise.reject(new Error('internal: this run reads no outputs')) };
    return { outputs: () => outputs };
  }

  finished(): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#finished.push({ resolve, reject });
      this.#settleFinished();
    });
  }

  writeTensor(tensor: StoredTensor, data: Float32Array): void {
    if (data.length !== elements(tensor.shape))
      throw new Error(`internal: ${data.length} values for ${tensor.name}[${tensor.shape.join(', ')}]`);
    const values = this.#idle ? data : data.slice();
    this.#whenIdle(() => new Float32Array(this.#memory.buffer, this.#memory.at(tensor.range), data.length).set(values)); // prettier-ignore
  }

  readTensors(tensors: readonly StoredTensor[]): Promise<Map<string, Float32Array>> {
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#rejections.add(reject);
      this.#whenIdle(() => {
        this.#rejections.delete(reject);
        resolve(new Map(tensors.map((tensor) => [tensor.name, this.#tensor(tensor)])));
      });
    });
  }

  async readTensor(tensor: StoredTensor): Promise<Float32Array> {
    const values = (await this.readTensors([tensor])).get(tensor.name);
    if (values === undefined) throw new Error(`internal: ${tensor.name} was not read`);
    return values;
  }

  /** Ends the threads. What is in flight is given up: whoever waits for it is told (E0701). */
  dispose(): void {
    this.#fail(new RuntimeFailure('E0701', 'the program was disposed of'));
  }

  get #idle(): boolean {
    return this.#inFlight.length === 0 && this.#waiting.length === 0;
  }

  #whenIdle(action: () => void): void {
    this.#check();
    if (this.#idle) action();
    else this.#waiting.push(action);
  }

  /** Puts the run's numbers and inputs into a place of its own, and gives the job to the threads. */
  #start(run: Run): void {
    const { request } = run;
    const slot = this.#memory.takeSlot();
    const staging = this.#memory.stage(slot);
    const before: MemoryCopy[] = [];
    const uniform = this.#block.pack(request.uniform, request.batch);
    before.push(staging.put(uniform, this.#memory.uniform));
    for (const index of request.routines) {
      for (const input of this.#routine(index).inputs) {
        const bytes = request.inputs.get(input.name)!.subarray(0, request.batch * recordBytes(input));
        before.push(staging.put(bytes, this.#memory.at(input.range)));
      }
    }
    const clear = this.#listing.buffers.flatMap((spec, buffer) =>
      request.clear?.includes(spec.role)
        ? [{ at: this.#memory.at({ buffer, offset: 0 }), bytes: spec.bytes }]
        : [],
    );
    const after =
      request.read === undefined
        ? []
        : this.#routine(request.read).outputs.map((output) => staging.take(this.#memory.at(output.range), 4 * outputElements(output, request.batch))); // prettier-ignore
    this.#inFlight.push({ slot, run });
    const job: CpuJob = { before, clear, routines: [...request.routines], after };
    this.#threads?.post(job);
  }

  /** The oldest job is done. */
  #done(): void {
    const finished = this.#inFlight.shift();
    if (finished === undefined || this.#failure) return;
    const { slot, run } = finished;
    run.settle(this.#outputs(slot, run.request));
    this.#memory.freeSlot(slot);
    this.#goOn();
    this.#settleFinished();
  }

  #goOn(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (typeof next === 'function') {
        if (this.#inFlight.length > 0) return;
        this.#waiting.shift();
        next();
      } else {
        if (!this.#memory.hasSlot()) return;
        this.#waiting.shift();
        this.#start(next);
      }
    }
  }

  #settleFinished(): void {
    if (!this.#idle) return;
    for (const { resolve } of this.#finished.splice(0)) resolve();
  }

  #fail(failure: RuntimeFailure): void {
    this.#failure ??= failure;
    this.#threads?.stop();
    for (const reject of this.#rejections) reject(failure);
    for (const { reject } of this.#finished.splice(0)) reject(failure);
  }

  #check(): void {
    if (this.#failure) throw this.#failure;
  }

  #outputs(slot: number, { read, batch }: RunRequest): Outputs {
    if (read === undefined) return new Map();
    let at = this.#memory.outputs(slot);
    return new Map(
      this.#routine(read).outputs.map((output) => {
        const count = outputElements(output, batch);
        const start = at;
        at += this.#memory.aligned(4 * count);
        return [output.name, copyOf(output.dtype, output.name, this.#memory.buffer, start, count)];
      }),
    );
  }

  #tensor({ range, shape }: StoredTensor): Float32Array {
    return new Float32Array(this.#memory.buffer, this.#memory.at(range), elements(shape)).slice();
  }

  #checkInputs(routine: Routine, request: RunRequest): void {
    if (routine.inputs.length > 0 && !routine.dynamicBatch && request.batch !== routine.batch)
      throw new Error(`internal: ${request.batch} records for ${routine.name}, which takes ${routine.batch}`);
    for (const input of routine.inputs) {
      const size = request.batch * recordBytes(input);
      const bytes = request.inputs.get(input.name);
      if (bytes === undefined || bytes.byteLength < size)
        throw new Error(`internal: input ${input.name} has ${bytes?.byteLength ?? 0} of ${size} bytes`);
    }
  }

  #routine(index: number): Routine {
    const routine = this.#listing.routines[index];
    if (routine === undefined) throw new Error(`internal: no routine ${index} in the listing`);
    return routine;
  }
}

/** The request with arrays of its own. */
function kept(request: RunRequest): RunRequest {
  const { seed, draw, scalars } = request.uniform;
  return {
    ...request,
    uniform: { seed, draw, scalars: scalars.slice() },
    inputs: new Map([...request.inputs].map(([name, bytes]) => [name, bytes.slice()])),
  };
}

function copyOf(
  dtype: Routine['outputs'][number]['dtype'],
  name: string,
  buffer: ArrayBufferLike,
  at: number,
  count: number,
): HostArray {
  switch (dtype) {
    case 'f32':
      return new Float32Array(buffer, at, count).slice();
    case 'i32':
      return new Int32Array(buffer, at, count).slice();
    case 'u32':
    case 'bool':
      return new Uint32Array(buffer, at, count).slice();
    case 'f16':
      throw new RuntimeFailure('E0901', `output ${name} is f16, which cannot be read back yet`);
    default:
      return dtype satisfies never;
  }
}
