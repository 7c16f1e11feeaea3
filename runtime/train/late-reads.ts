/**
 * Results that are read after the step that made them. In: handles of runs, in order. Out: their outputs,
 * handed on in that order as soon as they arrive, while further steps are being encoded.
 * Holds: at most `capacity` are in flight; after the first failure nothing is handed on, and the next call
 * throws it.
 */
import type { Outputs, RunHandle } from '../step-runner.ts';

export class LateReads {
  readonly #capacity: number;
  readonly #inFlight: Promise<void>[] = [];
  #tail: Promise<void> = Promise.resolve();
  #failure: { reason: unknown } | undefined;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Waits until one more run can be read; returns at once, without a promise, where it can be now. */
  room(): Promise<void> | undefined {
    this.check();
    return this.#inFlight.length < this.#capacity ? undefined : this.#oldest();
  }

  add(handle: RunHandle, consume: (outputs: Outputs) => void): void {
    const done = this.#tail.then(async () => {
      consume(await handle.outputs());
      void this.#inFlight.shift();
    });
    this.#inFlight.push(done);
    this.#tail = done;
    done.catch((reason: unknown) => {
      this.#failure ??= { reason };
    });
  }

  /** Waits for everything added so far. */
  async drain(): Promise<void> {
    await this.#tail;
    this.check();
  }

  /** Throws what went wrong in a read that nobody waited for. */
  check(): void {
    if (this.#failure) throw this.#failure.reason;
  }

  async #oldest(): Promise<void> {
    await this.#inFlight[0];
    this.check();
  }
}
