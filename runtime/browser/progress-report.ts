/** Events and progress on their way to the page: events at once, all that comes every step together and seldom. */
import type { Progress, TrainEvent } from '../train/events.ts';
import type { TrainingMessage } from './messages.ts';

/** Milliseconds between two reports. */
const RHYTHM = 100;

export class ProgressReport {
  readonly #post: (message: TrainingMessage) => void;
  #losses: [number, number][] = [];
  #progress: Progress | undefined;
  /** Of the newest step that was read, which `Progress` may not know yet. */
  #values: Record<string, number> = {};
  #last = Number.NEGATIVE_INFINITY;

  constructor(post: (message: TrainingMessage) => void) {
    this.#post = post;
  }

  /** The step begun last. */
  get step(): number {
    return this.#progress?.step ?? 0;
  }

  event(event: TrainEvent): void {
    if (event.event !== 'step') {
      // What is reported after a step comes after the step.
      this.flush();
      this.#post({ kind: 'event', event });
      return;
    }
    const { event: _event, step, epoch: _epoch, name: _name, ...values } = event;
    this.#values = values as Record<string, number>;
    if (typeof values['loss'] === 'number') this.#losses.push([step, values['loss']]);
  }

  progress(progress: Progress): void {
    this.#progress = progress;
    const now = performance.now();
    if (now - this.#last < RHYTHM) return;
    this.#last = now;
    this.flush();
  }

  flush(): void {
    if (this.#progress === undefined) return;
    this.#post({
      kind: 'progress',
      progress: { ...this.#progress, values: this.#values },
      losses: this.#losses,
    });
    this.#losses = [];
  }
}
