/**
 * Who does the jobs: a pool of threads, or the caller itself. In: a compiled module and its memory. Out: jobs done in
 * the order in which they were given.
 * Holds: the caller never waits for a pool; without one a job is done before `post` returns, and told of later, so
 * that signals and timers get their turn.
 */
import { RuntimeFailure } from '../failure.ts';
import { engine, type WasmMemory, type WasmModule } from './engine.ts';
import type { CpuWorker, WorkerHost } from './worker-host.ts';
import { WORKER_TEXT, type CpuJob, type WorkerMessage } from './worker-text.ts';

export interface Threads {
  /** `done` is called after the job, or `failed` once, and then no more. */
  post(job: CpuJob): void;
  stop(): void;
}

export interface ThreadsOptions {
  host: WorkerHost;
  threads: number;
  memory: WasmMemory;
  /** On its way while the threads start. */
  module: Promise<WasmModule>;
  /** Address of a thread's scratch memory. */
  scratch: (thread: number) => number;
  done: () => void;
  failed: (failure: RuntimeFailure) => void;
}

/** Settles when the threads are ready. */
export function startThreads(options: ThreadsOptions): Promise<Threads> {
  return options.threads === 1 ? callerAlone(options) : startPool(options);
}

async function startPool(options: ThreadsOptions): Promise<Threads> {
  const { host, threads, memory, scratch, done } = options;
  const workers: CpuWorker[] = [];
  let inFlight = 0;
  let broken = false;
  const stop = (): void => workers.forEach((worker) => worker.stop());
  try {
    await new Promise<void>((resolve, reject) => {
      let ready = 0;
      const fail = (reason: string): void => {
        if (broken) return;
        broken = true;
        const failure = failureOf(reason);
        options.failed(failure);
        reject(failure);
      };
      const hear = (message: WorkerMessage): void => {
        if (message.kind === 'error') fail(message.reason);
        else if (message.kind === 'ready') {
          if (++ready === threads) resolve();
        } else {
          inFlight -= 1;
          if (inFlight === 0) workers.forEach((worker) => worker.hold(false));
          done();
        }
      };
      for (let thread = 0; thread < threads; thread++)
        workers.push(host.start(WORKER_TEXT, { message: hear, failed: fail }));
      workers.forEach((worker) => worker.hold(true));
      options.module.then((module) => {
        workers.forEach((worker, thread) =>
          worker.post({ module, memory, thread, threads, scratch: scratch(thread) }),
        );
      }, reject);
    });
  } catch (error) {
    stop();
    throw error;
  }
  workers.forEach((worker) => worker.hold(false));
  return {
    post(job) {
      inFlight += 1;
      if (inFlight === 1) workers.forEach((worker) => worker.hold(true));
      workers.forEach((worker) => worker.post(job));
    },
    stop,
  };
}

async function callerAlone(options: ThreadsOptions): Promise<Threads> {
  const { memory, scratch, done, failed } = options;
  const instance = await engine().instantiate(await options.module, { env: { memory } });
  const { exports } = instance;
  const bytes = new Uint8Array(memory.buffer);
  let stopped = false;
  const copy = (list: CpuJob['before']): void =>
    list.forEach((c) => void bytes.copyWithin(c.to, c.from, c.from + c.bytes));
  return {
    post(job) {
      try {
        copy(job.before);
        job.clear.forEach((range) => bytes.fill(0, range.at, range.at + range.bytes));
        for (const routine of job.routines) exports[`routine${routine}`]?.(0, 1, scratch(0));
        copy(job.after);
      } catch (error) {
        failed(failureOf(String(error)));
        return;
      }
      nextTurn(() => void (stopped || done()));
    },
    stop: () => void (stopped = true),
  };
}

const failureOf = (reason: string): RuntimeFailure =>
  new RuntimeFailure('E0604', `the program stopped on the CPU: ${reason}`, {
    help: 'this is a fault of netc, not of the program: please report it with the program',
  });

/** After what waits in the event loop now. */
function nextTurn(callback: () => void): void {
  const { setImmediate } = globalThis as { setImmediate?: (callback: () => void) => unknown };
  if (setImmediate) setImmediate(callback);
  else setTimeout(callback, 0);
}
