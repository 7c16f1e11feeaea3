/**
 * What the targets promise of element-wise functions (LANGUAGE.md): within 2e-6 of double precision, relative or absolute,
 * whichever is larger; infinities and NaN exactly. In: what was computed. Out: faults in words; where kernels run.
 */
import type { TestContext } from 'vitest';
import { gpuOrSkip } from '../support/gpu.ts';
import { runKernelsOnCpu } from '../support/kernels-cpu.ts';
import { runKernels, type KernelRun } from '../support/kernels.ts';

const TOLERANCE = 2e-6;

type Run = (runs: readonly KernelRun[]) => Promise<ArrayBuffer[][]>;

export const TARGETS: Readonly<Record<string, (context: TestContext) => Promise<Run>>> = {
  CPU: () => Promise.resolve(runKernelsOnCpu),
  WGSL: async (context) => {
    const { gpu } = await gpuOrSkip(context);
    return (runs) => runKernels(gpu, runs);
  },
};

const LARGEST = 3.4028235677973366e38;

/** As f32 holds it: beyond the range it is infinite. */
const held = (x: number): number => (Math.abs(x) >= LARGEST ? Math.sign(x) * Infinity : x);

/** What is wrong with the result, if anything. */
export function fault(what: string, args: readonly number[], found: number, reference: number): string[] {
  const wanted = held(reference);
  const error = Math.abs(found - wanted) / Math.max(1, Math.abs(wanted));
  const right = Number.isFinite(wanted) ? error <= TOLERANCE : Object.is(found, wanted);
  return right ? [] : [`${what}(${args.join(', ')}) = ${wanted}, the device says ${found}`];
}

const ANGLES: readonly string[] = ['sin', 'cos', 'tan'];

/** Angles beyond 1000 are not (the helper says so). */
export const isPromised = (name: string, x: number): boolean =>
  !ANGLES.includes(name) || Math.abs(x) <= 1000 || !Number.isFinite(x);
