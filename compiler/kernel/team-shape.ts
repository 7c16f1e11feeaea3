/**
 * How many threads work out a result of a reduction together. In: the number of results and of elements each. Out: a
 * team, or undefined where one thread a result is best: on devices whose threads run one after another, and for short
 * reductions of many results.
 */
import type { DeviceClass, TargetProfile } from './profile.ts';
import type { TeamShape } from './team.ts';

/** Classes whose threads run side by side, with memory between them. */
export const HAS_TEAMS: { readonly [C in DeviceClass]: boolean } = {
  cpu: false,
  software: false,
  small: true,
  large: true,
};

/** Reductions of fewer elements are one thread's. */
const LEAST_ELEMENTS = 32;
/** Threads of a workgroup that is made of several teams. */
const USUAL_THREADS = 128;
/** As many threads of one a result fill a device. */
const ENOUGH_THREADS = 16_384;
/** Neighbouring teams whose loads make up a whole line of the cache together. */
const LINE = 8;

export interface ReductionSize {
  /** Elements of a result. */
  readonly elements: number;
  /** Loads of a result: a quarter of the elements where they come in vec4s. */
  readonly turns: number;
  /** Threads of one a result, or four neighbouring ones. */
  readonly threads: number;
  /** What the number of teams is a multiple of for every batch. */
  readonly multiple: number;
  /** Whether neighbouring elements belong to one result. */
  readonly adjacent: boolean;
}

export function teamShape(
  { deviceClass, workgroupInvocations }: TargetProfile,
  { elements, turns, threads, multiple, adjacent }: ReductionSize,
): TeamShape | undefined {
  if (!HAS_TEAMS[deviceClass] || elements < LEAST_ELEMENTS || turns < 4) return undefined;
  const most = Math.min(256, workgroupInvocations);
  const dividing = (limit: number): number => {
    let teams = 1;
    while (2 * teams <= limit && multiple % (2 * teams) === 0) teams *= 2;
    return teams;
  };
  if (adjacent) {
    const size = Math.min(most, upToPower(turns));
    return { size, teams: dividing(Math.max(1, USUAL_THREADS / size)), adjacent };
  }
  if (threads >= ENOUGH_THREADS) return undefined;
  const teams = dividing(LINE);
  const size = Math.min(most / teams, upToPower(Math.ceil(turns / 2)));
  return size < 2 ? undefined : { size, teams, adjacent };
}

/** The least power of two that is no less. */
const upToPower = (n: number): number => 2 ** Math.ceil(Math.log2(n));
