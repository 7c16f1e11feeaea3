/**
 * The worker that trains. In: where the page lies. Out: a worker that runs the trainer's own module. In a page that is
 * one file the module stands in a script element of it.
 */
import type { PageMessage, TrainingMessage } from '../messages.ts';

/** By this name the module knows what it is for (`runtime/trainer/start.ts`). */
const WORKER_NAME = 'netc-training';

export interface TrainingWorker {
  postMessage(message: PageMessage): void;
}

export function startWorker(
  receive: (message: TrainingMessage) => void,
  failed: (reason: string) => void,
): TrainingWorker {
  const worker = new Worker(placeOfTrainer(), { type: 'module', name: WORKER_NAME });
  worker.onmessage = (event: MessageEvent<TrainingMessage>) => receive(event.data);
  worker.onerror = (event) => {
    failed(
      event.message ||
        'trainer.mjs could not be loaded; this page has to come from a server, not from a file',
    );
  };
  return worker;
}

function placeOfTrainer(): string | URL {
  const inlined = document.getElementById('trainer')?.textContent;
  if (!inlined) return new URL('./trainer.mjs', document.baseURI);
  return URL.createObjectURL(new Blob([inlined], { type: 'text/javascript' }));
}
