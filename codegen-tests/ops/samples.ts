/** The samples of every primitive; one without any is a compile error. */
import type { Graph, OpName } from '../../compiler/graph/ir.ts';
import { OPS, OP_NAMES } from '../../compiler/graph/ops.ts';
import type { OpSample } from './sample.ts';
import { ATTENTION_SAMPLES } from './samples-attention.ts';
import { BINARY_SAMPLES } from './samples-binary.ts';
import { CONVOLUTION_SAMPLES } from './samples-convolution.ts';
import { LEAF_SAMPLES } from './samples-leaves.ts';
import { LOOK_UP_SAMPLES } from './samples-look-ups.ts';
import { REDUCTION_SAMPLES } from './samples-reductions.ts';
import { SCAN_SAMPLES } from './samples-scans.ts';
import { SELECTION_SAMPLES } from './samples-selection.ts';
import { UNARY_SAMPLES } from './samples-unary.ts';
import { VIEW_SAMPLES } from './samples-views.ts';
import { WINDOW_SAMPLES } from './samples-windows.ts';

export type { OpSample } from './sample.ts';

/** Primitives of a program: not those that loops are laid out with. */
export type SampledOp = Exclude<OpName, 'at_turn' | 'carried' | 'over_turns'>;

export const SAMPLES: { readonly [P in SampledOp]: readonly OpSample[] } = {
  ...LEAF_SAMPLES,
  ...UNARY_SAMPLES,
  ...BINARY_SAMPLES,
  ...SELECTION_SAMPLES,
  ...VIEW_SAMPLES,
  ...WINDOW_SAMPLES,
  ...CONVOLUTION_SAMPLES,
  ...ATTENTION_SAMPLES,
  ...REDUCTION_SAMPLES,
  ...LOOK_UP_SAMPLES,
  ...SCAN_SAMPLES,
};

export const SAMPLED_OPS = OP_NAMES.filter((op): op is SampledOp => OPS[op].kind !== 'loop');

/** The operators of a graph, those of the bodies of scans among them. */
export const opsIn = ({ nodes }: Graph): OpName[] =>
  nodes.flatMap((node) => [node.op, ...(node.op === 'scan' ? opsIn(node.attributes.body) : [])]);
