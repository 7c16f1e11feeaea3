/**
 * The report of `inspect --json` and `plan.json` (INTERFACE.md). In: a compilation's parts. Out: plain JSON.
 * One kernel entry a dispatch, in the order of the routines.
 */
import type { Listing } from '../../runtime/plan-format.ts';
import { elementsAt } from '../graph/dimension.ts';
import type { Kernel, KernelBinding } from '../kernel/ir.ts';
import { dispatchCommands } from './listing.ts';
import { alignUp } from '../memory/liveness.ts';
import type { PlannedDispatch, PlannedRoutine } from '../plan/build-routine.ts';

export interface KernelReport {
  id: string;
  name: string;
  kind: Kernel['kind'];
  phase: 'forward' | 'backward' | 'update' | 'evaluate';
  step?: string;
  ops: string[];
  source: { file: string; line: number; column: number }[];
  workgroup: number[];
  dispatch: number[];
  /** In a loop, or in loops one inside the other: how often it is dispatched. */
  turns?: number;
  bindings: { tensor: string; pool: string; offset: number; bytes: number; access: string }[];
  vector_width: number;
  flops: number;
  bytes: number;
  wgsl: string;
}

export interface InspectReport {
  program: string;
  parameters: number;
  graph: { forward: number; backward: number; update: number };
  kernels: KernelReport[];
  unfused: { kernels: number; bytes: number };
  fusion: { producer: string; consumer: string; fused: boolean; reason: string }[];
  memory: {
    naive_bytes: number;
    planned_bytes: number;
    lower_bound_bytes: number;
    pools: { name: string; bytes: number }[];
    lifetimes: { tensor: string; pool: string; offset: number; bytes: number; first: number; last: number }[];
  };
}

/** Bytes a kernel must read and write of device memory, each tensor once. */
export function kernelBytes(dispatch: PlannedDispatch): number {
  return dispatch.ranges.reduce((sum, range, i) => {
    const { reads, writes } = dispatch.kernel.bindings[i]!;
    return sum + range.bytes * (Number(reads) + Number(writes));
  }, 0);
}

export const tensorName = ({ tensor }: KernelBinding): string =>
  tensor.kind === 'named' ? tensor.name : `v${tensor.value}`;

const isTraining = ({ role }: PlannedRoutine): boolean =>
  role === 'gradient' || role === 'accumulate' || role === 'update';

function phaseOf(routine: PlannedRoutine, kernel: Kernel): KernelReport['phase'] {
  return isTraining(routine) ? kernel.phase : 'evaluate';
}

function kernelReports(routines: readonly PlannedRoutine[], listing: Listing): KernelReport[] {
  const reports: KernelReport[] = [];
  routines.forEach((routine, r) => {
    const commands = dispatchCommands(listing.routines[r]!.commands);
    routine.dispatches.forEach((dispatch, d) => {
      const command = commands[d]!;
      const { kernel } = dispatch;
      const loops = routine.loops.filter(({ first, last }) => first <= d && d <= last);
      reports.push({
        id: `k${reports.length + 1}`,
        name: kernel.name,
        kind: kernel.kind,
        phase: phaseOf(routine, kernel),
        ...(routine.step === undefined ? {} : { step: routine.step }),
        ops: [...kernel.ops],
        source: kernel.source.map(({ file, line, column }) => ({ file, line, column })),
        workgroup: [...kernel.workgroup],
        dispatch: [...command.groups],
        ...(loops.length > 0 ? { turns: loops.reduce((n, { turns }) => n * turns, 1) } : {}),
        bindings: dispatch.ranges.map((range, i) => ({
          tensor: tensorName(kernel.bindings[i]!),
          pool: listing.buffers[range.buffer]!.name,
          offset: range.offset,
          bytes: range.bytes,
          access: dispatch.access[i]!,
        })),
        vector_width: kernel.vectorWidth,
        flops: kernel.flops,
        bytes: kernelBytes(dispatch),
        wgsl: listing.kernels[command.kernel]!.code,
      });
    });
  });
  return reports;
}

/** What one training round launches and moves: the routines of its steps. A loop's turns count once, as in the list of kernels. */
export const trainingCost = (routines: readonly PlannedRoutine[]): Cost =>
  costOf(routines.filter(isTraining));

/** What one prediction by every model launches and moves. */
export const predictionCost = (routines: readonly PlannedRoutine[]): Cost =>
  costOf(routines.filter(({ role }) => role === 'predict'));

export interface Cost {
  kernels: number;
  bytes: number;
}

function costOf(round: readonly PlannedRoutine[]): Cost {
  const dispatches = round.flatMap((r) => r.dispatches);
  return { kernels: dispatches.length, bytes: dispatches.reduce((sum, d) => sum + kernelBytes(d), 0) };
}

export interface ReportParts {
  listing: Listing;
  routines: readonly PlannedRoutine[];
  unfused: Cost;
  fusion: InspectReport['fusion'];
}

export function buildReport({ listing, routines, unfused, fusion }: ReportParts): InspectReport {
  const trained = routines.filter(isTraining);
  // Where nothing trains, the graphs are those of the predictions.
  const counted = listing.steps.length > 0 ? trained : routines;
  const nodes = counted.flatMap((r) => r.graph.nodes);
  const count = (phase: string): number => nodes.filter((n) => n.phase === phase).length;
  const activations = listing.buffers.filter((b) => b.role === 'activations');
  const lifetimes: InspectReport['memory']['lifetimes'] = [];
  let first = 0;
  for (const routine of routines) {
    for (const v of routine.memory.values)
      lifetimes.push({
        tensor: `${routine.name}/v${v.value}`,
        pool: activations[v.pool]!.name,
        offset: v.offset,
        bytes: v.bytes,
        first: first + v.first,
        last: first + v.last,
      });
    first += routine.dispatches.length;
  }
  return {
    program: listing.program,
    parameters: listing.parameters.reduce((sum, p) => sum + elementsAt(p.shape, 1), 0),
    graph: { forward: count('forward'), backward: count('backward'), update: count('update') },
    kernels: kernelReports(routines, listing),
    unfused,
    fusion,
    memory: {
      naive_bytes: routines.reduce((sum, r) => sum + r.memory.naiveBytes, 0),
      planned_bytes: activations.reduce((sum, b) => sum + alignUp(b.bytes, 256), 0),
      lower_bound_bytes: Math.max(0, ...routines.map((r) => r.memory.lowerBoundBytes)),
      pools: listing.buffers.map((b) => ({ name: b.name, bytes: b.bytes })),
      lifetimes,
    },
  };
}
