/**
 * A routine as a WebAssembly function of (thread, threads, scratch), called by every thread of the pool: the
 * dispatches in order, loops turn by turn, each split among the threads by ranges of its grid. In: planned dispatches with addresses.
 * Out: the function. Holds: threads meet before a dispatch that touches what another thread may have written or
 * still reads, and nowhere else; which thread computes an element never changes how it is computed.
 */
import type { BufferRange } from '../../../runtime/plan-format.ts';
import type { PlannedDispatch, PlannedRoutine } from '../../plan/build-routine.ts';
import { usedTurns } from '../../kernel/used-turns.ts';
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

/** What of a routine becomes code. */
export type DispatchedRoutine = Pick<PlannedRoutine, 'name' | 'batch' | 'dispatches' | 'loops'>;

export function routineFunction(routine: DispatchedRoutine, layout: RoutineLayout): FunctionBuilder {
  const writer = new RoutineWriter(layout);
  routine.dispatches.forEach((dispatch, at) => {
    for (const { first, last } of routine.loops)
      if (first === at) writer.begin(routine.dispatches.slice(first, last + 1));
    writer.dispatch(dispatch);
    // The innermost loop ends first.
    for (const { first, last, turns } of [...routine.loops].reverse())
      if (last === at) writer.end(routine.dispatches.slice(first, last + 1), turns);
  });
  return writer.finish();
}

class RoutineWriter {
  private readonly f = new FunctionBuilder({ parameters: ['i32', 'i32', 'i32'], results: [] });
  private readonly layout: RoutineLayout;
  private readonly count = this.f.local('i32');
  private readonly from = this.f.local('i32');
  private readonly to = this.f.local('i32');
  /** The turns of the open loops, the outermost first. */
  private readonly turns: number[] = [];
  /** What was touched since the threads met. */
  private readonly open: Touched[] = [];

  constructor(layout: RoutineLayout) {
    this.layout = layout;
  }

  private meet(): void {
    this.f.get(THREADS).call(this.layout.meet);
    this.open.length = 0;
  }

  dispatch(dispatch: PlannedDispatch): void {
    const { f, count, from, to, layout } = this;
    const alone = isSmall(dispatch);
    const touched = touchedBy(dispatch, alone);
    if (conflicts(this.open, touched)) this.meet();
    this.open.push(...touched);
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
    // Outside of loops no kernel asks for a turn.
    const asked = this.turns.length > 0 ? usedTurns(dispatch.kernel) : [];
    for (const depth of asked) f.get(this.turns[depth] as number);
    f.call(layout.kernel(dispatch));
    f.end();
    if (alone) f.end();
  }

  /** What was touched before a loop is settled before it, not in every turn. */
  begin(body: readonly PlannedDispatch[]): void {
    if (conflicts(this.open, allTouched(body))) this.meet();
    const turn = this.f.local('i32');
    this.turns.push(turn);
    this.f.i32(0).set(turn).loop();
  }

  /** A turn may read what another thread wrote in the turn before: the threads meet between the two. */
  end(body: readonly PlannedDispatch[], turns: number): void {
    const { f } = this;
    const turn = this.turns.pop() as number;
    const touched = allTouched(body);
    if (conflicts(touched, touched)) this.meet();
    f.get(turn).i32(1).op('i32.add').tee(turn).i32(turns).op('i32.lt_u').branchIf(0).end();
    f.release('i32', turn);
  }

  finish(): FunctionBuilder {
    // What comes next may touch anything.
    this.meet();
    return this.f;
  }
}

const allTouched = (body: readonly PlannedDispatch[]): Touched[] =>
  body.flatMap((dispatch) => touchedBy(dispatch, isSmall(dispatch)));

const conflicts = (earlier: readonly Touched[], later: readonly Touched[]): boolean =>
  later.some((range) => earlier.some((other) => conflict(other, range)));

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
