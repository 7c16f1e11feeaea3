/** Threads in Node: worker_threads. */
import os from 'node:os';
import { Worker } from 'node:worker_threads';
import type { WorkerHost } from '../cpu/worker-host.ts';
import type { WorkerMessage } from '../cpu/worker-text.ts';
import { allowRelaxedSimd } from './relaxed-simd.ts';

export function nodeWorkerHost(): WorkerHost {
  allowRelaxedSimd();
  return {
    parallelism: os.availableParallelism(),
    processor: os.cpus()[0]?.model.trim() ?? 'processor',
    canShare: true,
    start(text, events) {
      const worker = new Worker(text, { eval: true });
      let stopped = false;
      worker.on('message', (message: WorkerMessage) => events.message(message));
      worker.on('error', (error) => events.failed(String(error)));
      worker.on('exit', (code) => {
        if (!stopped) events.failed(`a thread ended with code ${code}`);
      });
      worker.unref();
      return {
        post: (message) => worker.postMessage(message),
        hold: (busy) => (busy ? worker.ref() : worker.unref()),
        stop() {
          stopped = true;
          void worker.terminate();
        },
      };
    },
  };
}
