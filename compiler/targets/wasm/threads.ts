/**
 * The threads of a kernel, one after another. In: the kernel's extents, the batch in the uniform block. Out: code
 * that counts them, and a loop from one thread number to another, x fastest, with `x`, `y`, `z` as variables.
 */
import type { Dimension } from '../../graph/dimension.ts';
import type { Kernel } from '../../kernel/ir.ts';
import { AXES } from '../../kernel/thread-ids.ts';
import type { FunctionBuilder } from './function-builder.ts';
import { batchAddress, FROM, TO, type KernelScope, type UniformPlace } from './kernel-scope.ts';

/** Pushes the product of sizes. */
export function emitExtent(f: FunctionBuilder, sizes: readonly Dimension[], uniform: UniformPlace): void {
  let factor = 1;
  const symbolic: Exclude<Dimension, number>[] = [];
  for (const size of sizes) {
    if (typeof size === 'number') factor *= size;
    else symbolic.push(size);
  }
  f.i32(factor);
  for (const { times, plus } of symbolic) {
    f.i32(0).access('i32.load', batchAddress(uniform));
    if (times !== 1) f.i32(times).op('i32.mul');
    if (plus !== 0) f.i32(plus).op('i32.add');
    f.op('i32.mul');
  }
}

/** Threads in all, where the batch does not count. */
export function fixedThreads({ threads }: Kernel): number | undefined {
  const sizes = threads.flat();
  return sizes.every((size) => typeof size === 'number')
    ? sizes.reduce<number>((n, size) => n * size, 1)
    : undefined;
}

const isOne = (sizes: readonly Dimension[]): boolean =>
  sizes.every((size) => typeof size === 'number') && sizes.reduce<number>((n, size) => n * size, 1) === 1;

/** `body` emits what one thread does. */
export function emitThreads(scope: KernelScope, body: () => void): void {
  const { f, kernel, uniform, variables } = scope;
  const { threads } = kernel;
  const several = AXES.map((_, axis) => !isOne(threads[axis] as Dimension[]));
  const [x, y, z] = AXES.map((axis) => {
    const local = f.local('i32');
    variables.set(axis, local);
    return local;
  }) as [number, number, number];
  const thread = f.local('i32');
  f.get(FROM).set(thread);
  // One axis with threads: its coordinate is their number.
  const line = several.filter(Boolean).length <= 1;
  const [sizeX, sizeY] = [f.local('i32'), f.local('i32')];
  const only = [x, y, z][Math.max(0, several.indexOf(true))] as number;
  if (line) f.get(FROM).set(only);
  else {
    emitExtent(f, threads[0], uniform);
    f.set(sizeX);
    emitExtent(f, threads[1], uniform);
    f.set(sizeY);
    f.get(FROM).get(sizeX).op('i32.rem_u').set(x);
    f.get(FROM).get(sizeX).op('i32.div_u').get(sizeY).op('i32.rem_u').set(y);
    f.get(FROM).get(sizeX).op('i32.div_u').get(sizeY).op('i32.div_u').set(z);
  }
  f.loop();
  body();
  if (line) {
    f.get(only).i32(1).op('i32.add').set(only);
  } else {
    f.get(x).i32(1).op('i32.add').tee(x).get(sizeX).op('i32.eq').if();
    f.i32(0).set(x);
    f.get(y).i32(1).op('i32.add').tee(y).get(sizeY).op('i32.eq').if();
    f.i32(0).set(y).get(z).i32(1).op('i32.add').set(z);
    f.end().end();
  }
  f.get(thread).i32(1).op('i32.add').tee(thread).get(TO).op('i32.lt_u').branchIf(0);
  f.end();
}
