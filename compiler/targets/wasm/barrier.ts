/**
 * Where the threads of a pool meet. In: the address of three words that start as 0: arrivals, meetings held, sleepers.
 * Out: a function of the number of threads that returns when all of them have called it. The last one to come opens
 * the next meeting; the others look for that a while, then sleep, so that a shared machine is not kept busy.
 */
import { FunctionBuilder } from './function-builder.ts';

/** Words of the barrier, in bytes from its address; a cache line each. */
const ARRIVED = 0;
const MEETING = 64;
const SLEEPING = 128;
export const BARRIER_BYTES = 192;

/** Looks before a thread goes to sleep: some tens of microseconds. */
const PATIENCE = 20_000;

export function barrierFunction(address: number): FunctionBuilder {
  const f = new FunctionBuilder({ parameters: ['i32'], results: [] });
  const threads = 0;
  const [meeting, turns] = [f.local('i32'), f.local('i32')];
  const at = (word: number): number => address + word;
  f.get(threads).i32(1).op('i32.le_u').if().return().end();
  f.i32(0).access('i32.atomic.load', at(MEETING)).set(meeting);
  f.i32(0).i32(1).access('i32.atomic.rmw.add', at(ARRIVED));
  f.i32(1).op('i32.add').get(threads).op('i32.eq').if();
  f.i32(0).i32(0).access('i32.atomic.store', at(ARRIVED));
  f.i32(0).i32(1).access('i32.atomic.rmw.add', at(MEETING)).op('drop');
  f.i32(0).access('i32.atomic.load', at(SLEEPING)).if();
  f.i32(0).i32(-1).access('memory.atomic.notify', at(MEETING)).op('drop');
  f.end().return().end();

  const whileClosed = (leave: number): void => {
    f.i32(0).access('i32.atomic.load', at(MEETING)).get(meeting).op('i32.ne').branchIf(leave);
  };
  f.block().loop();
  whileClosed(1);
  f.get(turns).i32(1).op('i32.add').tee(turns).i32(PATIENCE).op('i32.lt_u').branchIf(0);
  // A sleeper says so before it looks once more: either it sees the new meeting, or it is woken.
  f.i32(0).i32(1).access('i32.atomic.rmw.add', at(SLEEPING)).op('drop');
  f.block().loop();
  whileClosed(1);
  f.i32(0).get(meeting).i64(-1).access('memory.atomic.wait32', at(MEETING)).op('drop').branch(0);
  f.end().end();
  f.i32(0).i32(-1).access('i32.atomic.rmw.add', at(SLEEPING)).op('drop');
  f.end().end();
  return f;
}
