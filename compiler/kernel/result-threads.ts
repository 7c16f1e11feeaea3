/**
 * Which thread works out which result of a reduction. In: the results' shape, the reduction, how vec4 is used. Out: the
 * position of the thread's result (or, with a lane, of four neighbours), the threads of the kernel, and the team where
 * several threads work out a result together. Undefined where vec4s do not divide the results.
 */
import { elementsAt, type Dimension } from '../graph/dimension.ts';
import { axesOf, type Reduction } from '../schedule/spaces.ts';
import { LANE_INDEX } from './emitter.ts';
import { threadExtent, threadWorkgroup, type Variant } from './thread-extent.ts';
import { indexVariable, scaled, sum, type Index } from './index-expression.ts';
import { countOf, sizesOf } from './shapes.ts';
import { teamShape } from './team-shape.ts';
import { Team } from './team.ts';
import type { KernelShape, Workspace } from './workspace.ts';

export interface ResultThreads {
  readonly position: Index;
  readonly team: Team | undefined;
  /** To be asked for when the body is complete. */
  shape(): KernelShape;
  /** What is done once a result. */
  once(build: () => void): void;
}

export function resultThreads(
  workspace: Workspace,
  results: readonly Dimension[],
  reduction: Reduction | undefined,
  variant: Variant,
): ResultThreads | undefined {
  const { emitter, context } = workspace;
  const lanes = variant.outerLanes ? 4 : 1;
  const extent = threadExtent(results, lanes);
  if (!extent) return undefined;
  const placed = (thread: Index): Index => (variant.outerLanes ? sum(scaled(thread, 4), LANE_INDEX) : thread);
  const team = reduction && teamFor(workspace, extent, reduction, variant);
  if (!team) {
    const workgroup: [number, number, number] = [threadWorkgroup(workspace, extent), 1, 1];
    return {
      position: placed(indexVariable('x', countOf(sizesOf(extent, context.batch)))),
      team: undefined,
      shape: () => ({ threads: [extent, [1], [1]], workgroup }),
      once: (build) => build(),
    };
  }
  const { teams } = team.shape;
  const groups = extent.map((d) => (typeof d === 'number' ? d / teams : d));
  const group = indexVariable('group_x', countOf(sizesOf(groups, context.batch)));
  return {
    position: placed(sum(scaled(group, teams), team.team)),
    team,
    shape: () => ({
      threads: [[...groups, team.threads], [1], [1]],
      workgroup: [team.threads, 1, 1],
      scratch: team.scratch,
    }),
    once: (build) => team.once(emitter, build),
  };
}

function teamFor(
  { reader, context }: Workspace,
  extent: readonly Dimension[],
  reduction: Reduction,
  variant: Variant,
): Team | undefined {
  const { shape } = reader.node(reduction.inputs[0] as number).type;
  const axes = axesOf(reduction);
  const elements = elementsAt(
    axes.map((axis) => shape[axis] as Dimension),
    context.batch,
  );
  const innermost = shape.findLastIndex((d) => d !== 1);
  const shaped = teamShape(context.profile, {
    elements,
    turns: variant.innerLanes ? elements / 4 : elements,
    threads: elementsAt(extent, context.batch),
    multiple: extent.reduce<number>((n, d) => (typeof d === 'number' ? n * d : n), 1),
    adjacent: axes.includes(innermost),
  });
  return shaped && new Team(shaped);
}
