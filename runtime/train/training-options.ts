/** What a training run needs from outside, and how it ended. Time, files and output are the host's. */
import type { Dataset } from '../data/dataset.ts';
import type { Listing } from '../plan-format.ts';
import type { StepRunner } from '../step-runner.ts';
import type { Evaluation } from './evaluate.ts';
import type { Progress, TrainEvent } from './events.ts';
import type { KeepOptions, RunProgress } from './run-progress.ts';

export interface LoopOptions {
  listing: Listing;
  runner: StepRunner;
  dataset: Dataset;
  /** For the `start` event. */
  device: { name: string; backend: 'webgpu' | 'cpu' };
  seed: number;
  compileSeconds: number;
  /** Seconds; any zero point. */
  clock: () => number;
  /** When the process started, by `clock`. */
  processStart: number;
  emit: (event: TrainEvent) => void;
  progress?: (progress: Progress) => void;
  /** Step events: the first step, every `logEvery`-th, the last. */
  logEvery: number;
  /** Steps whose values are read, for `progress` and to notice a broken loss, though no event tells them. */
  readEvery?: number;
  /** `--steps`: stops after so many steps. */
  maxSteps?: number;
  /** Aborted: the step in flight is finished, weights are saved, the run ends. */
  signal?: AbortSignal;
  /** A break between two steps, where somebody wants one. */
  interlude?: Interlude;
  writeFile: (path: string, bytes: Uint8Array) => Promise<void>;
  removeFile?: (path: string) => Promise<void>;
  /** The state of the run is kept in a file, at evaluations, now and then, and at the end. */
  keep?: KeepOptions;
  /** Goes on with a run that was kept; its tensors are in place. */
  resume?: RunProgress;
  /** Weights at the end of the run are written here. */
  finalPath?: string;
  /** Weights of an interrupted run are written here; by default `finalPath`, else `<program>-interrupted.safetensors`. */
  interruptPath?: string;
}

/** Between steps a run can be held up, and its weights looked at. The time of it counts for no rate. */
export interface Interlude {
  /** Asked before every step. */
  wanted(): boolean;
  /** The run goes on when this settles. `weights` gives the bytes of a weights file as of `step`. */
  hold(step: number, weights: () => Promise<Uint8Array>): Promise<void>;
}

export interface TrainResult {
  steps: number;
  /** Ended by the signal. */
  interrupted: boolean;
  /** Ended by `stop = plateau(…)`. */
  stopped: boolean;
  /** The newest loss read. */
  loss?: number;
  /** The newest evaluation. */
  evaluations: Evaluation[];
}
