/**
 * Following a watched value over the evaluations. In: one value an evaluation. Out: is it the best so far,
 * and has it stopped getting better. NaN is never better.
 */

/** The best value so far; a value must beat it to be better, not equal it. */
export class Best {
  readonly #goal: 'min' | 'max';
  #value: number | undefined;

  constructor(goal: 'min' | 'max') {
    this.#goal = goal;
  }

  /** True where the value is the best so far. */
  offer(value: number): boolean {
    if (Number.isNaN(value)) return false;
    const best = this.#value;
    const better = best === undefined || (this.#goal === 'min' ? value < best : value > best);
    if (better) this.#value = value;
    return better;
  }
}

export type Verdict = 'better' | 'worse' | 'stop';

/** `stop = plateau(…)`: stops at the `patience`-th evaluation in a row that brings no new best. */
export class EarlyStop {
  readonly #best: Best;
  readonly #patience: number;
  #waited = 0;

  constructor(spec: { goal: 'min' | 'max'; patience: number }) {
    this.#best = new Best(spec.goal);
    this.#patience = spec.patience;
  }

  observe(value: number): Verdict {
    if (this.#best.offer(value)) {
      this.#waited = 0;
      return 'better';
    }
    this.#waited += 1;
    return this.#waited >= this.#patience ? 'stop' : 'worse';
  }
}
