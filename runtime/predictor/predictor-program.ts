/** What a compiled predictor hands to the runtime beside its listings. */
import type { TrainerProgram } from '../trainer/trainer-program.ts';

export interface PredictorProgram extends TrainerProgram {
  kind: 'predictor';
  /** Decides random numbers of the models, where they have any. */
  seed: number;
  /** The file of the weights that were compiled in: beside the module, or one of `files`. */
  weights?: string;
  /** Weights and states of the program that no prediction reads; a file of weights may have them. */
  others: readonly string[];
}
