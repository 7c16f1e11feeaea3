/**
 * Which calls of a trainer or predictor may be made, and how those on their way end. In: calls as they come. Out: RuntimeFailure E0701
 * after `dispose`, and for what would move the weights while something reads them over several turns; the reason of a
 * signal that was aborted.
 */
import { RuntimeFailure } from '../failure.ts';

export class CallGuard {
  readonly #signal: AbortSignal | undefined;
  readonly #kind: string;
  /** Names of calls on their way that read the weights. */
  readonly #reading: string[] = [];
  #disposed = false;

  /** `signal`: of the whole trainer; `kind`: what messages call it. */
  constructor(signal: AbortSignal | undefined, kind = 'trainer') {
    this.#signal = signal;
    this.#kind = kind;
  }

  /** From here on no call may be made. False where it was so already. */
  dispose(): boolean {
    const first = !this.#disposed;
    this.#disposed = true;
    return first;
  }

  /** Whether a call may be made; `signal`: of the call itself. */
  check(signal?: AbortSignal): void {
    if (this.#disposed) throw disposedOf(this.#kind);
    this.#signal?.throwIfAborted();
    signal?.throwIfAborted();
  }

  /** Whether a call may be made that moves weights, states or gradients. */
  checkMoving(): void {
    this.check();
    const [first] = this.#reading;
    if (first === undefined) return;
    throw new RuntimeFailure('E0701', `${first}() is on its way and reads what this call would change`, {
      help: `Await it first: \`await ${this.#kind}.${first}(…)\`.`,
    });
  }

  /** Waits for what the call `name` reads; until it is there nothing may move it. */
  async reading<T>(name: string, value: Promise<T>): Promise<T> {
    this.#reading.push(name);
    try {
      return await this.whileThere(value);
    } finally {
      this.#reading.splice(this.#reading.indexOf(name), 1);
    }
  }

  /** What is on its way when the trainer is disposed of ends as later calls do. */
  async whileThere<T>(value: Promise<T>): Promise<T> {
    try {
      return await value;
    } catch (error) {
      throw this.#disposed ? disposedOf(this.#kind) : error;
    }
  }

  /** Aborted when the call's or the trainer's is. */
  signalWith(signal: AbortSignal | undefined): { signal?: AbortSignal } {
    const signals = [signal, this.#signal].filter((each) => each !== undefined);
    const [only] = signals;
    if (only === undefined) return {};
    return { signal: signals.length > 1 ? AbortSignal.any(signals) : only };
  }
}

const disposedOf = (kind: string): RuntimeFailure =>
  new RuntimeFailure('E0701', `this ${kind} was disposed of`);
