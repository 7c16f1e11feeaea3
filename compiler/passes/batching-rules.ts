/**
 * One turn's node for all turns at once. In: a node of a scan's body, and for each of its inputs a value of the
 * graph around: the turn's value, if that is the same in every turn, or those of all turns along a new axis 0.
 * Out: the node's value in the same form; undefined where the operator has no rule, and stays in the loop.
 */
import type { GraphBuilder } from '../graph/builder.ts';
import { broadcastTo, reshapeTo } from '../graph/convenience.ts';
import { copyNode } from '../graph/copy.ts';
import { multiplyDimensions, type Dimension } from '../graph/dimension.ts';
import type { Node, NodeOf, OpName } from '../graph/ir.ts';
import { nth } from '../graph/op-row.ts';
import { OPS } from '../graph/ops.ts';

export interface Batched {
  readonly id: number;
  /** The turns lie along axis 0; else the value is the same in all of them. */
  readonly varies: boolean;
}

export function batch(
  b: GraphBuilder,
  node: Node,
  inputs: readonly Batched[],
  turns: number,
): Batched | undefined {
  b.phase = node.phase;
  b.source = node.source;
  b.origin = node.origin;
  if (!inputs.some(({ varies }) => varies)) {
    return {
      id: copyNode(
        b,
        node,
        inputs.map(({ id }) => id),
      ),
      varies: false,
    };
  }
  if (
    !canBatch(
      node,
      inputs.map(({ varies }) => varies),
    )
  )
    return undefined;
  return { id: applyRule(new Turns(b, inputs, turns), node), varies: true };
}

/** Whether `batch` gives a value; `varies` by input. */
export function canBatch(node: Node, varies: readonly boolean[]): boolean {
  if (!varies.includes(true)) return true;
  switch (node.op) {
    case 'pad':
      return varies[1] !== true;
    case 'take':
      return varies[1] !== true || (varies[0] !== true && node.attributes.axis === 0);
    default:
      return RULES[node.op] !== undefined || OPS[node.op].kind === 'elementwise';
  }
}

function applyRule<P extends OpName>(turns: Turns, node: NodeOf<P>): number {
  const rule: Rule<P> | undefined = RULES[node.op];
  return rule ? rule(turns, node) : turns.copy(node, node.attributes);
}

/** The inputs of one node. */
class Turns {
  readonly b: GraphBuilder;
  readonly inputs: readonly Batched[];
  readonly turns: number;

  constructor(b: GraphBuilder, inputs: readonly Batched[], turns: number) {
    this.b = b;
    this.inputs = inputs;
    this.turns = turns;
  }

  input(index: number): Batched {
    return nth(this.inputs, index);
  }

  /** With the turns along axis 0, whether it varies or not. */
  spread(index: number): number {
    const { id, varies } = this.input(index);
    return varies ? id : broadcastTo(this.b, id, [this.turns, ...this.b.type(id).shape]);
  }

  /** The same operator with the turns in front; the inputs that `spread` names are spread, all by default. */
  copy<P extends OpName>(
    node: NodeOf<P>,
    attributes: NodeOf<P>['attributes'],
    inputs: readonly number[] = this.inputs.map((_, index) => this.spread(index)),
  ): number {
    const shape: readonly Dimension[] = [this.turns, ...node.type.shape];
    return copyNode<P>(this.b, { ...node, attributes, type: { dtype: node.type.dtype, shape } }, inputs);
  }
}

type Rule<P extends OpName> = (turns: Turns, node: NodeOf<P>) => number;

const next = (axes: readonly number[]): number[] => axes.map((axis) => axis + 1);

const reduced: Rule<'reduce_sum' | 'reduce_max' | 'reduce_min' | 'reduce_prod'> = (turns, node) =>
  turns.copy(node, { ...node.attributes, axes: next(node.attributes.axes) });

const alongAxis: Rule<'argmax' | 'argmin' | 'concat' | 'cumsum' | 'top_k' | 'gather'> = (turns, node) =>
  turns.copy(node, { ...node.attributes, axis: node.attributes.axis + 1 });

const RULES: { readonly [P in OpName]?: Rule<P> } = {
  reshape: (turns, node) => turns.copy(node, node.attributes),
  broadcast: (turns, node) => turns.copy(node, node.attributes),
  transpose: (turns, node) => turns.copy(node, { permutation: [0, ...next(node.attributes.permutation)] }),
  slice: (turns, node) => {
    const { starts, limits, steps } = node.attributes;
    return turns.copy(node, {
      starts: [0, ...starts],
      limits: [turns.turns, ...limits],
      steps: [1, ...steps],
    });
  },
  reverse: (turns, node) => turns.copy(node, { axes: next(node.attributes.axes) }),
  pad: (turns, node) => {
    const { before, after, interior } = node.attributes;
    const attributes = { before: [0, ...before], after: [0, ...after], interior: [0, ...interior] };
    return turns.copy(node, attributes, [turns.spread(0), turns.input(1).id]);
  },
  concat: alongAxis,
  reduce_sum: reduced,
  reduce_max: reduced,
  reduce_min: reduced,
  reduce_prod: reduced,
  argmax: alongAxis,
  argmin: alongAxis,
  cumsum: alongAxis,
  top_k: alongAxis,
  gather: alongAxis,
  windows: (turns, node) => turns.copy(node, { ...node.attributes, axes: next(node.attributes.axes) }),
  diagonal: (turns, node) => {
    const { first, second } = node.attributes;
    return turns.copy(node, { first: first + 1, second: second + 1 });
  },
  /** By a matrix that stays, all turns' rows are one product. */
  matmul: (turns, node) => {
    const { b } = turns;
    const [rows, columns] = node.type.shape as [Dimension, Dimension];
    const all = multiplyDimensions(turns.turns, rows);
    if (node.type.shape.length !== 2 || turns.input(1).varies || all === undefined)
      return turns.copy(node, node.attributes);
    const [left, right] = [turns.input(0).id, turns.input(1).id];
    const inner = b.type(left).shape.at(-1) as Dimension;
    const product = b.add(
      'matmul',
      [reshapeTo(b, left, [all, inner]), right],
      {},
      { dtype: node.type.dtype },
    );
    return reshapeTo(b, product, [turns.turns, rows, columns]);
  },
  /** From a table that stays by the indices of all turns, or by indices that stay from every turn's table. */
  take: (turns, node) => {
    const { axis } = node.attributes;
    const [table, index] = [turns.input(0), turns.input(1)];
    return turns.copy(node, { axis: index.varies ? axis : axis + 1 }, [table.id, index.id]);
  },
};
