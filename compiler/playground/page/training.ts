/**
 * Training the program that is open. In: the newest program without errors, the training panel's wishes. Out: a worker
 * for each run, in which the program is compiled for the device and trained; a program may change meanwhile.
 */
import type { PageMessage, TrainingMessage } from '../../../runtime/browser/messages.ts';
import { TrainingPanel } from '../../../runtime/browser/page/training-panel.ts';
import type { SourceText } from '../../index.ts';
import type { CompiledSummary, TrainedProgram } from '../messages.ts';
import { QueuedWorker } from './queued-worker.ts';

type WorkerMessage = TrainedProgram | PageMessage;

export class Training {
  readonly #panel = new TrainingPanel((message) => this.#send(message));
  #program: Pick<TrainedProgram, 'source' | 'about'> | undefined;
  #worker: QueuedWorker<WorkerMessage> | undefined;

  get canStart(): boolean {
    return this.#program !== undefined;
  }

  /** The newest program without errors. */
  offer(source: SourceText, { about, untrainable }: CompiledSummary): void {
    if (untrainable !== undefined) return this.withdraw(`${untrainable}.`);
    this.#program = { source, about };
    this.#panel.offer(about);
  }

  withdraw(reason: string): void {
    this.#program = undefined;
    this.#panel.withdraw(reason);
  }

  start(): void {
    this.#panel.start();
  }

  #send(message: PageMessage): void {
    if (message.kind === 'start') this.#begin();
    this.#worker?.post(message);
  }

  #begin(): void {
    if (this.#program === undefined) return;
    this.#worker?.terminate();
    this.#worker = new QueuedWorker<WorkerMessage>(
      './training-worker.js',
      (message: TrainingMessage) => {
        // The panel knows the program already, perhaps a newer one.
        if (message.kind !== 'ready') this.#panel.receive(message);
      },
      (reason) => this.#panel.fail({ severity: 'error', code: 'E0703', message: reason }),
    );
    this.#worker.post({ kind: 'program', ...this.#program, base: document.baseURI });
  }
}
