/**
 * The compiler's only public entry: source text in, a compilation out. Pure: no files, no clock, no
 * environment. The passes run in the order they stand in here.
 */
import type { Listing } from '../runtime/plan-format.ts';
import { expandGradients } from './autodiff/gradient.ts';
import { CompileError, type Diagnostic } from './diagnostics.ts';
import { buildListing } from './host/listing.ts';
import { buildReport, trainingCost, type InspectReport } from './host/report.ts';
import { printStage, type RoutineStages, type StageName } from './host/stages.ts';
import { lowerGroup } from './kernel/lower.ts';
import { DEFAULT_PROFILE, type TargetProfile } from './kernel/profile.ts';
import { verifyKernel } from './kernel/verify.ts';
import { layoutSlabs } from './optimizer/slabs.ts';
import { optimizeGraph } from './passes/pipeline.ts';
import { buildRoutine, draftMemory, type PlannedRoutine, type RoutineDraft } from './plan/build-routine.ts';
import { placeTensors, type StoredTensors } from './plan/place-tensors.ts';
import { Places } from './plan/places.ts';
import { planBuffers } from './plan/plan-buffers.ts';
import { routineGraphs, updatesOf, usedInputs, type RoutineGraph } from './routine-graphs.ts';
import { buildSchedule } from './schedule/build.ts';
import type { FusionDecision } from './schedule/schedule.ts';
import { elaborate } from './semantics/elaborate.ts';
import type { Program } from './semantics/program.ts';
import { STANDARD_LIBRARY } from './std/standard-library.generated.ts';
import type { SourceFile } from './syntax/ast.ts';
import { parse } from './syntax/parse.ts';

export type { Diagnostic, InspectReport, Listing, Program, StageName, TargetProfile };
export { CompileError, DEFAULT_PROFILE };

export interface SourceText {
  /** As shown in messages. */
  file: string;
  text: string;
}

export interface CompileOptions {
  /** Values of `let` constants: `--set NAME=VALUE`. */
  settings?: Record<string, string>;
  /** Replaces the program's seed. */
  seed?: number;
  /** The text of a file named by `use`; undefined where there is none. */
  resolve?: (path: string, from: string) => string | undefined;
  profile?: TargetProfile;
  /** Off: one kernel an operator. Default on. */
  fuse?: boolean;
  /** Which data column's expression each model input of `predict` goes through, by input name. */
  columns?: Record<string, string>;
}

export interface Compilation {
  program: Program;
  listing: Listing;
  warnings: Diagnostic[];
  /** The text of one stage. */
  stage(name: StageName): string;
  /** `inspect --json`. */
  report(): InspectReport;
}

function parseOrFail(source: SourceText): SourceFile {
  const { tree, diagnostics } = parse(source.text, source.file);
  if (diagnostics.some((d) => d.severity === 'error')) throw new CompileError(diagnostics);
  return tree;
}

function elaborateSource(
  source: SourceText,
  options: CompileOptions,
): { tree: SourceFile; program: Program } {
  const tree = parseOrFail(source);
  const standardLibrary = parseOrFail({ file: 'std.net', text: STANDARD_LIBRARY });
  return { tree, program: elaborate(tree, { ...options, standardLibrary }) };
}

/** Every error and warning of a program, up to differentiation; no kernels are made. */
export function check(source: SourceText, options: CompileOptions = {}): Diagnostic[] {
  try {
    const { program } = elaborateSource(source, options);
    for (const step of program.steps) expandGradients(step.train);
    return [];
  } catch (error) {
    if (error instanceof CompileError) return [...error.diagnostics];
    throw error;
  }
}

/** One routine through the passes to kernels, with every form it takes on the way. */
interface LoweredRoutine extends RoutineStages {
  draft: RoutineDraft;
  decisions: readonly FusionDecision[];
}

function lowerRoutine(routine: RoutineGraph, profile: TargetProfile, fuse: boolean): LoweredRoutine {
  const { graph: elaborated, ...rest } = routine;
  const expanded = expandGradients(elaborated);
  const optimized = optimizeGraph(expanded);
  const schedule = buildSchedule(optimized, { fuse, profile });
  const kernels = schedule.groups.map((group) =>
    lowerGroup(optimized, group, { profile, batch: routine.batch }),
  );
  kernels.forEach(verifyKernel);
  const draft = { ...rest, graph: optimized, kernels, inputs: usedInputs(optimized, routine.inputs) };
  return {
    name: routine.name,
    elaborated,
    expanded,
    optimized,
    kernels,
    draft,
    decisions: schedule.decisions,
  };
}

interface Plan {
  lowered: LoweredRoutine[];
  routines: PlannedRoutine[];
  places: Places;
  stored: StoredTensors;
}

/** Compiles a program to its listing. Throws CompileError with every diagnostic found. */
export function compile(source: SourceText, options: CompileOptions = {}): Compilation {
  const profile = options.profile ?? DEFAULT_PROFILE;
  const { tree, program } = elaborateSource(source, options);
  const layout = layoutSlabs(program, {
    bindingBytes: profile.bindingBytes,
    alignment: profile.offsetAlignment,
  });
  const updates = updatesOf(program, layout);
  const moments = updates.flatMap((update) => update?.moments ?? []);
  const scalars = updates.flatMap((update) => update?.scalars ?? []);
  const graphs = routineGraphs(program, layout, updates);

  const plan = (fuse: boolean): Plan => {
    const lowered = graphs.map((graph) => lowerRoutine(graph, profile, fuse));
    const places = new Places(profile);
    const stored = placeTensors(places, program, layout, moments);
    const memories = lowered.map(({ draft }) => draftMemory(draft, profile));
    const shared = planBuffers(places, memories);
    const routines = lowered.map(({ draft }, i) =>
      buildRoutine(draft, memories[i]!, places, shared, profile),
    );
    return { lowered, routines, places, stored };
  };

  const fuse = options.fuse ?? true;
  const { lowered, routines, places, stored } = plan(fuse);
  const listing = buildListing({ program, routines, places, stored, scalars, profile });
  return {
    program,
    listing,
    warnings: [],
    stage: (name) => printStage(name, { tree, lowered, routines, listing }),
    report: () =>
      buildReport({
        listing,
        routines,
        unfused: trainingCost(fuse ? plan(false).routines : routines),
        fusion: lowered.flatMap(({ name, decisions }) =>
          decisions.map(({ producer, consumer, fused, reason }) => ({
            producer: `${name}/v${producer}`,
            consumer: `${name}/v${consumer}`,
            fused,
            reason,
          })),
        ),
      }),
  };
}
