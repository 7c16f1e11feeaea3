/** What the kernels of attention are asked for: operands by their sizes, which pairs see each other, the scale. */
import type { Dimension } from '../../graph/dimension.ts';
import type { NodeOf } from '../../graph/ir.ts';
import type { Workspace } from '../workspace.ts';

/** The score of a pair that does not see each other, in place of -inf: its exponential is 0, and no infinity reaches the arithmetic. */
export const NOTHING = -1e30;

/** A tensor [batch…, length, channels]. */
export interface Operand {
  readonly id: number;
  readonly length: number;
  readonly channels: number;
}

export interface Pairs {
  readonly queries: number;
  readonly keys: number;
  readonly causal: boolean;
  readonly mask: number | undefined;
  /** What a workgroup owns; the other side are the columns. */
  readonly rows: 'queries' | 'keys';
}

export type Forward = NodeOf<'attention'> | NodeOf<'attention_lse'>;
export type Gradient = NodeOf<'attention_gradient'>;

/** Of the result, its logarithms or both; `values` where the result is wanted. */
export interface ForwardOperands {
  readonly queries: Operand;
  readonly keys: Operand;
  readonly values: Operand | undefined;
  readonly pairs: Pairs;
  readonly scale: number;
  /** In front of the last two axes. */
  readonly leading: readonly Dimension[];
}

export function forwardOperands(workspace: Workspace, nodes: readonly Forward[]): ForwardOperands {
  const result = nodes.find((node) => node.op === 'attention');
  const first = nodes[0] as Forward;
  const [q, k] = first.inputs as [number, number];
  const [queries, keys] = [operandOf(workspace, q), operandOf(workspace, k)];
  const { scale, causal } = first.attributes;
  const mask = first.op === 'attention' ? first.inputs[3] : first.inputs[2];
  return {
    queries,
    keys,
    values: result && operandOf(workspace, result.inputs[2] as number),
    pairs: { queries: queries.length, keys: keys.length, causal, mask, rows: 'queries' },
    scale,
    leading: leadingOf(workspace, q),
  };
}

/** Of gradients, whose operands are the same. */
export interface BackwardOperands {
  readonly q: Operand;
  readonly k: Operand;
  readonly v: Operand;
  readonly g: Operand;
  /** A number a query each: the logarithm, and g · result. */
  readonly sums: number;
  readonly delta: number;
  readonly pairs: Pairs;
  readonly scale: number;
  readonly leading: readonly Dimension[];
}

export function backwardOperands(
  workspace: Workspace,
  { inputs, attributes }: Gradient,
  rows: Pairs['rows'],
): BackwardOperands {
  const [q, k, v, sums, delta, g] = inputs as [number, number, number, number, number, number];
  const operand = (id: number): Operand => operandOf(workspace, id);
  const { causal, scale } = attributes;
  return {
    q: operand(q),
    k: operand(k),
    v: operand(v),
    g: operand(g),
    sums,
    delta,
    pairs: { queries: operand(q).length, keys: operand(k).length, causal, mask: inputs[6], rows },
    scale,
    leading: leadingOf(workspace, q),
  };
}

const leadingOf = ({ reader }: Workspace, q: number): readonly Dimension[] =>
  reader.node(q).type.shape.slice(0, -2);

export function operandOf({ reader }: Workspace, id: number): Operand {
  const [length, channels] = reader.node(id).type.shape.slice(-2);
  if (typeof length !== 'number' || typeof channels !== 'number')
    throw new Error('internal: an attention along the batch');
  return { id, length, channels };
}
