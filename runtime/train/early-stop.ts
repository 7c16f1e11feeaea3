/**
 * Following a watched value over the evaluations. In: one value an evaluation. Out: is it the best so far,
 * and has it stopped getting better. NaN is never better.
 */

/** The best value so far; a value must beat it to be better, not equal it. */
export class Best {
  readonly #goal: 'min' | 'max';
  #value: number | undefined;

  /** `value`: the best before. */
  constructor(goal: 'min' | 'max', value?: number) {
    this.#goal = goal;
    this.#value = value;
  }

  get value(): number | undefined {
    return this.#value;
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

/** What a checkpoint keeps. */
export interface EarlyStopState {
  best?: number;
  waited: number;
}

/** `stop = plateau(…)`: stops at the `patience`-th evaluation in a row that brings no new best. */
export class EarlyStop {
  readonly #best: Best;
  readonly #patience: number;
  #waited: number;

  constructor(
    spec: { goal: 'min' | 'max'; patience: number },
    { best, waited }: EarlyStopState = { waited: 0 },
  ) {
    this.#best = new Best(spec.goal, best);
    this.#patience = spec.patience;
    this.#waited = waited;
  }

  get state(): EarlyStopState {
    const { value } = this.#best;
    return { waited: this.#waited, ...(value === undefined ? {} : { best: value }) };
  }

  /** It has had enough. */
  get stopped(): boolean {
    return this.#waited >= Math.max(1, this.#patience);
  }

  observe(value: number): Verdict {
    if (this.#best.offer(value)) {
      this.#waited = 0;
      return 'better';
    }
    this.#waited += 1;
    return this.stopped ? 'stop' : 'worse';
  }
}
