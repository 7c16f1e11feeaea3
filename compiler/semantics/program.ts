/**
 * What semantics hands on: the checked program. Tensors are graphs; everything else is plain data.
 * Gradients are still `gradient` nodes, which autodiff expands.
 */
import type {
  DataSpec,
  Diagnostic,
  DType,
  Initializer,
  MetricSpec,
  Schedule,
  Span,
  StandardizeSpec,
  StorageType,
  TrainingSpec,
} from '../../runtime/plan-format.ts';
import type { Graph } from '../graph/ir.ts';

export interface Program {
  /** Base name of the file without `.net`. */
  name: string;
  source: string;
  /** Values of the `let`s, as far as they are numbers, truth values or texts. */
  constants?: Record<string, number | boolean | string>;
  /** In order of first use; all f32 with fixed sizes. */
  parameters: ParameterDeclaration[];
  states: StateDeclaration[];
  data?: DataSpec;
  /** Absent where nothing is standardized. */
  statistics?: StatisticsProgram;
  training?: TrainingSpec;
  /** Of the computation in steps and models; weights are f32 in either. */
  precision: 'f32' | 'f16';
  steps: StepProgram[];
  models: ModelProgram[];
  /** What is probably not meant, in the order of the text. */
  warnings: Diagnostic[];
}

export interface ParameterDeclaration {
  name: string;
  shape: number[];
  initializer: Initializer;
  span: Span;
}

export interface StateDeclaration {
  name: string;
  shape: number[];
  initializer: Initializer;
  span: Span;
}

export interface StepProgram {
  name?: string;
  times: number;
  /**
   * Fixed batch. Outputs: `loss` and the metrics as `result` (shape []), and for each moved parameter
   * `gradient` under the parameter's name, the value being a `gradient` node.
   */
  train: Graph;
  /** The same step in evaluation mode, over a batch of symbolic size unless `fixedBy` is there; results only. */
  evaluate: Graph;
  /** What asks for a batch of the size that training has. */
  fixedBy?: Span;
  metrics: MetricSpec[];
  minimizes: MinimizeProgram[];
  span: Span;
}

/**
 * The output of a step's graph that is a parameter's gradient. Of several `minimize` of the step that move it, the first
 * has `mover` 0.
 */
export const gradientOutput = (parameter: string, mover: number): string =>
  mover === 0 ? parameter : `${parameter}#${mover}`;

export interface MinimizeProgram {
  /** Parameter names, in program order. */
  parameters: string[];
  transforms: GradientTransform[];
  optimizer: Optimizer;
  span: Span;
}

export type GradientTransform =
  | { kind: 'clip_value'; limit: number }
  | { kind: 'clip_norm'; limit: number }
  /** Adds rate * w to the gradient of the parameters listed. */
  | { kind: 'decay'; rate: number; parameters: string[] };

/** LANGUAGE.md section 5; PyTorch's update rules. `decayed` lists the parameters that decay touches. */
export type Optimizer =
  | { kind: 'sgd'; lr: Schedule; momentum: number; nesterov: boolean }
  | { kind: 'adam'; lr: Schedule; betas: [number, number]; eps: number }
  | { kind: 'adamw'; lr: Schedule; betas: [number, number]; eps: number; decay: number; decayed: string[] }
  | { kind: 'rmsprop'; lr: Schedule; alpha: number; eps: number }
  | { kind: 'adagrad'; lr: Schedule; eps: number }
  | { kind: 'adadelta'; lr: Schedule; rho: number; eps: number }
  | { kind: 'lion'; lr: Schedule; betas: [number, number]; decay: number };

/** The tensors of data columns whose mean and deviation are wanted: results over a symbolic batch. */
export interface StatisticsProgram {
  graph: Graph;
  tensors: StandardizeSpec[];
}

export interface ModelProgram {
  name: string;
  inputs: { name: string; shape: number[]; dtype: DType; storage: StorageType }[];
  /** Forward in evaluation mode over a symbolic batch, or a fixed one; one `result` output a declared output. */
  predict: Graph;
  /** What asks for a batch of the size that the data has. */
  fixedBy?: Span;
  outputs: string[];
  span: Span;
}
