/** What the playground's page and its two workers tell each other. */
import type { ProgramSummary } from '../../runtime/browser/messages.ts';
import type { Diagnostic } from '../../runtime/plan-format.ts';
import type { SourceText } from '../index.ts';
import type { ReferenceWord } from '../reference/words.ts';

/** What kernels are shown for: those this browser's device would run, or a class of devices. */
export const SHOWN_TARGETS = ['here', 'software', 'small', 'large'] as const;
export type ShownTarget = (typeof SHOWN_TARGETS)[number];

/** Views of a compilation that the compiler's worker prints. */
export const PRINTED_VIEWS = ['graph', 'kernels', 'memory', 'wgsl', 'stages'] as const;
export type PrintedView = (typeof PRINTED_VIEWS)[number];

/** `id` counts upwards: what a later request has overtaken is left alone. */
export type CompilerRequest =
  | { kind: 'compile'; id: number; source: SourceText; target: ShownTarget }
  /** A view of the newest compilation. */
  | { kind: 'print'; view: PrintedView }
  | { kind: 'format'; source: SourceText };

/** The first message of each worker: what was posted to it before would have been lost. */
export interface Listening {
  kind: 'listening';
}

export type CompilerAnswer =
  | { kind: 'ready'; words: readonly ReferenceWord[] }
  | {
      kind: 'compiled';
      id: number;
      /** Errors and warnings. */
      diagnostics: readonly Diagnostic[];
      /** Absent where there are errors. */
      compiled?: CompiledSummary;
    }
  | { kind: 'printed'; view: PrintedView; html: string }
  /** The text laid out; absent where it has errors. */
  | { kind: 'formatted'; from: string; text?: string };

export interface CompiledSummary {
  about: ProgramSummary;
  /** Why it cannot be trained as it is, if so. */
  untrainable?: string;
  /** Dispatches in a round of the training steps. */
  kernels: number;
  milliseconds: number;
  /** What the kernels are for, in words. */
  target: string;
}

/** To the worker that trains, before any message of the training panel. */
export interface TrainedProgram {
  kind: 'program';
  source: SourceText;
  about: ProgramSummary;
  /** The page's own address: the data of the examples lies beside it. */
  base: string;
}
