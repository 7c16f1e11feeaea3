/**
 * A worker whose module takes a while to load. In: messages at any time. Holds: none is lost; they wait for its first
 * word, `listening`.
 */
import type { Listening } from '../messages.ts';

export class QueuedWorker<Message> {
  readonly #worker: Worker;
  /** Until it listens. */
  #waiting: Message[] | undefined = [];

  /** `place`: of its module, beside the page's. */
  constructor(place: string, receive: (answer: never) => void, failed: (reason: string) => void) {
    this.#worker = new Worker(new URL(place, import.meta.url), { type: 'module' });
    this.#worker.onmessage = ({ data }: MessageEvent<Listening | { kind: string }>) => {
      if (data.kind !== 'listening') return receive(data as never);
      const waiting = this.#waiting ?? [];
      this.#waiting = undefined;
      for (const message of waiting) this.#worker.postMessage(message);
    };
    this.#worker.onerror = ({ message }) =>
      failed(message || `${place} could not be loaded; this page has to come from a server, not from a file`);
  }

  post(message: Message): void {
    if (this.#waiting) this.#waiting.push(message);
    else this.#worker.postMessage(message);
  }

  terminate(): void {
    this.#worker.terminate();
  }
}
