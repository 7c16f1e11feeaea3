/** The samples of every primitive; one without any is a compile error. */
import type { OpName } from '../../compiler/graph/ir.ts';
import type { OpSample } from './sample.ts';
import { BINARY_SAMPLES } from './samples-binary.ts';
import { CONVOLUTION_SAMPLES } from './samples-convolution.ts';
import { LEAF_SAMPLES } from './samples-leaves.ts';
import { LOOK_UP_SAMPLES } from './samples-look-ups.ts';
import { REDUCTION_SAMPLES } from './samples-reductions.ts';
import { SELECTION_SAMPLES } from './samples-selection.ts';
import { UNARY_SAMPLES } from './samples-unary.ts';
import { VIEW_SAMPLES } from './samples-views.ts';
import { WINDOW_SAMPLES } from './samples-windows.ts';

export type { OpSample } from './sample.ts';

export const SAMPLES: { readonly [P in OpName]: readonly OpSample[] } = {
  ...LEAF_SAMPLES,
  ...UNARY_SAMPLES,
  ...BINARY_SAMPLES,
  ...SELECTION_SAMPLES,
  ...VIEW_SAMPLES,
  ...WINDOW_SAMPLES,
  ...CONVOLUTION_SAMPLES,
  ...REDUCTION_SAMPLES,
  ...LOOK_UP_SAMPLES,
};
