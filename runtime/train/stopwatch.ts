/**
 * Steps per second as INTERFACE.md defines them: the steps after the first whose work is finished, over the
 * time from the first loss read to the last loss read, evaluation and saving left out.
 * In: times of reads and of pauses, in seconds of one clock. Out: the rate.
 */
export class Stopwatch {
  #first: { step: number; at: number } | undefined;
  #steps = 0;
  #elapsed = 0;
  #excluded = 0;
  #pausedAt: number | undefined;

  /** The values of this step have been read. Steps come in order, not in a pause. */
  read(step: number, now: number): void {
    this.#first ??= { step, at: now };
    this.#steps = step - this.#first.step;
    this.#elapsed = now - this.#first.at - this.#excluded;
  }

  /** From here on the time does not count. All work submitted so far must be finished. */
  pause(now: number): void {
    this.#pausedAt = now;
  }

  resume(now: number): void {
    if (this.#pausedAt !== undefined && this.#first !== undefined) this.#excluded += now - this.#pausedAt;
    this.#pausedAt = undefined;
  }

  /** When the first step was read. */
  get firstRead(): number | undefined {
    return this.#first?.at;
  }

  /** 0 before a second step was read. */
  get stepsPerSecond(): number {
    return this.#elapsed > 0 ? this.#steps / this.#elapsed : 0;
  }
}
