/** The part of `trainer.d.ts` or `predictor.d.ts` that is the same for every program. */

/** Of inputs, predictions and failures; `name` as in `TrainerFailure`. */
const commonTypes = (name: string): string => `
/** Whole numbers, each checked where it is given. */
export type Integers = Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | readonly number[];

export interface Prediction<A> {
  readonly name: string;
  /** The records come first. */
  readonly shape: number[];
  readonly dtype: 'f32' | 'f16' | 'i32' | 'u32' | 'bool';
  readonly data: A;
}

/** Thrown for everything that is wrong with what was given, and for what happens to the device. */
export interface ${name}Failure extends Error {
  readonly diagnostic: { readonly code: string; readonly message: string; readonly help?: string };
}
`;

export const TRAINER_TYPES = `${commonTypes('Trainer')}
/** A step on its way. */
export interface Step<M> {
  /** From 1. */
  readonly step: number;
  /** Before the update. Rejects where the device failed. */
  readonly loss: Promise<number>;
  /** The loss and every metric. */
  readonly metrics: Promise<M>;
}

export interface TrainerOptions {
  /**
   * Where to run: \`auto\` takes a GPU, else the CPU's kernels where there are any. A GPUDevice stays open; it runs the kernels
   * of its adapter's class, as far as the limits go that it was opened with (large: ten storage buffers a shader stage).
   */
  device?: 'auto' | 'gpu' | 'cpu' | object;
  /** Instead of the program's: decides the initial weights and every random number. */
  seed?: number;
  /** A safetensors file to start from. */
  weights?: Uint8Array | ArrayBuffer;
  /** They must be those the trainer was compiled with. */
  set?: Settings;
  /** Records of the training data, for learning rates that depend on the length of an epoch. */
  records?: number;
  /** Aborted: creation and every later call throw its reason. */
  signal?: AbortSignal;
}

export interface TrainerBase {
  /** The device's name, for people. */
  readonly device: string;
  readonly backend: 'webgpu' | 'cpu';
  /** Bytes of device memory. */
  readonly memoryBytes: number;
  /** Steps done so far. */
  readonly steps: number;
  /** Resolves when the device is lost, with the reason. */
  readonly lost: Promise<TrainerFailure>;
  /** The weights as a safetensors file, the same that \`netc train\` writes. */
  save(): Promise<Uint8Array>;
  /** Starts anew from the weights of a safetensors file. Refused, as \`step\` is, while something reads the weights. */
  load(weights: Uint8Array): void;
  /** Waits until everything submitted is done. */
  finished(): Promise<void>;
  /** Frees memory and device. */
  dispose(): void;
}

export declare function createTrainer(options?: TrainerOptions): Promise<Trainer>;
`;

export const PREDICTOR_TYPES = `${commonTypes('Predictor')}
export interface PredictorOptions {
  /** Where to run: \`auto\` takes a GPU, else the CPU's kernels where there are any. A GPUDevice stays open. */
  device?: 'auto' | 'gpu' | 'cpu' | object;
  /** Instead of the program's: decides random numbers of the models, where they have any. */
  seed?: number;
  /** A safetensors file. It may be left out where weights were compiled in. */
  weights?: Uint8Array | ArrayBuffer;
  /** They must be those the predictor was compiled with. */
  set?: Settings;
  /** Aborted: creation and every later call throw its reason. */
  signal?: AbortSignal;
}

export interface PredictorBase {
  /** The device's name, for people. */
  readonly device: string;
  readonly backend: 'webgpu' | 'cpu';
  /** Bytes of device memory. */
  readonly memoryBytes: number;
  /** Resolves when the device is lost, with the reason. */
  readonly lost: Promise<PredictorFailure>;
  /** Takes the weights of another safetensors file. */
  load(weights: Uint8Array): void;
  /** Waits until everything submitted is done. */
  finished(): Promise<void>;
  /** Frees memory and device. */
  dispose(): void;
}
`;
