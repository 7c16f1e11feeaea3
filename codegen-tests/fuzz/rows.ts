/** The table of random programs: a row for every way of using a builtin. A new operator is one row. */
import { ELEMENTWISE_ROWS } from './rows-elementwise.ts';
import { IMAGE_ROWS } from './rows-images.ts';
import { LAYER_ROWS } from './rows-layers.ts';
import { LOOK_UP_ROWS } from './rows-look-ups.ts';
import { LOSS_ROWS } from './rows-losses.ts';
import { SEQUENCE_ROWS } from './rows-sequences.ts';
import { SUM_ROWS } from './rows-sums.ts';
import { VIEW_ROWS } from './rows-views.ts';
import type { Row } from './values.ts';

export const ROWS: readonly Row[] = [
  ...ELEMENTWISE_ROWS,
  ...VIEW_ROWS,
  ...LOOK_UP_ROWS,
  ...SUM_ROWS,
  ...LOSS_ROWS,
  ...LAYER_ROWS,
  ...IMAGE_ROWS,
  ...SEQUENCE_ROWS,
];
