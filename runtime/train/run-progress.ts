/**
 * What is kept of a run, for it to go on: which run it is, the tensors, and what each part of the training loop remembers
 * between two steps.
 */
import type { DataTables } from '../data/tables.ts';
import type { EarlyStopState } from './early-stop.ts';
import type { PlateauState } from './plateau.ts';
import type { Weights } from './weights.ts';

/** Which run it is. */
export interface RunIdentity {
  /** Of the program: everything it computes, but for how long it trains. */
  fingerprint: string;
  seed: number;
  /** Records of each split. */
  records: Readonly<Record<string, number>>;
  /** For people. */
  device: string;
}

/** What the host remembers between two steps. */
export interface RunProgress {
  /** Steps that are done. */
  step: number;
  /** What follows the last of them, an evaluation, was given up and is still to be made. */
  unfinished: boolean;
  plateaus: readonly PlateauState[];
  saves: readonly SaveState[];
  validation: ValidationState;
}

export interface RunState {
  identity: RunIdentity;
  progress: RunProgress;
  /** Of `keptTensors`. */
  tensors: Weights;
  /** What codes of the data mean. */
  tables: DataTables;
}

/** What a `save` of the program remembers: its best value, or the files it keeps. */
export interface SaveState {
  best?: number;
  kept?: readonly string[];
}

/** The weights of the best evaluation. */
export interface BestWeights {
  step: number;
  weights: Weights;
}

/** What a checkpoint keeps. */
export interface ValidationState {
  /** The step of the newest evaluation; 0: there was none. */
  evaluated: number;
  stop?: EarlyStopState;
  /** Where the program wants its best weights back. */
  best?: BestWeights;
}

/** Keeping the state of a run. */
export interface KeepOptions {
  /** The file. */
  path: string;
  identity: RunIdentity;
}
