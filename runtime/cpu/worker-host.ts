/** How a host starts threads. In: the text of a worker. Out: a handle. Node and browsers differ in this alone. */
import type { CpuJob, WorkerMessage, WorkerStart } from './worker-text.ts';

export interface CpuWorker {
  post(message: WorkerStart | CpuJob): void;
  /** Ends the thread, whatever it does. */
  stop(): void;
  /** Whether the thread keeps the process alive. */
  hold(busy: boolean): void;
}

export interface WorkerEvents {
  message(message: WorkerMessage): void;
  /** The thread ended by itself, or could not start. */
  failed(reason: string): void;
}

export interface WorkerHost {
  /** Threads the machine can run at a time. */
  readonly parallelism: number;
  /** For people: what the processor is. */
  readonly processor: string;
  /** False where memory cannot be shared among threads: then the work is done where the caller is. */
  readonly canShare: boolean;
  start(text: string, events: WorkerEvents): CpuWorker;
}
