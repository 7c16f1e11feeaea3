/** The samples of every primitive; one without any is a compile error. */
import type { OpName } from '../../compiler/graph/ir.ts';
import type { OpSample } from './sample.ts';
import { ELEMENTWISE_SAMPLES } from './samples-elementwise.ts';
import { LEAF_SAMPLES } from './samples-leaves.ts';
import { REDUCTION_SAMPLES } from './samples-reductions.ts';
import { VIEW_SAMPLES } from './samples-views.ts';

export type { OpSample } from './sample.ts';

export const SAMPLES: { readonly [P in OpName]: readonly OpSample[] } = {
  ...LEAF_SAMPLES,
  ...ELEMENTWISE_SAMPLES,
  ...VIEW_SAMPLES,
  ...REDUCTION_SAMPLES,
};
