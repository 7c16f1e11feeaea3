/**
 * The scalars of the uniform block over a run: learning rates, bias corrections. In: which step block runs
 * next, what evaluations gave. Out: the values in the order of the listing, in one array used again.
 */
import type { Listing } from '../plan-format.ts';
import { PlateauRate, type PlateauState } from './plateau.ts';
import { runsOf, type RunPlan } from './run-plan.ts';
import { scalarValue } from './schedules.ts';
import type { Watched } from './watch.ts';

export class StepScalars {
  readonly #listing: Listing;
  readonly #plan: RunPlan;
  readonly #values: Float64Array;
  /** Of each step block, so far. */
  readonly #runs: number[];
  /** By index of the scalar. */
  readonly #plateaus: ReadonlyMap<number, { watch: string; rate: PlateauRate }>;

  /** `before`: steps of the run that were done, and what `plateaus` said then. */
  constructor(
    listing: Listing,
    plan: RunPlan,
    before: { step: number; plateaus: readonly PlateauState[] } = { step: 0, plateaus: [] },
  ) {
    this.#listing = listing;
    this.#plan = plan;
    this.#values = new Float64Array(listing.uniform.scalars.length);
    this.#runs = listing.steps.map((_, block) => runsOf(block, plan.round, before.step));
    this.#plateaus = plateausOf(listing, before.plateaus);
    this.#runs.forEach((runs, block) => {
      if (runs > 0) this.#fill(block, runs - 1);
    });
  }

  /** Of the schedules of the kind `plateau`, in the order of the scalars. */
  get plateaus(): PlateauState[] {
    return [...this.#plateaus.values()].map(({ rate }) => rate.state());
  }

  /** Values for the next run of a step block, which is counted; other blocks' scalars keep their last values. */
  next(block: number): Float64Array {
    const run = this.#runs[block] ?? 0;
    this.#fill(block, run);
    this.#runs[block] = run + 1;
    return this.#values;
  }

  #fill(block: number, run: number): void {
    this.#listing.uniform.scalars.forEach((scalar, index) => {
      if (scalar.step !== block) return;
      const plateau = this.#plateaus.get(index);
      this.#values[index] = scalarValue(scalar.formula, {
        run,
        runs: this.#plan.runs[block] ?? 0,
        runsPerEpoch: this.#plan.runsPerEpoch[block] ?? 0,
        ...(plateau ? { plateauRate: plateau.rate.rate } : {}),
      });
    });
  }

  /** As `next` left them. */
  get values(): Float64Array {
    return this.#values;
  }

  /** Tells the schedules of the kind `plateau` what they watch, once an evaluation. */
  observe(watched: Watched): void {
    for (const { watch, rate } of this.#plateaus.values()) rate.observe(watched.get(watch) ?? NaN);
  }
}

function plateausOf(
  listing: Listing,
  states: readonly PlateauState[],
): Map<number, { watch: string; rate: PlateauRate }> {
  const plateaus = new Map<number, { watch: string; rate: PlateauRate }>();
  listing.uniform.scalars.forEach(({ formula }, index) => {
    if (formula.kind !== 'schedule' || formula.schedule.type !== 'plateau') return;
    const rate = new PlateauRate(formula.schedule, states[plateaus.size]);
    plateaus.set(index, { watch: formula.schedule.watch, rate });
  });
  return plateaus;
}
