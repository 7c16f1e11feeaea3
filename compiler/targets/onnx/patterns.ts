/**
 * What ONNX has an operator for and the graph writes in primitives: found by its structure, as the library writes it. In:
 * a node. Out: the operator that computes it and what that reads; undefined where the node is none.
 */
import { equalDimensions, type Dimension } from '../../graph/dimension.ts';
import type { Graph, Node, OpName } from '../../graph/ir.ts';
import { broken, nth } from '../../graph/op-row.ts';
import { float, int, type OnnxAttributes } from './model.ts';

export interface OnnxPattern {
  readonly op: 'Softmax' | 'LayerNormalization';
  /** Nodes whose values it takes; those after the first as vectors of this length. */
  readonly inputs: readonly number[];
  readonly vector?: number;
  readonly attributes: OnnxAttributes;
}

export function patternOf(graph: Graph, node: Node): OnnxPattern | undefined {
  const look = new Look(graph);
  switch (node.op) {
    case 'div':
      return softmax(look, node);
    case 'add':
      return layerNormalization(look, node);
    default:
      return undefined;
  }
}

/** Reads a graph backwards. */
class Look {
  private readonly graph: Graph;

  constructor(graph: Graph) {
    this.graph = graph;
  }

  node(id: number): Node {
    return this.graph.nodes[id] ?? broken(`no node %${id} in ${this.graph.name}`);
  }

  input(node: Node, index: number): Node {
    return this.node(nth(node.inputs, index));
  }

  shape(id: number): readonly Dimension[] {
    return this.node(id).type.shape;
  }

  /** Below a broadcast and the reshapes that gave it axes of size 1. */
  below(node: Node): Node {
    let found = node.op === 'broadcast' ? this.input(node, 0) : node;
    while (found.op === 'reshape' || found.op === 'detach') found = this.input(found, 0);
    return found;
  }

  /** The number that all elements of a value are. */
  number(node: Node): number | undefined {
    const found = this.below(node);
    const value = found.op === 'constant' ? found.attributes.value : undefined;
    return typeof value === 'number' ? value : undefined;
  }

  /** The operands of a binary node, in both orders where these do not matter. */
  orders(node: Node): [Node, Node][] {
    const [a, b] = [this.input(node, 0), this.input(node, 1)];
    return node.op === 'add' || node.op === 'mul' ? [[a, b], [b, a]] : [[a, b]]; // prettier-ignore
  }

  /** The first order of the operands that gives something. */
  either<T>(node: Node, op: OpName, find: (a: Node, b: Node) => T | undefined): T | undefined {
    if (node.op !== op) return undefined;
    for (const [a, b] of this.orders(node)) {
      const found = find(a, b);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** A reduction of one axis, spread along it again. */
  reduced(node: Node): { op: OpName; input: number; axis: number } | undefined {
    return node.op === 'broadcast' ? this.keptReduction(this.input(node, 0)) : undefined;
  }

  /** A reduction of one axis that is kept with size 1. */
  keptReduction(kept: Node): { op: OpName; input: number; axis: number } | undefined {
    const found = this.below(kept);
    if (found.op !== 'reduce_sum' && found.op !== 'reduce_max') return undefined;
    const [axis, ...more] = found.attributes.axes;
    const input = nth(found.inputs, 0);
    const shape = this.shape(input);
    if (axis === undefined || more.length > 0 || kept.type.shape.length !== shape.length) return undefined;
    const isKept = kept.type.shape.every((size, i) =>
      equalDimensions(size, i === axis ? 1 : (shape[i] ?? 0)),
    );
    return isKept ? { op: found.op, input, axis } : undefined;
  }

  /** What a value, spread along the last axis or kept with size 1, is the mean of along that axis. */
  meanOf(node: Node): number | undefined {
    const kept = node.op === 'broadcast' ? this.input(node, 0) : node;
    const quotient = this.through(kept);
    const of = (sum: Node, count: Node): number | undefined => {
      const value = this.number(count);
      const reduction = this.keptReduction(sum);
      if (value === undefined || reduction?.op !== 'reduce_sum') return undefined;
      const shape = this.shape(reduction.input);
      const size = shape.at(-1);
      const due = quotient.op === 'div' ? size : typeof size === 'number' ? 1 / size : undefined;
      return reduction.axis === shape.length - 1 && value === due ? reduction.input : undefined;
    };
    return this.either(quotient, 'div', of) ?? this.either(quotient, 'mul', of);
  }

  /** Below reshapes that change nothing. */
  private through(node: Node): Node {
    let found = node;
    while (found.op === 'reshape' && this.input(found, 0).type.shape.length === found.type.shape.length)
      found = this.input(found, 0);
    return found;
  }
}

/** exp(x - max(x)) / sum(exp(x - max(x))) along one axis. */
function softmax(look: Look, node: Node): OnnxPattern | undefined {
  const [above, below] = [look.input(node, 0), look.reduced(look.input(node, 1))];
  if (above.op !== 'exp' || below?.op !== 'reduce_sum' || below.input !== above.id) return undefined;
  const shifted = look.input(above, 0);
  if (shifted.op !== 'sub') return undefined;
  const x = nth(shifted.inputs, 0);
  const largest = look.reduced(look.input(shifted, 1));
  if (largest?.op !== 'reduce_max' || largest.input !== x || largest.axis !== below.axis) return undefined;
  return { op: 'Softmax', inputs: [x], attributes: { axis: int(below.axis) } };
}

/** normalize(x) * weight + bias along the last axis. */
function layerNormalization(look: Look, node: Node): OnnxPattern | undefined {
  return look.either(node, 'add', (scaled, bias) =>
    look.either(scaled, 'mul', (normal, weight) => {
      const found = normalized(look, normal);
      const size = node.type.shape.at(-1);
      if (!found || typeof size !== 'number' || node.type.dtype !== 'f32') return undefined;
      const vectors = [weight, bias].map((each) => vectorOf(look, each, size));
      if (vectors.includes(undefined)) return undefined;
      return {
        op: 'LayerNormalization',
        inputs: [found.x, ...(vectors as number[])],
        vector: size,
        attributes: { axis: int(-1), epsilon: float(found.epsilon) },
      };
    }),
  );
}

/** (x - mean) * rsqrt(mean of its squares + epsilon) */
function normalized(look: Look, node: Node): { x: number; epsilon: number } | undefined {
  return look.either(node, 'mul', (centred, factor) => {
    if (centred.op !== 'sub' || factor.op !== 'broadcast') return undefined;
    const x = nth(centred.inputs, 0);
    const root = look.below(factor);
    const sum = root.op === 'rsqrt' ? look.input(root, 0) : undefined;
    if (look.meanOf(look.input(centred, 1)) !== x || !sum) return undefined;
    return look.either(sum, 'add', (variance, epsilon) => {
      const squares = look.meanOf(variance);
      const square = squares === undefined ? undefined : look.node(squares);
      const value = look.number(epsilon);
      const isSquare = square?.op === 'mul' && square.inputs.every((id) => id === centred.id);
      return isSquare && value !== undefined ? { x, epsilon: value } : undefined;
    });
  });
}

/** A vector that is repeated along every axis but the last. */
function vectorOf(look: Look, node: Node, size: number): number | undefined {
  if (node.op !== 'broadcast') return undefined;
  const { shape } = look.input(node, 0).type;
  const isVector = shape.every((each, axis) => each === (axis === shape.length - 1 ? size : 1));
  return isVector ? nth(node.inputs, 0) : undefined;
}
