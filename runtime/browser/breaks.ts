/** Pausing a run, and saving its weights in between: what the page asks for, done between two steps. */
import type { Interlude } from '../train/training-options.ts';
import type { TrainingMessage } from './messages.ts';

export class Breaks implements Interlude {
  readonly #post: (message: TrainingMessage) => void;
  readonly #name: string;
  #paused = false;
  #saves = 0;
  #wake: () => void = () => undefined;

  /** `name`: of the weights files. */
  constructor(post: (message: TrainingMessage) => void, name: string) {
    this.#post = post;
    this.#name = name;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#wake();
  }

  save(): void {
    this.#saves += 1;
    this.#wake();
  }

  wanted(): boolean {
    return this.#paused || this.#saves > 0;
  }

  async hold(step: number, weights: () => Promise<Uint8Array>): Promise<void> {
    const pausing = this.#paused;
    if (pausing) this.#post({ kind: 'paused' });
    while (this.wanted()) {
      if (this.#saves > 0) {
        this.#saves -= 1;
        this.#post({ kind: 'weights', name: this.#name, step, bytes: await weights() });
      } else {
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    }
    if (pausing) this.#post({ kind: 'resumed' });
  }
}
