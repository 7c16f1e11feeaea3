/**
 * How the state of a run is told from weights, and what in it is weights. In: a file. Out: the file as one of weights.
 * Holds: no name of a weight has a colon, and all that a state has beside weights does.
 */
import type { SafetensorsFile } from './safetensors.ts';

/** The metadata key of a run's state. */
export const RUN_STATE = 'netc_run';
/** Before the names of the best weights, where a program wants them back. */
export const BEST = 'best:';

/** A run's state serves wherever weights are asked for: those of its step. Other files stay as they are. */
export const asWeights = (file: SafetensorsFile): SafetensorsFile =>
  RUN_STATE in file.metadata
    ? { ...file, tensors: file.tensors.filter(({ name }) => !name.includes(':')) }
    : file;
