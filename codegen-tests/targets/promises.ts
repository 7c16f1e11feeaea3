/**
 * What the targets promise of element-wise functions (LANGUAGE.md): within 2e-6 of double precision, relative or absolute,
 * whichever is larger; infinities and NaN exactly. WGSL lets a device take numbers too small for f32's full precision for
 * zeros. In: what was computed. Out: faults in words; where kernels run.
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

/** The smallest number with all bits of precision. */
const SMALLEST = 2 ** -126;

/** As a device may read it that has nothing between zero and the smallest number of full precision. */
const flushed = (x: number): number => (Math.abs(x) < SMALLEST ? x * 0 : x);

/** What is wrong with the result on a target, if anything. */
export function fault(
  target: string,
  what: string,
  args: readonly number[],
  found: number,
  meaning: (...args: number[]) => number,
): string[] {
  const wanted = held(meaning(...args));
  const allowed = target === 'WGSL' ? [wanted, held(meaning(...args.map(flushed)))] : [wanted];
  return allowed.some((value) => isNear(found, value))
    ? []
    : [`${what}(${args.join(', ')}) = ${wanted}, the device says ${found}`];
}

function isNear(found: number, wanted: number): boolean {
  const error = Math.abs(found - wanted) / Math.max(1, Math.abs(wanted));
  return Number.isFinite(wanted) ? error <= TOLERANCE : Object.is(found, wanted);
}

const ANGLES: readonly string[] = ['sin', 'cos', 'tan'];

/** Angles beyond 1000 are not (the helper says so). */
export const isPromised = (name: string, x: number): boolean =>
  !ANGLES.includes(name) || Math.abs(x) <= 1000 || !Number.isFinite(x);
