/**
 * A checked program to its listing: the passes after elaboration, in the order they stand in here. In: a
 * `Program`. Out: the listing and every form its routines take on the way.
 */
import type { Listing } from '../runtime/plan-format.ts';
import { withChosenAttention } from './choose-attention.ts';
import { fitMemory } from './fit-memory.ts';
import { buildListing } from './host/listing.ts';
import { KnownBodies } from './kernel/known-bodies.ts';
import type { TargetProfile } from './kernel/profile.ts';
import { inferenceGraphs, modelsAlone } from './inference-graphs.ts';
import { lowerRoutine, type LoweredRoutine, type LoweringOptions } from './lower-routine.ts';
import { layoutSlabs } from './optimizer/slabs.ts';
import { buildRoutine, draftMemories, type PlannedRoutine, type RoutineDraft } from './plan/build-routine.ts';
import { placePrepared, placeTensors } from './plan/place-tensors.ts';
import { Places } from './plan/places.ts';
import { planBuffers } from './plan/plan-buffers.ts';
import { routineGraphs, updatesOf } from './routine-graphs.ts';
import { Judgements } from './schedule/judgements.ts';
import type { Program } from './semantics/program.ts';

export interface CompiledProgram {
  listing: Listing;
  lowered: LoweredRoutine[];
  routines: PlannedRoutine[];
}

export interface ProgramOptions {
  profile: TargetProfile;
  /** Off: one kernel an operator. */
  fuse: boolean;
  /** Off: the models' own routines are left out, and the listing has no models. */
  predictions: boolean;
  /** Bytes that the intermediates may take. */
  memory?: number | undefined;
  /** The models alone, forward. */
  infer?: boolean;
}

/** Throws CompileError where a pass must refuse the program. */
export function compileProgram(checked: Program, options: ProgramOptions): CompiledProgram {
  const { profile, predictions, memory, infer = false } = options;
  const chosen = withChosenAttention(checked, options);
  const program = infer ? modelsAlone(chosen) : chosen;
  const layout = layoutSlabs(program, {
    bindingBytes: profile.bindingBytes,
    bufferBytes: profile.bufferBytes,
    alignment: profile.offsetAlignment,
  });
  const updates = updatesOf(program, layout);
  const moments = updates.flatMap((update) => update?.moments ?? []);
  const numbers = updates.flatMap((update) => update?.numbers ?? []);
  const scalars = updates.flatMap((update) => update?.scalars ?? []);

  const { graphs, prepared } = infer
    ? inferenceGraphs(chosen, profile.bufferBytes)
    : { graphs: routineGraphs(program, layout, updates), prepared: [] };
  const wanted = graphs.filter(({ role }) => predictions || role !== 'predict');
  const lowering: LoweringOptions = {
    profile,
    fuse: options.fuse,
    precision: program.precision,
    bodies: new KnownBodies(),
    judgements: new Judgements(),
    verified: new Set(),
  };
  const whole = wanted.map((graph) => lowerRoutine(graph, lowering));
  const plan = { lowered: whole, memories: draftMemories(draftsOf(whole), profile) };
  const { lowered, memories } =
    memory === undefined ? plan : fitMemory(plan, wanted, lowering, memory, program.source);

  const places = new Places(profile);
  const stored = placeTensors(places, program, layout, { moments, numbers });
  placePrepared(places, prepared);
  const shared = planBuffers(places, memories);
  const routines = lowered.map(({ draft }, i) => buildRoutine(draft, memories[i]!, places, shared, profile));
  const listing = buildListing({ program, predictions, routines, places, stored, scalars, profile });
  return { listing, lowered, routines };
}

const draftsOf = (lowered: readonly LoweredRoutine[]): RoutineDraft[] => lowered.map(({ draft }) => draft);
