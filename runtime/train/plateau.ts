/**
 * The rate of a `plateau` schedule. In: the watched value after each evaluation. Out: the rate, multiplied by
 * `factor` after more than `patience` evaluations without a new best. As torch's ReduceLROnPlateau with its
 * defaults: a value is better when it beats the best by a relative 1e-4, changes of at most 1e-8 are not made.
 */
import type { Schedule } from '../plan-format.ts';

const THRESHOLD = 1e-4;
const SMALLEST_CHANGE = 1e-8;

/** What a checkpoint keeps. `best` is null before the first evaluation. */
export interface PlateauState {
  rate: number;
  best: number | null;
  bad: number;
}

export class PlateauRate {
  private readonly schedule: Extract<Schedule, { type: 'plateau' }>;
  private current: PlateauState;

  constructor(schedule: Extract<Schedule, { type: 'plateau' }>, state?: PlateauState) {
    this.schedule = schedule;
    this.current = state ? { ...state } : { rate: schedule.base, best: null, bad: 0 };
  }

  get rate(): number {
    return this.current.rate;
  }

  /** Takes in one evaluation's value; NaN is never better. */
  observe(value: number): void {
    const state = this.current;
    if (this.isBetter(value)) {
      state.best = value;
      state.bad = 0;
    } else {
      state.bad++;
    }
    if (state.bad <= this.schedule.patience) return;
    const lower = state.rate * this.schedule.factor;
    if (state.rate - lower > SMALLEST_CHANGE) state.rate = lower;
    state.bad = 0;
  }

  state(): PlateauState {
    return { ...this.current };
  }

  private isBetter(value: number): boolean {
    if (this.schedule.goal === 'min') {
      return value < (this.current.best ?? Infinity) * (1 - THRESHOLD);
    }
    return value > (this.current.best ?? -Infinity) * (1 + THRESHOLD);
  }
}
