/** What a command is to the command line: its action, and the flags it gets beside the common ones. */
import type { Command } from 'commander';
import type { TrainCommandFlags } from '../../runtime/node/train-command.ts';
import type { StageName } from '../index.ts';
import type { Context } from './context.ts';
import type { CommonFlags } from './flags.ts';

/** A command's action: positional arguments, all its flags, the context. Returns the exit code. */
export type Action<F> = (
  positional: readonly string[],
  flags: F,
  context: Context,
) => Promise<number> | number;

/** Adds a command with the common flags; the result takes flags of its own. */
export type AddCommand = <F extends CommonFlags>(
  syntax: string,
  description: string,
  run: Action<F>,
) => Command;

export const STAGES = [
  'ast',
  'graph',
  'backward',
  'passes',
  'kernels',
  'plan',
  'memory',
  'wgsl',
  'host',
] as const satisfies readonly StageName[];

export interface FormatFlags extends CommonFlags {
  readonly check?: boolean;
}

export interface CompileFlags extends CommonFlags {
  readonly o: string;
  readonly for?: 'node' | 'browser' | 'both';
  readonly emit?: 'wgsl' | 'cpu' | 'both';
  readonly single?: boolean;
  readonly withoutData?: boolean;
  readonly infer?: boolean;
  readonly weights?: string;
}

export type TrainFlags = CommonFlags & TrainCommandFlags;

export interface EvalFlags extends CommonFlags {
  readonly weights: string;
  readonly split?: string;
}

export interface ExportFlags extends CommonFlags {
  readonly weights: string;
  readonly onnx: string;
  readonly model?: string;
}

export interface PredictFlags extends CommonFlags {
  readonly model?: string;
  readonly weights?: string;
  readonly input?: readonly string[];
  /** How many records, of inputs that are not given. */
  readonly random?: number;
  readonly o: readonly string[];
  readonly asIs?: boolean;
}

export interface GenerateFlags extends CommonFlags {
  readonly model?: string;
  readonly weights: string;
  readonly prompt: string;
  readonly tokens: number;
  readonly temperature: number;
  readonly topK?: number;
}

export interface BenchFlags extends CommonFlags {
  readonly steps?: number;
}

export interface InspectFlags extends CommonFlags {
  readonly stage?: (typeof STAGES)[number];
  readonly o?: string;
}
