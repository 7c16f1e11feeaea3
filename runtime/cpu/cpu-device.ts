/**
 * The processor as a device. In: nothing but the host. Out: how many threads, what the engine can do. Needs no
 * driver: WebAssembly with SIMD is part of every engine this runs in.
 */
import { RuntimeFailure } from '../failure.ts';
import { inNode } from '../in-node.ts';
import { engine } from './engine.ts';
import type { WorkerHost } from './worker-host.ts';

export interface CpuDevice {
  readonly backend: 'cpu';
  /** The processor and its threads, for people. */
  readonly name: string;
  readonly threads: number;
  /** Multiply and add in one rounding, four at a time: whether the engine has it. */
  readonly relaxedSimd: boolean;
  readonly host: WorkerHost;
  close(): void;
}

/** More threads than this meet more than they work. */
const MOST_THREADS = 16;

/** A module of one function: its code is the instructions given, between what makes a module of them. */
function accepts(code: readonly number[]): boolean {
  const body = [0, ...code, 0x0b];
  return engine().validate(
    Uint8Array.of(
      ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
      // One type, v128 to v128; one function of it.
      ...[0x01, 0x06, 0x01, 0x60, 0x01, 0x7b, 0x01, 0x7b, 0x03, 0x02, 0x01, 0x00],
      ...[0x0a, body.length + 2, 0x01, body.length, ...body],
    ),
  );
}

const FIRST = [0x20, 0x00];
export const hasSimd = (): boolean => accepts(FIRST);
export const hasRelaxedSimd = (): boolean => accepts([...FIRST, ...FIRST, ...FIRST, 0xfd, 0x85, 0x02]);

async function workerHost(): Promise<WorkerHost> {
  if (inNode()) {
    const { nodeWorkerHost } = await import('../node/worker-host.ts');
    return nodeWorkerHost();
  }
  const { browserWorkerHost } = await import('../browser/worker-host.ts');
  return browserWorkerHost();
}

export interface CpuRequest {
  /** Threads to use; by default as many as the machine runs at a time. */
  readonly threads?: number;
}

/** Throws RuntimeFailure E0601 where the engine has no SIMD. */
export async function openCpu(request: CpuRequest = {}): Promise<CpuDevice> {
  if (!hasSimd()) {
    throw new RuntimeFailure('E0601', 'this engine has WebAssembly without SIMD', {
      help: 'Use a current version of Node or of the browser.',
    });
  }
  const host = await workerHost();
  const wanted = request.threads ?? host.parallelism;
  const threads = host.canShare ? Math.max(1, Math.min(MOST_THREADS, wanted)) : 1;
  return {
    backend: 'cpu',
    name: `${host.processor}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
    threads,
    relaxedSimd: hasRelaxedSimd(),
    host,
    close: () => undefined,
  };
}
