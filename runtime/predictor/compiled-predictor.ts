/**
 * The models of a program, forward, driven by a host. In: a runner, weights. Out: predictions. Holds: what depends on
 * weights alone is computed when they are put in place, not with every prediction.
 */
import type { DisposableRunner, ProgramDevice } from '../create-runner.ts';
import type { RuntimeFailure } from '../failure.ts';
import type { Listing } from '../plan-format.ts';
import type { Prediction } from '../predict.ts';
import type { Weights } from '../train/weights.ts';
import type { GivenArrays } from '../trainer/batch-inputs.ts';
import { CallGuard } from '../trainer/call-guard.ts';
import { lossOf } from '../trainer/open-device.ts';
import { predictArrays, type PredictArraysOptions } from '../trainer/predict-arrays.ts';
import type { PredictorProgram } from './predictor-program.ts';
import { putWeights, readPredictorWeights } from './put-weights.ts';

export interface PredictorParts {
  program: PredictorProgram;
  listing: Listing;
  runner: DisposableRunner;
  device: ProgramDevice;
  /** Closes the device where the predictor has opened it. */
  close: () => void;
  seed: number;
  signal: AbortSignal | undefined;
}

export class CompiledPredictor {
  /** The device's name, for people. */
  readonly device: string;
  readonly backend: 'webgpu' | 'cpu';
  /** Resolves with a RuntimeFailure (E0602) when the device is lost; never where nothing happens to it. */
  readonly lost: Promise<RuntimeFailure>;
  readonly #parts: PredictorParts;
  readonly #guard: CallGuard;

  constructor(parts: PredictorParts, weights: Weights) {
    const { device, runner, listing, seed } = parts;
    this.#parts = parts;
    this.#guard = new CallGuard(parts.signal, parts.program.kind);
    this.device = device.name;
    this.backend = device.backend;
    this.lost = lossOf(device);
    putWeights(runner, listing, seed, weights);
  }

  /** Bytes of device memory. */
  get memoryBytes(): number {
    return this.#parts.runner.memoryBytes;
  }

  /** A model's outputs for any number of records, by name. */
  predict(inputs: GivenArrays, options: PredictArraysOptions = {}): Promise<Record<string, Prediction>> {
    return predictArrays(this.#parts, this.#guard, inputs, options);
  }

  /** Takes the weights of another safetensors file: E0502 to E0505 where they do not fit. */
  load(bytes: Uint8Array): void {
    this.#guard.checkMoving();
    const { program, listing, runner, seed } = this.#parts;
    putWeights(runner, listing, seed, readPredictorWeights(program, listing, bytes));
  }

  /** Waits until everything submitted is done. */
  finished(): Promise<void> {
    this.#guard.check();
    return this.#guard.whileThere(this.#parts.runner.finished());
  }

  /** Frees memory and device. Later calls are errors. */
  dispose(): void {
    if (!this.#guard.dispose()) return;
    this.#parts.runner.dispose();
    this.#parts.close();
  }
}
