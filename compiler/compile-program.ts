/**
 * A checked program to its listing: the passes after elaboration, in the order they stand in here. In: a
 * `Program`. Out: the listing and every form its routines take on the way.
 */
import type { Listing } from '../runtime/plan-format.ts';
import { expandGradients } from './autodiff/gradient.ts';
import { fail } from './diagnostics.ts';
import type { Graph } from './graph/ir.ts';
import { buildListing } from './host/listing.ts';
import type { RoutineStages } from './host/stages.ts';
import type { Kernel } from './kernel/ir.ts';
import { KnownBodies } from './kernel/known-bodies.ts';
import { lowerGroup } from './kernel/lower.ts';
import type { TargetProfile } from './kernel/profile.ts';
import { verifyKernel } from './kernel/verify.ts';
import { layoutSlabs } from './optimizer/slabs.ts';
import { keepSumsWide } from './passes/keep-sums-wide.ts';
import { layOutScans } from './passes/lay-out-scans.ts';
import { optimizeGraph } from './passes/pipeline.ts';
import { buildRoutine, draftMemories, type PlannedRoutine, type RoutineDraft } from './plan/build-routine.ts';
import { placeTensors } from './plan/place-tensors.ts';
import { Places } from './plan/places.ts';
import { planBuffers } from './plan/plan-buffers.ts';
import { routineGraphs, updatesOf, usedInputs, type RoutineGraph } from './routine-graphs.ts';
import { buildSchedule } from './schedule/build.ts';
import type { FusionDecision } from './schedule/schedule.ts';
import type { Program } from './semantics/program.ts';

/** One routine through the passes to kernels, with every form it takes on the way. */
export interface LoweredRoutine extends RoutineStages {
  draft: RoutineDraft;
  decisions: readonly FusionDecision[];
}

interface LoweringOptions {
  profile: TargetProfile;
  fuse: boolean;
  precision: Program['precision'];
  /** Shared by all routines. */
  bodies: KnownBodies;
  verified: Set<Kernel['body']>;
}

function lowerRoutine(routine: RoutineGraph, options: LoweringOptions): LoweredRoutine {
  const { profile, fuse, precision, bodies, verified } = options;
  const { graph: elaborated, ...rest } = routine;
  const differentiated = expandGradients(elaborated);
  const expanded = precision === 'f16' ? keepSumsWide.run(differentiated) : differentiated;
  const optimized = optimizeGraph(expanded, undefined, profile.deviceClass);
  const laidOut = layOutScans(optimized);
  if (profile.deviceClass === 'cpu') refuseHalf(laidOut);
  const { graph, groups, loops, decisions } = buildSchedule(laidOut, { fuse, profile, batch: routine.batch });
  const kernels = groups.map((group) => lowerGroup(graph, group, { profile, batch: routine.batch }, bodies));
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

/** WebAssembly has no f16: E0601 at the first value that is one. */
function refuseHalf({ nodes }: Graph): void {
  const half = nodes.find(({ type }) => type.dtype === 'f16');
  if (!half) return;
  fail('E0601', half.source[0], 'the CPU has no float16, which the program needs', {
    help: 'write `precision = f32` and no tensors of f16, or run it with --device gpu (netc doctor lists the adapters)',
  });
}

export interface CompiledProgram {
  listing: Listing;
  lowered: LoweredRoutine[];
  routines: PlannedRoutine[];
}

/**
 * `fuse` off: one kernel an operator. `predictions` off: the models' own routines are left out, and the listing has no
 * models. Throws CompileError where a pass must refuse the program.
 */
export function compileProgram(
  program: Program,
  profile: TargetProfile,
  fuse: boolean,
  predictions = true,
): CompiledProgram {
  const layout = layoutSlabs(program, {
    bindingBytes: profile.bindingBytes,
    alignment: profile.offsetAlignment,
  });
  const updates = updatesOf(program, layout);
  const moments = updates.flatMap((update) => update?.moments ?? []);
  const numbers = updates.flatMap((update) => update?.numbers ?? []);
  const scalars = updates.flatMap((update) => update?.scalars ?? []);

  const graphs = routineGraphs(program, layout, updates).filter(
    ({ role }) => predictions || role !== 'predict',
  );
  const options: LoweringOptions = {
    profile,
    fuse,
    precision: program.precision,
    bodies: new KnownBodies(),
    verified: new Set(),
  };
  const lowered = graphs.map((graph) => lowerRoutine(graph, options));

  const places = new Places(profile);
  const stored = placeTensors(places, program, layout, { moments, numbers });
  const memories = draftMemories(
    lowered.map(({ draft }) => draft),
    profile,
  );
  const shared = planBuffers(places, memories);
  const routines = lowered.map(({ draft }, i) => buildRoutine(draft, memories[i]!, places, shared, profile));
  const listing = buildListing({ program, predictions, routines, places, stored, scalars, profile });
  return { listing, lowered, routines };
}
