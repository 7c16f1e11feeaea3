/**
 * Idle time while results are on their way. Dawn in Node asks for them in every turn of the event loop, which
 * keeps a core busy, and on a software device takes it from the kernels themselves. So the turns are spaced
 * out: each waits a short time, a share of the time waited so far. In a browser nothing is done.
 * In: promises of results. Out: the same promises.
 */

/** A nap's share of the time since something last happened: what a result may come late by. */
const SHARE = 1 / 8;
/** Milliseconds: timers and signals are not held up longer than this. */
const LONGEST = 1;

export type NextTurn = (callback: () => void) => unknown;

export class Naps {
  readonly #nextTurn: NextTurn | undefined;
  readonly #cell: Int32Array | undefined;
  #waiting = 0;
  #scheduled = false;
  #since = 0;

  /** `nextTurn`: `setImmediate` where the host has it, as Node does. */
  constructor(nextTurn: NextTurn | undefined) {
    this.#nextTurn = nextTurn;
    if (nextTurn !== undefined) this.#cell = new Int32Array(new SharedArrayBuffer(4));
  }

  /** Turns of the event loop are spaced out until the promise settles. */
  during<T>(promise: Promise<T>): Promise<T> {
    if (this.#nextTurn === undefined) return promise;
    this.#since = performance.now();
    this.#waiting += 1;
    const done = (): void => {
      this.#waiting -= 1;
      this.#since = performance.now();
    };
    promise.then(done, done);
    if (!this.#scheduled) {
      this.#scheduled = true;
      this.#nextTurn(this.#turn);
    }
    return promise;
  }

  readonly #turn = (): void => {
    if (this.#waiting === 0 || this.#nextTurn === undefined || this.#cell === undefined) {
      this.#scheduled = false;
      return;
    }
    const waited = performance.now() - this.#since;
    Atomics.wait(this.#cell, 0, 0, Math.min(LONGEST, waited * SHARE));
    this.#nextTurn(this.#turn);
  };
}

/** How this host runs something in the next turn of its event loop; undefined in browsers. */
export function hostTurn(): NextTurn | undefined {
  return (globalThis as { setImmediate?: NextTurn }).setImmediate;
}
