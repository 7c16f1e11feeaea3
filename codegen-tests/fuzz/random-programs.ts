/** Tests of random programs on both targets, fused and unfused, against double precision. In: how many, from which seed. */
import path from 'node:path';
import { expect, test } from 'vitest';
import type { DeviceClass } from '../../compiler/kernel/profile.ts';
import { gpuOrSkip } from '../support/gpu.ts';
import { faultOf, search } from './search.ts';
import { ALL_VARIANTS, runnerOn, type Variant } from './run-study.ts';
import type { Study } from './study.ts';

/** Mesa's compiler without its optimizations: half the time over kernels that run once. Read when the driver is loaded. */
process.env.GALLIVM_PERF ??= 'nopt';

const IN_A_TEST = 10;
/** For ten short programs, which take 15 to 40 s on two cores; the nightly's are of any length and run in every variant. */
const MOST_MILLISECONDS = process.env['NETC_FUZZ_COUNT'] === undefined ? 300_000 : 900_000;
export const FOLDER = path.join(import.meta.dirname, '../../out/fuzz');

/** Four runs of a program: the classes of GPUs take turns. */
export function fourVariants(seed: number): readonly Variant[] {
  const classes: readonly DeviceClass[] = ['software', 'small', 'large'];
  const deviceClass = classes[seed % classes.length] ?? 'software';
  return [...ALL_VARIANTS.slice(0, 2), { deviceClass, fuse: true }, { deviceClass: 'software', fuse: false }];
}

/** A software driver compiles a kernel in 30 ms or more: long programs are one in eight. */
export const isShort = ({ gradient, steps, seed }: Study): boolean =>
  gradient.nodes.length <= (steps === 1 ? 80 : 60) || seed % 8 === 0;

/** By default of any length. */
export function testPrograms(
  from: number,
  count: number,
  variants: (seed: number) => readonly Variant[],
  isWanted?: (study: Study) => boolean,
): void {
  const parts = Array.from({ length: Math.ceil(count / IN_A_TEST) }, (_, part) => part);
  test.for(parts)(`seeds from ${from} + 1000 * %i`, { timeout: MOST_MILLISECONDS }, async (part, context) => {
    const device = await gpuOrSkip(context);
    const found = await search(runnerOn(device), {
      from: from + part * 1000,
      count: Math.min(IN_A_TEST, count - part * IN_A_TEST),
      variants,
      ...(isWanted ? { isWanted } : {}),
      folder: FOLDER,
    });
    expect(found.join('\n')).toBe('');
  });
} // prettier-ignore

/** One program that was written down. */
export function testFailure(name: string, text: string, seed: number): void {
  test(name, { timeout: MOST_MILLISECONDS }, async (context) => {
    const device = await gpuOrSkip(context);
    const found = await faultOf(text, seed, runnerOn(device), ALL_VARIANTS);
    expect(found).toBeUndefined();
  });
}
