/**
 * What a derivative rule is: for a node r = f(inputs) and the gradient g = d(y)/d(r), it says for each
 * input how to emit d(y)/d(input). Rules emit graph primitives only, so gradients can be differentiated
 * again; a formula therefore has to be right in its own derivative too (no 0 * inf behind a select).
 */
import type { GraphBuilder } from '../graph/builder.ts';
import type { NodeOf, OpName } from '../graph/ir.ts';
import { broken, nth } from '../graph/op-row.ts';
import { Arithmetic } from './arithmetic.ts';

/** Emits the gradient of one input, of that input's type. Only called where it is wanted. */
export type Emit = () => number;

/** One entry an input; undefined for an input without derivative (an index, a condition). */
export type VjpRule<P extends OpName> = (context: VjpContext<P>) => readonly (Emit | undefined)[];

/**
 * `zero`: constant almost everywhere, the gradient stops (floor, detach). `discrete`: the value is an
 * integer or a truth; depending on x only through one is an error. `leaf`: nothing to differentiate.
 * `result`: one of several results of its input, whose rule takes the gradients of all of them.
 */
export type Derivative<P extends OpName> = VjpRule<P> | 'zero' | 'discrete' | 'leaf' | 'result';

/** See `reverse-walk.ts`: for the rule of a node that holds a graph of its own. */
export type ReverseWalk = (
  b: GraphBuilder,
  seeds: ReadonlyMap<number, number>,
  wanted: readonly number[],
) => ReadonlyMap<number, number>;

export class VjpContext<P extends OpName> {
  readonly b: GraphBuilder;
  /** In the builder's graph. */
  readonly node: NodeOf<P>;
  /** g, of the node's type. */
  readonly gradient: number;
  /** For a node with several results: the gradient of each that y depends on. */
  readonly gradients: readonly (number | undefined)[];
  /** The inputs whose gradients are asked for. */
  readonly wanted: readonly boolean[];
  readonly walk: ReverseWalk;
  readonly m: Arithmetic;

  constructor(
    b: GraphBuilder,
    node: NodeOf<P>,
    gradients: readonly (number | undefined)[],
    wanted: readonly boolean[],
    walk: ReverseWalk,
  ) {
    this.b = b;
    this.node = node;
    this.gradients = gradients;
    this.gradient =
      gradients.find((gradient) => gradient !== undefined) ?? broken('a rule without a gradient');
    this.wanted = wanted;
    this.walk = walk;
    this.m = new Arithmetic(b);
  }

  input(index: number): number {
    return nth(this.node.inputs, index);
  }
}
