/**
 * The compiler's only public entry: source text in, a compilation out. Pure: no files, no clock, no
 * environment. The order of the passes stands in compile-program.ts.
 */
import type { Listing } from '../runtime/plan-format.ts';
import { expandGradients } from './autodiff/gradient.ts';
import { expandedAttention } from './choose-attention.ts';
import { compileProgram, type CompiledProgram } from './compile-program.ts';
import { CompileError, type Diagnostic } from './diagnostics.ts';
import { buildReport, predictionCost, trainingCost, type Cost, type InspectReport } from './host/report.ts';
import { printStage, type StageName, type Stages } from './host/stages.ts';
import { CPU_PROFILE, DEFAULT_PROFILE, profileOfClass, type TargetProfile } from './kernel/profile.ts';
import type { LoweredRoutine } from './lower-routine.ts';
import { checkModels } from './predictable-models.ts';
import { elaborate } from './semantics/elaborate.ts';
import { standardLibrary } from './semantics/library.ts';
import type { Program } from './semantics/program.ts';
import type { SourceFile } from './syntax/ast.ts';
import { parse } from './syntax/parse.ts';

export type { Diagnostic, InspectReport, Listing, Program, StageName, TargetProfile };
export { CompileError, CPU_PROFILE, DEFAULT_PROFILE, profileOfClass };

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
  /** Bytes that the intermediates may take; values are worked out again where that saves enough (E0606 where not). */
  memory?: number;
  /** Off: the models' own routines are left out, which a run of training or evaluation does not need. Default on. */
  predictions?: boolean;
  /**
   * The models alone, forward, for where weights do not change: what depends on them alone is computed once. Default off.
   * E0306 where no model can predict.
   */
  infer?: boolean;
  /** Which data column's expression each model input of `predict` goes through, by input name. */
  columns?: Record<string, string>;
}

/** The stages with the decisions of the fuser. */
export interface CompiledStages extends Stages {
  readonly lowered: readonly LoweredRoutine[];
}

export interface Compilation {
  program: Program;
  listing: Listing;
  warnings: Diagnostic[];
  /** What every stage made of the program. */
  stages: CompiledStages;
  /** The text of one stage. */
  stage(name: StageName): string;
  /**
   * Kernels of one round of the training steps (with `infer`: of one prediction), a loop's turns counted once, and the
   * bytes they move.
   */
  cost(): Cost;
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
  return { tree, program: elaborate(tree, { ...options, standardLibrary: standardLibrary() }) };
}

/** The program as it was checked, before any kernel is made. With `infer` it has a model. Throws CompileError. */
export function checkedProgram(source: SourceText, options: CompileOptions = {}): Program {
  const { tree, program } = elaborateSource(source, options);
  if (options.infer) checkModels(tree, program);
  return program;
}

/** Every error and warning of a program, up to differentiation; no kernels are made. */
export function check(source: SourceText, options: CompileOptions = {}): Diagnostic[] {
  try {
    const { program } = elaborateSource(source, options);
    for (const step of program.steps) expandGradients(step.train);
    return program.warnings;
  } catch (error) {
    if (error instanceof CompileError) return [...error.diagnostics];
    throw error;
  }
}

/** Compiles a program to its listing. Throws CompileError with every diagnostic found. */
export function compile(source: SourceText, options: CompileOptions = {}): Compilation {
  const { profile = DEFAULT_PROFILE, fuse = true, predictions = true, memory, infer = false } = options;
  const { tree, program } = elaborateSource(source, options);
  if (infer) checkModels(tree, program);
  const compiled = compileProgram(program, { profile, fuse, predictions, memory, infer });
  const costOf = infer ? predictionCost : trainingCost;
  const { listing, lowered, routines } = compiled;
  const stages = { tree, lowered, routines, listing };
  const unfused = (): CompiledProgram =>
    fuse ? compileProgram(program, { profile, fuse: false, predictions: infer, infer }) : compiled;
  return {
    program,
    listing,
    warnings: program.warnings,
    stages,
    stage: (name) => printStage(name, stages),
    cost: () => costOf(routines),
    report: () =>
      buildReport({
        listing,
        routines,
        unfused: costOf(unfused().routines),
        fusion: [
          ...expandedAttention(program, { profile, fuse }).map(({ graph, source, reason }) => ({
            producer: `${graph}/scores`,
            consumer: `${graph}/attention${source ? ` at ${source.file}:${source.line}` : ''}`,
            fused: false,
            reason,
          })),
          ...lowered.flatMap(({ name, decisions }) =>
            decisions.map(({ producer, consumer, fused, reason }) => ({
              producer: `${name}/v${producer}`,
              consumer: `${name}/v${consumer}`,
              fused,
              reason,
            })),
          ),
        ],
      }),
  };
}
