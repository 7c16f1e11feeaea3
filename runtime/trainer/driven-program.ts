/**
 * What trainers and predictors have in common for the host that drives them: the device, predictions, the end. In: a runner
 * with a listing on a device. Out: calls that are refused once it was disposed of or its signal aborted.
 */
import type { DisposableRunner, ProgramDevice } from '../create-runner.ts';
import type { RuntimeFailure } from '../failure.ts';
import type { Listing } from '../plan-format.ts';
import type { Prediction } from '../predict.ts';
import type { GivenArrays } from './batch-inputs.ts';
import { CallGuard } from './call-guard.ts';
import { lossOf } from './open-device.ts';
import { predictArrays, type PredictArraysOptions } from './predict-arrays.ts';

export interface DrivenParts {
  listing: Listing;
  runner: DisposableRunner;
  device: ProgramDevice;
  /** Closes the device where it was opened for this program. */
  close: () => void;
  seed: number;
  signal: AbortSignal | undefined;
}

export class DrivenProgram<Parts extends DrivenParts> {
  /** The device's name, for people. */
  readonly device: string;
  readonly backend: 'webgpu' | 'cpu';
  /** Resolves with a RuntimeFailure (E0602) when the device is lost; never where nothing happens to it. */
  readonly lost: Promise<RuntimeFailure>;
  protected readonly parts: Parts;
  protected readonly guard: CallGuard;

  /** `kind`: what messages call it. */
  protected constructor(parts: Parts, kind?: string) {
    const { device } = parts;
    this.parts = parts;
    this.guard = new CallGuard(parts.signal, kind);
    this.device = device.name;
    this.backend = device.backend;
    this.lost = lossOf(device);
  }

  /** Bytes of device memory. */
  get memoryBytes(): number {
    return this.parts.runner.memoryBytes;
  }

  /** A model's outputs for any number of records, by name. */
  predict(inputs: GivenArrays, options: PredictArraysOptions = {}): Promise<Record<string, Prediction>> {
    return predictArrays(this.parts, this.guard, inputs, options);
  }

  /** Waits until everything submitted is done. */
  finished(): Promise<void> {
    this.guard.check();
    return this.guard.whileThere(this.parts.runner.finished());
  }

  /** Frees memory and device. Later calls are errors. */
  dispose(): void {
    if (!this.guard.dispose()) return;
    this.parts.runner.dispose();
    this.parts.close();
  }
}
