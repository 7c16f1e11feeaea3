/**
 * Threads in a browser: Web Workers made from a text. Memory can be shared only by a page that is isolated
 * (`Cross-Origin-Opener-Policy: same-origin` and `Cross-Origin-Embedder-Policy: require-corp`).
 */
import type { WorkerHost } from '../cpu/worker-host.ts';
import type { WorkerMessage } from '../cpu/worker-text.ts';

/** What of a browser's worker is used; its types are not among those of every host. */
interface WebWorker {
  onmessage: (event: { data: unknown }) => void;
  onerror: (event: { message?: string }) => void;
  postMessage(message: unknown): void;
  terminate(): void;
}

interface BrowserScope {
  crossOriginIsolated?: boolean;
  navigator?: { hardwareConcurrency?: number };
  Worker: new (place: string) => WebWorker;
}

export function browserWorkerHost(): WorkerHost {
  const scope = globalThis as unknown as BrowserScope;
  return {
    parallelism: scope.navigator?.hardwareConcurrency ?? 1,
    processor: 'processor',
    canShare: scope.crossOriginIsolated === true,
    start(text, events) {
      const place = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
      const worker = new scope.Worker(place);
      URL.revokeObjectURL(place);
      worker.onmessage = (event) => events.message(event.data as WorkerMessage);
      worker.onerror = (event) => events.failed(event.message ?? 'a thread could not start');
      return {
        post: (message) => worker.postMessage(message),
        hold: () => undefined,
        stop: () => worker.terminate(),
      };
    },
  };
}
