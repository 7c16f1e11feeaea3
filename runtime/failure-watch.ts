/**
 * What goes wrong on a device outside any call: a refused command, a lost device.
 * In: the device's own notices. Out: RuntimeFailure E0604 or E0602 at the next occasion.
 */
import { RuntimeFailure } from './failure.ts';

/** Remembers the first error of a device; every later call of its owner throws it. */
export class FailureWatch {
  failure: RuntimeFailure | undefined;
  readonly #gpu: GPUDevice;
  readonly #listener: (event: GPUUncapturedErrorEvent) => void;
  #stopped = false;

  constructor(gpu: GPUDevice, lost: Promise<string>) {
    this.#gpu = gpu;
    this.#listener = (event) => {
      this.#note(
        new RuntimeFailure('E0604', `the device refused a command: ${oneLine(event.error.message)}`),
      );
    };
    gpu.addEventListener('uncapturederror', this.#listener);
    void lost.then((reason) => {
      this.#note(new RuntimeFailure('E0602', `the device was lost: ${reason}`));
    });
  }

  /** Throws what went wrong, if anything did. */
  check(): void {
    if (this.failure) throw this.failure;
  }

  /** Passes a value on unless the device failed meanwhile; what the device says becomes a RuntimeFailure. */
  async guard<T>(value: Promise<T>): Promise<T> {
    try {
      const result = await value;
      this.check();
      return result;
    } catch (error) {
      throw this.failure ?? asFailure(error);
    }
  }

  /** From here on nothing counts as a failure: the owner is gone. */
  stop(): void {
    this.#stopped = true;
    this.#gpu.removeEventListener('uncapturederror', this.#listener);
  }

  #note(failure: RuntimeFailure): void {
    if (!this.#stopped) this.failure ??= failure;
  }
}

function asFailure(error: unknown): unknown {
  if (error instanceof RuntimeFailure || !(error instanceof Error)) return error;
  if (error.message.startsWith('internal:')) return error;
  return new RuntimeFailure('E0602', `the device stopped: ${error.message}`);
}

/** Dawn explains itself over several lines, the innermost reason first. */
function oneLine(message: string): string {
  return message
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join(' ');
}
