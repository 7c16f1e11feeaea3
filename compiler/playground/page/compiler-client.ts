/**
 * The compiler's worker, as the page uses it. In: programs as they are typed. Out: answers. At most one program is
 * being compiled; of those that come meanwhile the newest is next. A program that takes too long is given up once
 * there is another one: its worker ends, and a new one begins.
 */
import type { SourceText } from '../../index.ts';
import { QueuedWorker } from './queued-worker.ts';
import type { CompilerAnswer, CompilerRequest, PrintedView, ShownTarget } from '../messages.ts';

/** Milliseconds after which a compilation gives way to a newer program. */
const PATIENCE = 5000;

export class CompilerClient {
  readonly #receive: (answer: CompilerAnswer) => void;
  readonly #failed: (reason: string) => void;
  #worker: QueuedWorker<CompilerRequest>;
  #newest = 0;
  #running: { id: number; since: number } | undefined;
  #waiting: { source: SourceText; target: ShownTarget } | undefined;
  #timer = 0;

  constructor(receive: (answer: CompilerAnswer) => void, failed: (reason: string) => void) {
    this.#receive = receive;
    this.#failed = failed;
    this.#worker = this.#start();
  }

  /** Answered by `compiled`, unless a newer program comes before. */
  compile(source: SourceText, target: ShownTarget): void {
    this.#waiting = { source, target };
    this.#next();
  }

  print(view: PrintedView): void {
    this.#post({ kind: 'print', view });
  }

  format(source: SourceText): void {
    this.#post({ kind: 'format', source });
  }

  #next(): void {
    clearTimeout(this.#timer);
    if (this.#waiting === undefined) return;
    if (this.#running !== undefined) {
      const left = this.#running.since + PATIENCE - performance.now();
      if (left > 0) {
        this.#timer = window.setTimeout(() => this.#next(), left);
        return;
      }
      this.#worker.terminate();
      this.#worker = this.#start();
    }
    this.#newest += 1;
    this.#running = { id: this.#newest, since: performance.now() };
    this.#post({ kind: 'compile', id: this.#newest, ...this.#waiting });
    this.#waiting = undefined;
  }

  #post(request: CompilerRequest): void {
    this.#worker.post(request);
  }

  #start(): QueuedWorker<CompilerRequest> {
    return new QueuedWorker(
      './compile-worker.js',
      (answer) => this.#answered(answer),
      (reason) => {
        this.#running = undefined;
        this.#failed(reason);
        this.#next();
      },
    );
  }

  #answered(answer: CompilerAnswer): void {
    if (answer.kind !== 'compiled') return this.#receive(answer);
    if (answer.id !== this.#running?.id) return;
    this.#running = undefined;
    // Nobody asks any more what was overtaken.
    if (this.#waiting === undefined) this.#receive(answer);
    this.#next();
  }
}
