/**
 * What a thread of the CPU target does, as the text of a worker: the same in Node and in browsers, with nothing to
 * bundle or to find on disk. In: one message to start with, then jobs. Out: `ready`, then a message a job from the
 * first thread, or `error`.
 * Holds: threads meet before a job's first routine, so that its inputs are in place, and at the end of each routine.
 */
import type { WasmMemory, WasmModule } from './engine.ts';

/** The first message to a worker. */
export interface WorkerStart {
  module: WasmModule;
  memory: WasmMemory;
  thread: number;
  threads: number;
  /** Address of the thread's scratch memory. */
  scratch: number;
}

/** Bytes to move inside the memory. */
export interface MemoryCopy {
  from: number;
  to: number;
  bytes: number;
}

export interface CpuJob {
  /** Before the routines: the uniform block and the inputs, from where the host has put them. */
  before: MemoryCopy[];
  /** Ranges to set to zero, before the routines. */
  clear: { at: number; bytes: number }[];
  routines: number[];
  /** After the routines: outputs, to where the host looks for them. */
  after: MemoryCopy[];
}

export type WorkerMessage = { kind: 'ready' } | { kind: 'done' } | { kind: 'error'; reason: string };

export const WORKER_TEXT = `
const port = typeof require === 'function' ? require('node:worker_threads').parentPort : globalThis;
let work;
const start = ({ module, memory, thread, threads, scratch }) => {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const bytes = new Uint8Array(memory.buffer);
  const copy = (list) => list.forEach((c) => bytes.copyWithin(c.to, c.from, c.from + c.bytes));
  work = (job) => {
    if (thread === 0) {
      copy(job.before);
      job.clear.forEach((range) => bytes.fill(0, range.at, range.at + range.bytes));
    }
    exports.meet(threads);
    for (const routine of job.routines) exports['routine' + routine](thread, threads, scratch);
    if (thread !== 0) return;
    copy(job.after);
    port.postMessage({ kind: 'done' });
  };
  port.postMessage({ kind: 'ready' });
};
const receive = (message) => {
  try {
    (work ?? start)(message);
  } catch (error) {
    port.postMessage({ kind: 'error', reason: String(error) });
  }
};
if (port.on) port.on('message', receive);
else port.onmessage = (event) => receive(event.data);
`;
