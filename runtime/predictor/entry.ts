/** What the bundled runtime offers to the module of a predictor. */
export { createPredictor } from './create-predictor.ts';
export { kernel, loop, pool, run, span } from '../trainer/words.ts';
