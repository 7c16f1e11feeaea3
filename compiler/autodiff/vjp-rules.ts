/**
 * The table of derivatives: one entry a primitive, total by its type. Rules stand in `rules-*.ts` by
 * family. For a node r = f(inputs) and g = d(y)/d(r) a rule emits g times the Jacobian of f.
 */
import type { OpName } from '../graph/ir.ts';
import { broken } from '../graph/op-row.ts';
import { ATTENTION_RULES } from './rules-attention.ts';
import { conv } from './rules-convolution.ts';
import { ELEMENTWISE_RULES } from './rules-elementwise.ts';
import { LOOK_UP_RULES } from './rules-look-ups.ts';
import { REDUCTION_RULES } from './rules-reductions.ts';
import { SCAN_RULES } from './rules-scans.ts';
import { VIEW_RULES } from './rules-views.ts';
import { WINDOW_RULES } from './rules-windows.ts';
import type { Derivative } from './vjp-rule.ts';

export const VJP_RULES: { readonly [P in OpName]: Derivative<P> } = {
  parameter: 'leaf',
  state: 'leaf',
  input: 'leaf',
  scalar: 'leaf',
  constant: 'leaf',
  iota: 'leaf',
  random_bits: 'leaf',
  gradient: () => broken('a gradient node is expanded before it is differentiated'),
  ...ELEMENTWISE_RULES,
  ...VIEW_RULES,
  ...WINDOW_RULES,
  ...REDUCTION_RULES,
  conv,
  ...ATTENTION_RULES,
  ...LOOK_UP_RULES,
  ...SCAN_RULES,
};
