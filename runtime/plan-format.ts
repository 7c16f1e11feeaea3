/**
 * The contract between the compiler and the runtime: the listing that a compilation ends in, the raw data
 * it expects, and the diagnostic record. Types only; nothing here runs, and nothing is imported.
 *
 * A listing is plain JSON: `netc train` hands it over in memory, `netc compile` prints it into a module.
 */

export type DType = 'f32' | 'f16' | 'i32' | 'u32' | 'bool';

/** A place in a source text: lines and columns count from 1, the end is exclusive. */
export interface Span {
  file: string;
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
}

/** One error or warning for the user. `code` is a key of the code table in compiler/diagnostics.ts. */
export interface Diagnostic {
  severity: 'error' | 'warning';
  code: string;
  message: string;
  /** Absent where no source text is at fault (a data file, a command line). */
  span?: Span;
  /** What to do about it; one or more lines. */
  help?: string;
  related?: { message: string; span: Span }[];
}

/** Roles of buffers, the pools of the memory plan. Only `activations` may appear several times. */
export type BufferRole =
  | 'parameters' | 'gradients' | 'accumulators' | 'optimizer' | 'averages' | 'states' | 'prepared'
  | 'activations' | 'inputs' | 'results'; // prettier-ignore

export interface BufferSpec {
  /** Also the pool's name in plan.json, for example `activations_0`. */
  name: string;
  role: BufferRole;
  bytes: number;
}

export type Access = 'read' | 'read_write';

export interface ListedKernel {
  id: string;
  name: string;
  /** WGSL source; identical sources share a pipeline. The entry point is `main`. Empty in a listing for the CPU. */
  code: string;
  /** One storage binding each, at @group(0) @binding(i); the uniform block follows as the last binding. */
  access: Access[];
  uniform: boolean;
  /**
   * Present in the body of a loop where the kernel asks for the number of the turn. An entry a loop, ascending: how
   * many loops are around that one. Each is a uniform binding behind all others, a u32 at a dynamic offset of 256
   * times the number.
   */
  turns?: number[];
  workgroup: [number, number, number];
}

/** A range of a buffer. `offset` is a multiple of 256. */
export interface BufferRange {
  /** Index into `Listing.buffers`. */
  buffer: number;
  offset: number;
  bytes: number;
}

export interface DispatchCommand {
  kind: 'dispatch';
  /** Index into `Listing.kernels`. */
  kernel: number;
  groups: [number, number, number];
  bindings: BufferRange[];
  /** Operators and source lines, for readers. */
  comment: string;
}

/** A repeated run of commands: the turns of a `scan`, numbered from 0. A body may hold loops of its own. */
export interface LoopCommand {
  kind: 'loop';
  count: number;
  body: Command[];
}

export type Command = DispatchCommand | LoopCommand;

/** A tensor the host writes before a routine runs. Records lie one after another, without padding. */
export interface RoutineInput {
  /** The raw field of the data (a key of `DataSpec.fields`), or the model's input for predict. */
  name: string;
  range: BufferRange;
  /** Elements of one record, and the type they are stored as (`u8`: four a word). */
  recordShape: number[];
  storage: StorageType;
}

export type StorageType = 'f32' | 'i32' | 'u32' | 'u8';

/** A tensor the host may read after a routine: a loss, a metric, a prediction. */
export interface RoutineOutput {
  name: string;
  dtype: DType;
  range: BufferRange;
  /** Shape of one record when `perRecord`, else the whole shape ([] for a scalar). */
  shape: number[];
  perRecord: boolean;
}

/** A fixed sequence of dispatches: one compute pass. */
export interface Routine {
  name: string;
  /** Records in the largest batch; the number at hand goes into the uniform block. */
  batch: number;
  /** False: every run has exactly `batch` records. */
  dynamicBatch: boolean;
  /** Of an evaluation or prediction: the place in the program that asks for a batch of this very size. */
  fixedBy?: Span;
  inputs: RoutineInput[];
  commands: Command[];
  outputs: RoutineOutput[];
}

/**
 * The uniform block, rewritten before each submit:
 * u32 seed, u32 draw (number of this batch in the run, for random numbers), u32 batch, u32 zero,
 * then `scalars` as f32 each; padded to 16 bytes.
 */
export interface UniformSpec {
  bytes: number;
  scalars: ScalarSpec[];
}

/** A number the host computes for every step, in double precision. t = s + 1. */
export interface ScalarSpec {
  name: string;
  /** Index into `Listing.steps`. */
  step: number;
  formula: ScalarFormula;
}

export type ScalarFormula =
  | { kind: 'schedule'; schedule: Schedule }
  /** 1 - beta^t */
  | { kind: 'bias_correction'; beta: number }
  /** 1 in the first run of the step, then 0: starts the momentum buffer with the gradient itself. */
  | { kind: 'is_first_run' };

/**
 * Learning rates, LANGUAGE.md section 5. `over: null` is the number of runs of this step in the whole
 * program; `every`, `warmup`, `over` may be in epochs, which the runtime turns into runs.
 */
export type Schedule =
  | { type: 'constant'; value: number }
  | { type: 'cosine'; base: number; to: number; warmup: Duration; over: Duration | null }
  | { type: 'linear'; base: number; to: number; warmup: Duration; over: Duration | null }
  | { type: 'exponential'; base: number; decay: number }
  | { type: 'steps'; base: number; every: Duration; factor: number }
  | { type: 'inverse'; base: number; decay: number }
  | { type: 'one_cycle'; peak: number; over: Duration | null; start: number; to: number; rise: number }
  | { type: 'plateau'; base: number; watch: string; goal: 'min' | 'max'; factor: number; patience: number };

export interface Duration {
  count: number;
  unit: 'step' | 'epoch';
}

export type Initializer =
  | { kind: 'zeros' }
  | { kind: 'ones' }
  | { kind: 'constant'; value: number }
  | { kind: 'uniform'; low: number; high: number }
  | { kind: 'normal'; std: number }
  | { kind: 'truncated_normal'; std: number }
  | { kind: 'glorot' | 'glorot_normal' | 'he' | 'he_normal'; fanIn: number; fanOut: number }
  | { kind: 'orthogonal' };

/** A weight, a layer state or an optimizer tensor in its place. All are f32. */
export interface StoredTensor {
  name: string;
  shape: number[];
  range: BufferRange;
}

export interface ParameterSpec extends StoredTensor {
  initializer: Initializer;
  span: Span;
}

export interface StepListing {
  /** Absent for the unnamed step. */
  name?: string;
  /** Runs in a row. */
  times: number;
  /** Index of the routine that computes loss, metrics and gradients of one batch. */
  gradient: number;
  /** Index of the routine that adds the gradients into the accumulators (only with accumulate > 1). */
  accumulate?: number;
  /** Index of the routine that applies the update; absent for a step without `minimize`. */
  update?: number;
  /** Index of the routine that computes loss and metrics in evaluation mode. */
  evaluate: number;
  /** The same by the averaged weights (only with `ema`). */
  evaluateAverages?: number;
  /** Half precision: the gradients in memory are those of the loss times a scale. */
  lossScale?: LossScaleSpec;
  /** Outputs in order: `loss` first where there is one, then the metrics. */
  metrics: MetricSpec[];
}

/** The scale is one of the tensors of `Listing.optimizer`; 0 there stands for `first`. */
export interface LossScaleSpec {
  name: string;
  first: number;
  /** No smaller scale is tried for gradients that are not finite. */
  smallest: number;
}

export interface MetricSpec {
  name: string;
  /** The routine output it is read from. */
  output: string;
  /** Applied to the mean over the split (and to the batch's value): `perplexity(loss)` is exp. */
  after: 'identity' | 'exp';
}

export interface FieldSpec {
  /** A name of the program, or the call that reads it: `column("age")`. */
  name: string;
  /** Shape of one record as the program declares it. */
  shape: number[];
  /** As uploaded. `idx` and bytes of a text are u8; everything else is converted to the declared dtype. */
  storage: StorageType;
  /** Upper bound (exclusive) of what may stand in it, where the program tells: labels of C classes. */
  below?: number;
  /** What of a source it is. */
  origin: FieldOrigin;
  span: Span;
}

export type FieldOrigin =
  /** idx, npy, npz: the file or the array of its name. */
  | { kind: 'array' }
  /** csv: cells as numbers, one an element. */
  | { kind: 'columns'; columns: CsvColumn[] }
  /** csv: the cells of `count` columns side by side, from `first` on. */
  | { kind: 'column_range'; first: CsvColumn; count: number }
  /** csv: cells as codes; the categories are those of the training split. */
  | { kind: 'category'; column: CsvColumn }
  /** text: record r holds `length` tokens from r * stride + shift on. */
  | { kind: 'window'; length: number; shift: number; stride: number };

/** By the name in the header, or by position: from 0, from the end where negative. */
export type CsvColumn = string | number;

/** `words` without a limit: every word of the training text. */
export type TokensSpec = { kind: 'chars' } | { kind: 'bytes' } | { kind: 'words'; limit?: number };

/** A path as the program writes it, relative to the program's file (or to --data). */
export interface FileReference {
  path: string;
  span: Span;
}

/** `split`: `train`, `valid`, `test`, another name, or `all`. */
export type DataSource = { split: string; span: Span } & SourceFiles;

export type SourceFiles =
  | { format: 'idx' | 'npy'; files: (FileReference & { field: string })[] }
  | { format: 'npz'; file: FileReference }
  | { format: 'csv'; file: FileReference; header: boolean; delimiter: string }
  | { format: 'text'; file: FileReference; tokens: TokensSpec };

export interface DataSpec {
  name: string;
  sources: DataSource[];
  /** Shares taken out of `train` (or of `all`), in order: records at random, of a text its tail. */
  splits: { split: string; share: number; span: Span }[];
  fields: FieldSpec[];
  batch: number;
  shuffle: boolean;
  span: Span;
}

export type SaveSpec =
  /** `watch` is `valid.loss`, `valid.accuracy`, `valid.critic.loss`; losses are to be small, the rest large. */
  | { kind: 'best'; watch: string; goal: 'min' | 'max'; to: string }
  | { kind: 'every'; every: Duration; to: string; keep?: number };

export interface TrainingSpec {
  /** Exactly one of the two. */
  epochs?: number;
  steps?: number;
  seed: number;
  accumulate: number;
  /** Averaged weights: average += (1 - ema) (weight - average) after every update. */
  ema?: number;
  evaluate?: { every: Duration; batches?: number };
  save: SaveSpec[];
  stop?: { watch: string; goal: 'min' | 'max'; patience: number; restore: boolean };
}

/**
 * Mean and deviation of a tensor over the training split. The routine computes the tensor; the host takes its
 * statistics and writes them into two states, unless the weights that a run starts from have them.
 */
export interface StandardizeSpec {
  /** The output of the routine, one value a record. */
  output: string;
  /** Axes of a record (the batch not counted) with statistics of their own; over all others they are taken. */
  per: number[];
  /** Names of the states. A deviation of 0 is kept as 1. */
  mean: string;
  deviation: string;
  span: Span;
}

export interface ModelListing {
  name: string;
  /** Index of the routine that runs the model forward in evaluation mode. */
  predict: number;
  /**
   * Index of the routine that computes what depends on weights alone, for `predict` to read: it is run whenever weights
   * were written, before the next prediction. Absent where there is nothing, and in listings that train.
   */
  prepare?: number;
}

/** The program for the CPU: every routine in one WebAssembly module, every buffer in one memory. */
export interface CpuModule {
  /**
   * WebAssembly, in base64 or as bytes. Imports `env.memory`, a shared memory. Exports `routine<i>(thread, threads, scratch)`, to be
   * called by each of the threads with its number and the address of its scratch memory, and `meet(threads)`, which
   * returns when all threads have called it. A routine ends with a meeting.
   */
  module: string | Uint8Array<ArrayBuffer>;
  /** Address of the uniform block. */
  uniform: number;
  /** Address of each buffer of the listing. */
  buffers: number[];
  /** Bytes of memory up to the end of the buffers. */
  bytes: number;
  /** Scratch memory of one thread; it starts at a multiple of 256. */
  scratchBytes: number;
}

export interface Listing {
  format: 1;
  /** Base name of the source file without `.net`. */
  program: string;
  /** The source file's name as given. */
  source: string;
  /** Values of the program's `let`s, as they were compiled in; absent where there are none. */
  constants?: Record<string, number | boolean | string>;
  buffers: BufferSpec[];
  kernels: ListedKernel[];
  /** Present in a listing for the CPU, absent in one for WebGPU. */
  cpu?: CpuModule;
  /** WebGPU features that the kernels need, for example `shader-f16`; absent: none. */
  features?: string[];
  routines: Routine[];
  uniform: UniformSpec;
  parameters: ParameterSpec[];
  /** Layer state (running statistics): place, and how it starts. */
  states: (StoredTensor & { initializer: Initializer })[];
  /** Moments, one a parameter and kind, named `<parameter>:<kind>`, for checkpoints. */
  optimizer: StoredTensor[];
  /** Averaged weights, one a parameter and in their order, named `ema:<parameter>`; only with `ema`. */
  averages?: StoredTensor[];
  steps: StepListing[];
  models: ModelListing[];
  data?: DataSpec;
  /** Absent where nothing is standardized. */
  standardize?: { routine: number; tensors: StandardizeSpec[] };
  training?: TrainingSpec;
}
