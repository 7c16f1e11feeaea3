/**
 * The models of a program, forward, driven by a host. In: a runner, weights. Out: predictions. Holds: what depends on
 * weights alone is computed when they are put in place, not with every prediction.
 */
import type { Weights } from '../train/weights.ts';
import { DrivenProgram, type DrivenParts } from '../trainer/driven-program.ts';
import type { PredictorProgram } from './predictor-program.ts';
import { putWeights, readPredictorWeights } from './put-weights.ts';

export interface PredictorParts extends DrivenParts {
  program: PredictorProgram;
}

export class CompiledPredictor extends DrivenProgram<PredictorParts> {
  constructor(parts: PredictorParts, weights: Weights) {
    super(parts, parts.program.kind);
    const { runner, listing, seed } = parts;
    putWeights(runner, listing, seed, weights);
  }

  /** Takes the weights of another safetensors file: E0502 to E0505 where they do not fit. */
  load(bytes: Uint8Array): void {
    this.guard.checkMoving();
    const { program, listing, runner, seed } = this.parts;
    putWeights(runner, listing, seed, readPredictorWeights(program, listing, bytes));
  }
}
