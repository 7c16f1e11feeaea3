/**
 * Keeps the state of a run in a file, so that it can go on after it was interrupted, killed or lost its device. In: points
 * of the run at which all earlier work is done. Out: one file, replaced whole each time, and a `keep` event.
 * Holds: keeping changes no numbers, so when it is done is a matter of time alone.
 */
import { encodeRunState } from '../checkpoint/run-state.ts';
import { NO_TABLES } from '../data/tables.ts';
import type { KeepOptions, RunProgress } from './run-progress.ts';
import type { Checkpoints } from './save.ts';
import type { LoopOptions } from './training-options.ts';

/** Seconds between two files where nothing else holds up the run. */
const RHYTHM = 60;
/** A file is written at most so often that writing takes this share of the time. */
const SHARE = 0.05;

export class RunKeeper {
  readonly #options: LoopOptions;
  readonly #keep: KeepOptions;
  readonly #checkpoints: Checkpoints;
  #last: number;
  /** Seconds that the newest file took. */
  #cost = 0;

  constructor(options: LoopOptions, keep: KeepOptions, checkpoints: Checkpoints) {
    this.#options = options;
    this.#keep = keep;
    this.#checkpoints = checkpoints;
    this.#last = options.clock();
  }

  /** Whether it is time to. `atRest`: the run is held up anyway, by an evaluation or a file. */
  due(atRest: boolean): boolean {
    const since = this.#options.clock() - this.#last;
    return since >= Math.max(atRest ? 0 : RHYTHM, this.#cost / SHARE);
  }

  /** Throws RuntimeFailure E0603 where the weights are not worth keeping, and leaves the file as it was. */
  async keep(progress: RunProgress): Promise<void> {
    const { listing, runner, dataset, clock, writeFile, emit } = this.#options;
    const { path, identity } = this.#keep;
    const started = clock();
    const weights = await this.#checkpoints.snapshot(progress.step);
    const moments = await runner.readTensors(listing.optimizer);
    const tensors = new Map([...weights, ...moments]);
    const { tables = NO_TABLES } = dataset;
    await writeFile(path, encodeRunState(listing, { identity, progress, tensors, tables }));
    emit({ event: 'keep', step: progress.step, path });
    this.#last = clock();
    this.#cost = this.#last - started;
  }
}
