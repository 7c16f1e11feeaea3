/** What the bundled runtime offers to the module of a trainer. */
export { createTrainer } from './create-trainer.ts';
export { start } from './start.ts';
export { kernel, loop, pool, run, span } from './words.ts';
