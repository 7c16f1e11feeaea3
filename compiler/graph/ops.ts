/**
 * The operator table: one row a primitive, total by its type. The rows stand in `ops-*.ts`, by family.
 * A new primitive is a row here, one in `autodiff/vjp-rules.ts` and one in the kernel's scalar rules.
 */
import type { DType, NodeOf, OpAttributes, OpName, TensorType } from './ir.ts';
import { broken, type GivenType, type OpRow } from './op-row.ts';
import { ATTENTION_ROWS } from './ops-attention.ts';
import { CONVOLUTION_ROWS } from './ops-convolution.ts';
import { ELEMENTWISE_ROWS } from './ops-elementwise.ts';
import { LEAF_ROWS } from './ops-leaves.ts';
import { LOOK_UP_ROWS } from './ops-look-ups.ts';
import { PRODUCT_ROWS } from './ops-products.ts';
import { REDUCTION_ROWS } from './ops-reductions.ts';
import { ROW_ROWS } from './ops-rows.ts';
import { SCAN_ROWS } from './ops-scans.ts';
import { VIEW_ROWS } from './ops-views.ts';
import { WINDOW_ROWS } from './ops-windows.ts';

export type { GivenType, OpKind, OpRow } from './op-row.ts';

export const OPS: { readonly [P in OpName]: OpRow<P> } = {
  ...LEAF_ROWS,
  ...ELEMENTWISE_ROWS,
  ...VIEW_ROWS,
  ...WINDOW_ROWS,
  ...REDUCTION_ROWS,
  ...PRODUCT_ROWS,
  ...CONVOLUTION_ROWS,
  ...ATTENTION_ROWS,
  ...LOOK_UP_ROWS,
  ...ROW_ROWS,
  ...SCAN_ROWS,
};

export const OP_NAMES = Object.keys(OPS) as readonly OpName[];

/** The type of `op`'s result. Throws a plain Error where a rule of the table is broken. */
export function inferType<P extends OpName>(
  op: P,
  inputs: readonly TensorType[],
  attributes: OpAttributes[P],
  given: GivenType,
): TensorType {
  const row: OpRow<P> = OPS[op];
  if (row.arity === 'several' ? inputs.length === 0 : inputs.length !== row.arity) {
    broken(`${op} takes ${row.arity} inputs, not ${inputs.length}`);
  }
  return row.infer(inputs, attributes, given);
}

/** The type that the table gives a node of a finished graph; its own type serves as `given`. */
export function inferNode<P extends OpName>(node: NodeOf<P>, inputs: readonly TensorType[]): TensorType {
  const given: { shape: TensorType['shape']; dtype: DType } = node.type;
  return inferType(node.op, inputs, node.attributes, given);
}
