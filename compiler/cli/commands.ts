/** What a command is to the command line: its action, and the flags it gets beside the common ones. */
import type { Command } from 'commander';
import type { TrainCommandFlags } from '../../runtime/node/train-command.ts';
import type { StageName } from '../index.ts';
import type { Context } from './context.ts';
import type { CommonFlag, CommonFlags } from './flags.ts';

/** A command's action: positional arguments, all its flags, the context. Returns the exit code. */
export type Action<F> = (
  positional: readonly string[],
  flags: F,
  context: Context,
) => Promise<number> | number;

/** Adds a command with the common flags; the result takes flags of its own. */
export type AddCommand = <F extends CommonFlags>(
  syntax: CommandSyntax,
  description: string,
  run: Action<F>,
) => Command;

/** Of a command that only prints, that reads a program, compiles it, runs it. */
const PRINTS: readonly CommonFlag[] = ['json', 'quiet'];
const READS: readonly CommonFlag[] = ['set', ...PRINTS];
const COMPILES: readonly CommonFlag[] = ['seed', 'fuse', 'class', 'memory', ...READS];
const RUNS: readonly CommonFlag[] = ['device', ...COMPILES];

/** The common flags that each command heeds. */
export const HEEDED = {
  fmt: PRINTS,
  doctor: PRINTS,
  check: READS,
  export: READS,
  gradcheck: ['seed', ...READS],
  compile: ['data', ...COMPILES],
  inspect: RUNS,
  predict: RUNS,
  generate: RUNS,
  train: ['data', ...RUNS],
  eval: ['data', ...RUNS],
  bench: ['data', ...RUNS.filter((flag) => flag !== 'fuse')],
} as const satisfies Readonly<Record<string, readonly CommonFlag[]>>;

export type CommandName = keyof typeof HEEDED;
/** A command and what it takes: `check <files...>`. */
export type CommandSyntax = CommandName | `${CommandName} ${string}`;

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
