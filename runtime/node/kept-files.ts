/**
 * What a run has put into files, in words: where the weights are, and from where it can go on. In: its `save` and `keep`
 * events, the folder it keeps its state in. Out: lines for people, help for a run that ended by no fault of its own.
 */
import { RuntimeFailure } from '../failure.ts';
import type { TrainEvent } from '../train/events.ts';

export class KeptFiles {
  readonly #folder: string | undefined;
  readonly #weights: string[] = [];
  /** The step of the newest state. */
  #step: number | undefined;

  constructor(folder: string | undefined) {
    this.#folder = folder;
  }

  note(event: TrainEvent): void {
    if (event.event === 'keep') this.#step = event.step;
    if (event.event === 'save') this.#weights.push(event.path);
  }

  get weights(): string {
    if (this.#weights.length > 0) return `weights: ${[...new Set(this.#weights.slice(-3))].join(', ')}`;
    return 'the weights were not saved: --out FOLDER keeps them, or `save = best(valid.loss, to = "…")` in the program';
  }

  /** A device that is lost takes with it what was not kept: says what was. */
  explain(error: unknown, command: string): unknown {
    if (!(error instanceof RuntimeFailure) || error.diagnostic.code !== 'E0602') return error;
    const { message } = error.diagnostic;
    return new RuntimeFailure('E0602', message, { help: this.#wayOn(command) });
  }

  #wayOn(command: string): string {
    if (this.#folder === undefined)
      return 'With --out FOLDER a run keeps its state, and --resume FOLDER goes on with it.';
    if (this.#step === undefined) return 'No state of the run was kept before: start it again.';
    return `The run is kept up to step ${this.#step}: ${command} --resume ${this.#folder} goes on with it.`;
  }
}
