/**
 * What happens between steps when an evaluation is due: it is made and reported, schedules and files that
 * watch it learn of it, and the run is stopped where it no longer gets better.
 * In: points of the run at which all earlier work is done. Out: `eval` and `save` events, the verdict.
 */
import { RuntimeFailure } from '../failure.ts';
import type { Duration, TrainingSpec } from '../plan-format.ts';
import { EarlyStop } from './early-stop.ts';
import type { Evaluation, Evaluator } from './evaluate.ts';
import type { BestWeights, ValidationState } from './run-progress.ts';
import type { Checkpoints, SavePoint } from './save.ts';
import type { StepScalars } from './step-scalars.ts';
import type { LoopOptions } from './training-options.ts';
import type { Watched } from './watch.ts';
import { evaluatedSplits, noteValues, watchedNames } from './watch.ts';
import type { Weights } from './weights.ts';

export interface ValidationParts {
  training: TrainingSpec;
  evaluator: Evaluator;
  checkpoints: Checkpoints;
  scalars: StepScalars;
}

export class Validation {
  /** When to evaluate; absent: never. */
  readonly every: Duration | undefined;
  readonly #options: LoopOptions;
  readonly #parts: ValidationParts;
  readonly #splits: readonly string[];
  readonly #stop: EarlyStop | undefined;
  #newest: { step: number; evaluations: Evaluation[] } = { step: 0, evaluations: [] };
  #best: BestWeights | undefined;

  /**
   * `before`: what it was when the run was kept. Throws RuntimeFailure E0408 where the program evaluates and the data has
   * nothing to evaluate.
   */
  constructor(options: LoopOptions, parts: ValidationParts, before: ValidationState = { evaluated: 0 }) {
    this.#options = options;
    this.#parts = parts;
    this.#splits = evaluatedSplits(options.dataset.splits.keys());
    this.every = evaluationInterval(options, parts.training);
    if (this.every !== undefined && this.#splits.length === 0) {
      throw new RuntimeFailure('E0408', 'eval is set, but the data has no split besides train', {
        help: 'add one to the data, for example `split valid = 10%`, or leave eval out',
      });
    }
    if (this.every !== undefined) parts.evaluator.check(this.#splits, parts.training.evaluate?.batches);
    this.#stop = parts.training.stop && new EarlyStop(parts.training.stop, before.stop);
    this.#newest.step = before.evaluated;
    this.#best = before.best;
  }

  /** True once `stop = plateau(…)` has had enough. */
  get stopped(): boolean {
    return this.#stop?.stopped ?? false;
  }

  get state(): ValidationState {
    return {
      evaluated: this.#newest.step,
      ...(this.#stop ? { stop: this.#stop.state } : {}),
      ...(this.#best ? { best: this.#best } : {}),
    };
  }

  get newest(): Evaluation[] {
    return this.#newest.evaluations;
  }

  /** The weights to go back to, where the program wants its best back and the newest are others. */
  bestBefore(step: number): Weights | undefined {
    return this.#best?.step === step ? undefined : this.#best?.weights;
  }

  /** Evaluates every split but train. False: it was given up because the signal is aborted. */
  async evaluate(point: SavePoint): Promise<boolean> {
    const { listing, emit } = this.#options;
    const { training, evaluator, checkpoints, scalars } = this.#parts;
    const evaluations = await evaluator.run(this.#splits, training.evaluate?.batches, true);
    if (evaluations === undefined) return false;
    this.#newest = { step: point.step, evaluations };
    const watched = new Map<string, number>();
    for (const { split, block, name, values } of evaluations) {
      emit({ event: 'eval', ...point, split, ...(name === undefined ? {} : { name }), ...values });
      noteValues(watched, split, listing.steps, block, values);
    }
    scalars.observe(watched);
    await checkpoints.afterEvaluation(watched, point);
    await this.#considerStop(watched, point.step);
    return true;
  }

  /** The evaluation at the end of the run, unless the last step had one. */
  async evaluateAtEnd(point: SavePoint): Promise<void> {
    if (this.every === undefined || point.step === 0 || this.#newest.step === point.step) return;
    await this.evaluate(point);
  }

  async #considerStop(watched: Watched, step: number): Promise<void> {
    const spec = this.#parts.training.stop;
    if (spec === undefined || this.#stop === undefined) return;
    const verdict = this.#stop.observe(watched.get(spec.watch) ?? NaN);
    if (verdict !== 'better' || !spec.restore) return;
    this.#best = { step, weights: await this.#parts.checkpoints.snapshot(step) };
  }
}

/** Where something is watched without `eval`, the program is evaluated every epoch. */
function evaluationInterval(options: LoopOptions, training: TrainingSpec): Duration | undefined {
  const epoch: Duration = { count: 1, unit: 'epoch' };
  return training.evaluate?.every ?? (watchedNames(options.listing).length > 0 ? epoch : undefined);
}
