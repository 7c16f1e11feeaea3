/** What a training run reports, one object each: the lines of `train --json` (non-finite numbers aside). */

export interface StartEvent {
  event: 'start';
  program: string;
  device: string;
  backend: 'webgpu' | 'cpu';
  seed: number;
  parameters: number;
  compile_seconds: number;
  /** Of one round of the steps. */
  dispatches: number;
  /** All device buffers. */
  memory_bytes: number;
}

/** Metrics stand beside `loss` under their names. */
export interface StepEvent {
  event: 'step';
  /** From 1. */
  step: number;
  epoch: number;
  name?: string;
  [metric: string]: number | string | undefined;
}

export interface EvaluationEvent {
  event: 'eval';
  step: number;
  epoch: number;
  split: string;
  name?: string;
  [metric: string]: number | string | undefined;
}

export interface SaveEvent {
  event: 'save';
  step: number;
  path: string;
}

/** The state of the run is in a file: `--resume` goes on behind this step. */
export interface KeepEvent {
  event: 'keep';
  step: number;
  path: string;
}

export interface EndEvent {
  event: 'end';
  steps: number;
  seconds: number;
  first_step_seconds: number;
  steps_per_second: number;
  loss?: number;
}

export type TrainEvent = StartEvent | StepEvent | EvaluationEvent | SaveEvent | KeepEvent | EndEvent;

/** Progress for a person, reported for every step whatever `--log-every` says; never printed as JSON. */
export interface Progress {
  step: number;
  steps: number;
  epoch: number;
  stepsPerSecond: number;
  /** Values of the newest step read back. */
  values: Record<string, number>;
}
