/**
 * One routine through the passes to kernels. In: its graph as elaborated. Out: its draft, and every form it takes on the
 * way.
 */
import { expandGradients } from './autodiff/gradient.ts';
import { fail } from './diagnostics.ts';
import { storedBytes, tensorBytes } from './graph/element-bytes.ts';
import type { Graph } from './graph/ir.ts';
import type { RoutineStages } from './host/stages.ts';
import type { BindingTarget, Kernel } from './kernel/ir.ts';
import type { KnownBodies } from './kernel/known-bodies.ts';
import { lowerGroup } from './kernel/lower.ts';
import type { TargetProfile } from './kernel/profile.ts';
import { verifyKernel } from './kernel/verify.ts';
import { inWindows } from './kernel/windows.ts';
import { keepSumsWide } from './passes/keep-sums-wide.ts';
import { layOutScans } from './passes/lay-out-scans.ts';
import { optimizeGraph } from './passes/pipeline.ts';
import { splitScans } from './passes/split-scans.ts';
import type { RoutineDraft } from './plan/build-routine.ts';
import { usedInputs, type RoutineGraph } from './routine-graphs.ts';
import { buildSchedule } from './schedule/build.ts';
import { withCheckpoints } from './schedule/checkpoints.ts';
import { leafName, outputName } from './schedule/homes.ts';
import type { Judgements } from './schedule/judgements.ts';
import type { FusionDecision } from './schedule/schedule.ts';
import type { Program } from './semantics/program.ts';

/** One routine through the passes to kernels, with every form it takes on the way. */
export interface LoweredRoutine extends RoutineStages {
  draft: RoutineDraft;
  decisions: readonly FusionDecision[];
}

export interface LoweringOptions {
  profile: TargetProfile;
  fuse: boolean;
  precision: Program['precision'];
  /** Shared by all routines. */
  bodies: KnownBodies;
  /** Likewise. */
  judgements: Judgements;
  verified: Set<Kernel['body']>;
}

/** `segments`: its forward part is cut into so many, whose values are worked out again for the backward part. */
export function lowerRoutine(routine: RoutineGraph, options: LoweringOptions, segments = 1): LoweredRoutine {
  const { profile, fuse, precision, bodies, judgements, verified } = options;
  const { graph: elaborated, ...rest } = routine;
  const differentiated = expandGradients(segments > 1 ? splitScans(elaborated, segments) : elaborated);
  const expanded = precision === 'f16' ? keepSumsWide.run(differentiated) : differentiated;
  const whole = optimizeGraph(expanded, profile);
  const { deviceClass } = profile;
  const { batch } = routine;
  const cut = segments > 1 ? withCheckpoints(whole, segments, { batch, deviceClass }) : undefined;
  const optimized = cut ?? whole;
  const laidOut = layOutScans(optimized);
  if (deviceClass === 'cpu') refuseHalf(laidOut);
  const { graph, groups, loops, decisions } = buildSchedule(laidOut, {
    fuse,
    profile,
    batch: routine.batch,
    judgements,
  });
  const sizes = bindingSizes(graph, routine.batch);
  const kernels = groups.map((group) =>
    inWindows(lowerGroup(graph, group, { profile, batch: routine.batch }, bodies), sizes, profile),
  );
  refuseManyBindings(kernels, profile);
  for (const kernel of kernels) {
    if (!verified.has(kernel.body)) verifyKernel(kernel);
    verified.add(kernel.body);
  }
  const draft = { ...rest, graph, kernels, loops, inputs: usedInputs(graph, routine.inputs) };
  return {
    name: routine.name,
    elaborated,
    expanded,
    optimized,
    kernels,
    draft,
    decisions,
  };
}

/** Bytes of what kernels bind. */
function bindingSizes(graph: Graph, batch: number): (target: BindingTarget) => number {
  const bytes = (id: number): number => tensorBytes(graph.nodes[id]!.type, batch);
  const named = new Map<string, number>();
  for (const node of graph.nodes) {
    const name = leafName(node);
    if (name !== undefined) named.set(name, storedBytes(node, batch));
  }
  for (const output of graph.outputs) {
    const name = outputName(output);
    if (name !== undefined) named.set(name, bytes(output.value));
  }
  return (target) => (target.kind === 'named' ? (named.get(target.name) ?? 0) : bytes(target.value));
}

/** Tensors larger than one binding take several: E0901 where a kernel then has more than the device allows. */
function refuseManyBindings(
  kernels: readonly Kernel[],
  { storageBindings, bindingBytes }: TargetProfile,
): void {
  const found = kernels.find(({ bindings }) => bindings.length > storageBindings);
  if (!found) return;
  fail(
    'E0901',
    found.source[0],
    `${found.name} reads and writes tensors so large that it takes ${found.bindings.length} bindings of ${bindingBytes} bytes; ${storageBindings} are allowed`,
    { help: 'use a smaller batch or smaller layers' },
  );
}

/** WebAssembly has no f16: E0601 at the first value that is one. */
function refuseHalf({ nodes }: Graph): void {
  const half = nodes.find(({ type }) => type.dtype === 'f16');
  if (!half) return;
  fail('E0601', half.source[0], 'the CPU has no float16, which the program needs', {
    help: 'write `precision = f32` and no tensors of f16, or run it with --device gpu (netc doctor lists the adapters)',
  });
}
