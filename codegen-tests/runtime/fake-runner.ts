/**
 * A runner in plain JavaScript for the line listing, and data for it: what the loop asks of a device, with a
 * record of the questions, and losses that a test may dictate.
 */
import type { Dataset } from '../../runtime/data/dataset.ts';
import type { BufferRole, Listing, StoredTensor } from '../../runtime/plan-format.ts';
import type { Outputs, RunHandle, RunRequest, StepRunner } from '../../runtime/step-runner.ts';

export interface FakeOptions {
  listing: Listing;
  /** The loss of a run, in place of the real one. */
  loss?: (request: RunRequest, routine: string) => number | undefined;
  slots?: number;
}

export class FakeRunner implements StepRunner {
  readonly memoryBytes = 1234;
  readonly weights = new Map<string, Float32Array>();
  /** One entry a run: routine names, records, draw. */
  readonly runs: { routines: string[]; batch: number; draw: number; scalars: number[]; read: boolean }[] = [];
  readonly cleared: (readonly BufferRole[])[] = [];
  /** The largest number of runs that were read and not yet awaited. */
  mostInFlight = 0;
  tensorReads = 0;
  readonly #options: FakeOptions;
  #inFlight = 0;
  #gradient = [0, 0];
  #sum = [0, 0];

  constructor(options: FakeOptions) {
    this.#options = options;
    for (const { name } of options.listing.parameters) this.weights.set(name, new Float32Array(1));
  }

  slots(): number {
    return this.#options.slots ?? 4;
  }

  run(request: RunRequest): RunHandle {
    const { listing } = this.#options;
    const names = request.routines.map((index) => listing.routines[index]?.name ?? '?');
    const { draw, scalars } = request.uniform;
    const read = request.read !== undefined;
    this.runs.push({ routines: names, batch: request.batch, draw, scalars: [...scalars], read });
    if (request.clear) this.#clear(request.clear);
    let outputs: Outputs = new Map();
    for (const name of names) {
      if (name === 'gradient' || name === 'evaluate') outputs = this.#measure(request, name);
      if (name === 'accumulate') this.#sum = this.#sum.map((value, i) => value + (this.#gradient[i] ?? 0));
      if (name === 'update') this.#update(request);
    }
    if (!read) return { outputs: () => Promise.reject(new Error('not read')) };
    this.#inFlight += 1;
    this.mostInFlight = Math.max(this.mostInFlight, this.#inFlight);
    if (this.#inFlight > this.slots()) throw new Error('more runs in flight than slots');
    const late = new Promise<Outputs>((resolve) => {
      setImmediate(() => {
        this.#inFlight -= 1;
        resolve(outputs);
      });
    });
    return { outputs: () => late };
  }

  finished(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }

  writeTensor(tensor: StoredTensor, data: Float32Array): void {
    this.weights.set(tensor.name, data.slice());
  }

  readTensors(tensors: readonly StoredTensor[]): Promise<Map<string, Float32Array>> {
    this.tensorReads += 1;
    return Promise.resolve(new Map(tensors.map(({ name }) => [name, this.#weight(name).slice()])));
  }

  #clear(roles: readonly BufferRole[]): void {
    this.cleared.push(roles);
    if (roles.includes('accumulators')) this.#sum = [0, 0];
  }

  #weight(name: string): Float32Array {
    const found = this.weights.get(name);
    if (found === undefined) throw new Error(`no weight ${name}`);
    return found;
  }

  #measure(request: RunRequest, routine: string): Outputs {
    const x = floats(request, 'x');
    const y = floats(request, 'y');
    const a = this.#weight('a')[0] ?? 0;
    const b = this.#weight('b')[0] ?? 0;
    const errors = x.map((value, i) => a * value + b - (y[i] ?? 0));
    const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    if (routine === 'gradient') {
      this.#gradient = [2 * mean(errors.map((error, i) => error * (x[i] ?? 0))), 2 * mean(errors)];
    }
    const loss = this.#options.loss?.(request, routine) ?? mean(errors.map((error) => error ** 2));
    return new Map([
      ['loss', Float32Array.of(loss)],
      ['distance', Float32Array.of(mean(errors.map(Math.abs)))],
    ]);
  }

  #update(request: RunRequest): void {
    const accumulate = this.#options.listing.training?.accumulate ?? 1;
    const gradient = accumulate > 1 ? this.#sum.map((value) => value / accumulate) : this.#gradient;
    ['a', 'b'].forEach((name, i) => {
      const before = this.#weight(name)[0] ?? 0;
      this.weights.set(
        name,
        Float32Array.of(before - (request.uniform.scalars[0] ?? 0) * (gradient[i] ?? 0)),
      );
    });
  }
}

/** Records of y = 3 x - 1: record i of a split has x = i / 10. */
export function lineData(splits: Record<string, number>): Dataset {
  return {
    splits: new Map(Object.entries(splits)),
    copy(_split, field, records, target) {
      const view = new Float32Array(target.buffer, target.byteOffset, records.length);
      records.forEach((record, i) => (view[i] = field === 'x' ? record / 10 : (3 * record) / 10 - 1));
    },
  };
}

function floats(request: RunRequest, name: string): number[] {
  const bytes = request.inputs.get(name);
  if (bytes === undefined) throw new Error(`no input ${name}`);
  return [...new Float32Array(bytes.buffer, bytes.byteOffset, request.batch)];
}
