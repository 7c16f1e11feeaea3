/**
 * The compiler's only public entry: source text in, a compilation out. Pure: no files, no clock, no
 * environment. The passes run in the order they stand in here.
 */
import type { Listing, ScalarSpec } from '../runtime/plan-format.ts';
import { expandGradients } from './autodiff/gradient.ts';
import { CompileError, type Diagnostic } from './diagnostics.ts';
import type { Graph } from './graph/ir.ts';
import { buildListing } from './host/listing.ts';
import { buildReport, trainingCost, type InspectReport } from './host/report.ts';
import { printStage, type StageName, type Stages } from './host/stages.ts';
import { lowerGroup } from './kernel/lower.ts';
import { DEFAULT_PROFILE, type TargetProfile } from './kernel/profile.ts';
import { verifyKernel } from './kernel/verify.ts';
import { layoutSlabs } from './optimizer/slabs.ts';
import { buildAccumulate, buildUpdate, type MomentDeclaration } from './optimizer/update.ts';
import { optimizeGraph } from './passes/pipeline.ts';
import { buildRoutine, draftMemory, type PlannedRoutine, type RoutineDraft } from './plan/build-routine.ts';
import { placeTensors } from './plan/place-tensors.ts';
import { Places } from './plan/places.ts';
import { planBuffers } from './plan/plan-buffers.ts';
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

/** Batch of `predict` in a program without data. */
const PREDICT_BATCH = 64;

function parseOrFail(source: SourceText): SourceFile {
  const { tree, diagnostics } = parse(source.text, source.file);
  if (diagnostics.some((d) => d.severity === 'error')) throw new CompileError(diagnostics);
  return tree;
}

function elaborateSource(source: SourceText, options: CompileOptions): { tree: SourceFile; program: Program } {
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

/** A graph on its way to kernels, with the forms it takes. */
interface GraphDraft extends Omit<RoutineDraft, 'kernels' | 'graph'> {
  elaborated: Graph;
}

function graphsOf(program: Program, updates: (Graph | undefined)[], accumulates: (Graph | undefined)[]): GraphDraft[] {
  const fields = (program.data?.fields ?? []).map(({ name, shape, storage }) => ({ name, recordShape: shape, storage }));
  const batch = program.data?.batch ?? PREDICT_BATCH;
  const drafts: GraphDraft[] = [];
  program.steps.forEach((step, s) => {
    const label = step.name ?? 'step';
    const common = { batch, dynamicBatch: false, step: step.name };
    drafts.push({ ...common, name: label, role: 'gradient', elaborated: step.train, inputs: fields });
    const [accumulate, update] = [accumulates[s], updates[s]];
    if (accumulate)
      drafts.push({ ...common, name: `${label}.accumulate`, role: 'accumulate', elaborated: accumulate, inputs: [] });
    if (update) drafts.push({ ...common, name: `${label}.update`, role: 'update', elaborated: update, inputs: [] });
  });
  program.steps.forEach((step) => {
    const name = `${step.name ?? 'step'}.evaluate`;
    const common = { batch, dynamicBatch: true, step: step.name, inputs: fields };
    drafts.push({ ...common, name, role: 'evaluate', elaborated: step.evaluate });
  });
  for (const model of program.models) {
    const inputs = model.inputs.map(({ name, shape, storage }) => ({ name, recordShape: shape, storage }));
    const common = { batch, dynamicBatch: true, inputs };
    drafts.push({ ...common, name: `${model.name}.predict`, role: 'predict', elaborated: model.predict });
  }
  return drafts;
}

/** A field that no kernel of the routine reads is not uploaded for it. */
function usedInputs(graph: Graph, inputs: RoutineDraft['inputs']): RoutineDraft['inputs'] {
  const used = new Set(graph.nodes.flatMap((node) => (node.op === 'input' ? [node.attributes.name] : [])));
  return inputs.filter((input) => used.has(input.name));
}

/** Compiles a program to its listing. Throws CompileError with every diagnostic found. */
export function compile(source: SourceText, options: CompileOptions = {}): Compilation {
  const profile = options.profile ?? DEFAULT_PROFILE;
  const fuse = options.fuse ?? true;
  const { tree, program } = elaborateSource(source, options);
  const accumulate = program.training?.accumulate ?? 1;

  const layout = layoutSlabs(program, { bindingBytes: profile.bindingBytes, alignment: profile.offsetAlignment });
  const updates = program.steps.map((step, s) => buildUpdate(step, s, layout, accumulate > 1));
  const accumulates = program.steps.map((step, s) =>
    accumulate > 1 && step.minimizes.length > 0 ? buildAccumulate(step, s, layout, accumulate) : undefined,
  );
  const moments: MomentDeclaration[] = updates.flatMap((update) => update?.moments ?? []);
  const scalars: ScalarSpec[] = updates.flatMap((update) => update?.scalars ?? []);

  const stages: Stages = { tree, routines: [], fusion: [] };
  const planWith = (fuse: boolean, record: boolean): { routines: PlannedRoutine[]; places: Places; decisions: FusionDecision[][] } => {
    const decisions: FusionDecision[][] = [];
    const drafts = graphsOf(program, updates.map((u) => u?.graph), accumulates).map(({ elaborated, ...draft }) => {
      const expanded = expandGradients(elaborated);
      const graph = optimizeGraph(expanded);
      const schedule = buildSchedule(graph, { fuse, profile });
      decisions.push([...schedule.decisions]);
      const kernels = schedule.groups.map((group) => lowerGroup(graph, group, { profile, batch: draft.batch }));
      kernels.forEach(verifyKernel);
      if (record) stages.routines.push({ name: draft.name, role: draft.role, elaborated, expanded, optimized: graph, kernels });
      return { ...draft, inputs: usedInputs(graph, draft.inputs), graph, kernels };
    });
    const places = new Places(profile);
    const stored = placeTensors(places, program, layout, moments);
    const memories = drafts.map((draft) => draftMemory(draft, profile));
    const shared = planBuffers(places, memories);
    const routines = drafts.map((draft, i) => buildRoutine(draft, memories[i]!, places, shared, profile));
    if (record) stages.stored = stored;
    return { routines, places, decisions };
  };

  const { routines, places, decisions } = planWith(fuse, true);
  const listing = buildListing({ program, routines, places, stored: stages.stored!, scalars, profile });
  return {
    program,
    listing,
    warnings: [],
    stage: (name) => printStage(name, stages, routines, listing),
    report: () =>
      buildReport({
        listing,
        routines,
        unfused: trainingCost(fuse ? planWith(false, false).routines : routines),
        fusion: decisions.flatMap((list, r) =>
          list.map((d) => ({
            producer: `${routines[r]!.name}/v${d.producer}`,
            consumer: `${routines[r]!.name}/v${d.consumer}`,
            fused: d.fused,
            reason: d.reason,
          })),
        ),
      }),
  };
}
