/**
 * A routine as a WebAssembly function of (thread, threads, scratch), called by every thread of the pool: the
 * dispatches in order, each split among the threads by ranges of its grid. In: planned dispatches with addresses.
 * Out: the function. Holds: threads meet before a dispatch that touches what another thread may have written or
 * still reads, and nowhere else; which thread computes an element never changes how it is computed.
 */
import type { BufferRange } from '../../../runtime/plan-format.ts';
import type { PlannedDispatch, PlannedRoutine } from '../../plan/build-routine.ts';
import { FunctionBuilder } from './function-builder.ts';
import type { UniformPlace } from './kernel-scope.ts';
import { emitExtent } from './threads.ts';

/** Bytes and operations below which a dispatch is one thread's: sharing it would cost more than it saves. */
const SMALL = 48_000;

const THREAD = 0;
const THREADS = 1;
const SCRATCH_ADDRESS = 2;

export interface RoutineLayout {
  readonly uniform: UniformPlace;
  /** Address of each buffer. */
  readonly buffers: readonly number[];
  /** Indices of functions. */
  readonly meet: number;
  readonly share: number;
  kernel(dispatch: PlannedDispatch): number;
}

/** `share(thread, threads, count)`: the first of `count` that is the thread's; the next thread's first ends it. */
export function shareFunction(): FunctionBuilder {
  const f = new FunctionBuilder({ parameters: ['i32', 'i32', 'i32'], results: ['i32'] });
  const [thread, threads, count] = [0, 1, 2];
  const rest = f.local('i32');
  f.get(count).get(threads).op('i32.rem_u').set(rest);
  f.get(count).get(threads).op('i32.div_u').get(thread).op('i32.mul');
  f.get(thread).get(rest).get(thread).get(rest).op('i32.lt_u', 'select', 'i32.add');
  return f;
}

export function routineFunction(routine: PlannedRoutine, layout: RoutineLayout): FunctionBuilder {
  const f = new FunctionBuilder({ parameters: ['i32', 'i32', 'i32'], results: [] });
  const [count, from, to] = [f.local('i32'), f.local('i32'), f.local('i32')];
  const open: Touched[] = [];
  for (const dispatch of routine.dispatches) {
    const alone = isSmall(dispatch);
    const touched = touchedBy(dispatch, alone);
    if (touched.some((range) => open.some((earlier) => conflict(earlier, range)))) {
      f.get(THREADS).call(layout.meet);
      open.length = 0;
    }
    open.push(...touched);
    emitExtent(f, dispatch.kernel.threads.flat(), layout.uniform);
    if (alone) {
      f.set(to).i32(0).set(from);
      f.get(THREAD).op('i32.eqz').if();
    } else {
      f.set(count);
      f.get(THREAD).get(THREADS).get(count).call(layout.share).set(from);
      f.get(THREAD).i32(1).op('i32.add').get(THREADS).get(count).call(layout.share).set(to);
    }
    f.get(from).get(to).op('i32.lt_u').if();
    f.get(from).get(to).get(SCRATCH_ADDRESS);
    for (const { buffer, offset } of dispatch.ranges) f.i32((layout.buffers[buffer] as number) + offset);
    f.call(layout.kernel(dispatch));
    f.end();
    if (alone) f.end();
  }
  // What comes next may touch anything.
  f.get(THREADS).call(layout.meet);
  return f;
}

interface Touched extends BufferRange {
  readonly writes: boolean;
  /** By the first thread only. */
  readonly alone: boolean;
}

function touchedBy({ kernel, ranges }: PlannedDispatch, alone: boolean): Touched[] {
  return ranges.map((range, i) => ({ ...range, writes: kernel.bindings[i]!.writes, alone }));
}

function conflict(a: Touched, b: Touched): boolean {
  if (a.buffer !== b.buffer || (!a.writes && !b.writes) || (a.alone && b.alone)) return false;
  return a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes;
}

function isSmall({ kernel, ranges }: PlannedDispatch): boolean {
  return ranges.reduce((sum, range) => sum + range.bytes, kernel.flops) < SMALL;
}
