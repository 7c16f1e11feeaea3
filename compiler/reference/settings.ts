/** What the settings of blocks mean, for the reference tables: an example of each, and words. */
import type { DATA_SETTINGS } from '../semantics/data-block.ts';
import type { TRAIN_SETTINGS } from '../semantics/train-block.ts';

type Meanings<Name extends string> = Readonly<Record<Name, readonly [example: string, meaning: string]>>;

export const DATA_SETTING_MEANINGS: Meanings<(typeof DATA_SETTINGS)[number]> = {
  batch: ['batch = 64', 'The records of a step; must be given.'],
  shuffle: ['shuffle = true', 'Another order of the training records in every epoch; off by default.'],
};

export const TRAIN_SETTING_MEANINGS: Meanings<(typeof TRAIN_SETTINGS)[number]> = {
  epochs: ['epochs = 10', 'How often every training record is seen. This or `steps` must be given.'],
  steps: ['steps = 5000', 'How many steps are taken, of all blocks together.'],
  seed: ['seed = 1', 'Decides weights, order and everything random; 0 by default.'],
  accumulate: ['accumulate = 4', 'Batches whose gradients are averaged before a step moves; 1 by default.'],
  precision: ['precision = f16', 'Products in half precision, on GPUs that can; f32 by default.'],
  ema: ['ema = 0.999', 'Keeps averaged weights as well: what an average keeps of itself in every step.'],
  eval: [
    'eval = every(1 epoch, batches = 50)',
    'When loss and metrics of the other splits are reported; with `batches`, of the first so many alone.',
  ],
  save: [
    'save = best(valid.accuracy, to = "out/net.safetensors")',
    'Where weights are kept: those of the best evaluation, or `every(1 epoch, to = "…-{epoch}.safetensors", keep = 3)`; several in parentheses.',
  ],
  stop: [
    'stop = plateau(valid.loss, patience = 5, restore = true)',
    'Ends the run when a number has not got better for so many evaluations; `restore` goes back to the best weights.',
  ],
};
