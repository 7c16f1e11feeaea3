/**
 * A limit for the memory of intermediates. In: a plan without one. Out: that plan where it fits; else the plan that works
 * out the least again among those that fit. E0606 where none does.
 */
import { fail } from './diagnostics.ts';
import { lowerRoutine, type LoweredRoutine, type LoweringOptions } from './lower-routine.ts';
import { draftMemories, type DraftMemory } from './plan/build-routine.ts';
import { plannedBytes } from './plan/plan-buffers.ts';
import type { RoutineGraph } from './routine-graphs.ts';

export interface LoweredPlan {
  readonly lowered: LoweredRoutine[];
  /** One a routine. */
  readonly memories: DraftMemory[];
}

/** Segments to cut the forward part into, until more of them no longer help. */
const SEGMENTS = [2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64];

/** `graphs`: of the routines, in the plan's order. `limit` in bytes. */
export function fitMemory(
  plan: LoweredPlan,
  graphs: readonly RoutineGraph[],
  options: LoweringOptions,
  limit: number,
  source: string,
): LoweredPlan {
  let smallest = bytesOf(plan);
  if (smallest <= limit) return plan;
  let worse = 0;
  for (const segments of SEGMENTS) {
    const lowered = plan.lowered.map((routine, i) =>
      routine.draft.role === 'gradient' ? lowerRoutine(graphs[i]!, options, segments) : routine,
    );
    const memories = draftMemories(
      lowered.map(({ draft }) => draft),
      options.profile,
    );
    const cut = { lowered, memories };
    const bytes = bytesOf(cut);
    if (bytes <= limit) return cut;
    worse = bytes < smallest ? 0 : worse + 1;
    smallest = Math.min(smallest, bytes);
    // Around the best number of segments plans differ little and irregularly.
    if (worse === 3) break;
  }
  const fused = options.fuse ? '' : ', unfused,';
  return fail(
    'E0606',
    undefined,
    `the intermediates of ${source}${fused} take at least ${smallest} bytes, more than the limit of ${limit}`,
    { help: `--memory ${smallest} is the smallest possible; a smaller batch needs less` },
  );
}

const bytesOf = ({ memories }: LoweredPlan): number => plannedBytes(memories);
