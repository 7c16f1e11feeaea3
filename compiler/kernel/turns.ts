/**
 * The turn of a loop in index arithmetic. In: a node of a graph with loops. Out: where its elements of this turn
 * lie in the tensor that holds those of all turns.
 */
import type { Graph, LoopAttributes, Node, NodeOf } from '../graph/ir.ts';
import { stackOf, type ScheduledGraph } from '../schedule/scheduled-graph.ts';
import { turnName } from './emitter.ts';
import { remainder } from './index-division.ts';
import { constant, difference, indexVariable, sum, type Index } from './index-expression.ts';

const turnOf = ({ turns, depth }: LoopAttributes): Index => indexVariable(turnName(depth), constant(turns));

/** The place along axis 0 of what a turn takes and leaves. */
export function placeOfTurn(loop: LoopAttributes): Index {
  return loop.reverse ? difference(constant(loop.turns - 1), turnOf(loop)) : turnOf(loop);
}

/** A stack, and which of its slots is meant. */
export interface Slot {
  readonly stack: NodeOf<'over_turns'>;
  readonly index: Index;
}

/** The slot that a value lies in: a carry in the one that the turn before wrote. Undefined outside of stacks. */
export function slotOf(graph: ScheduledGraph, node: Node): Slot | undefined {
  if (node.op === 'carried') {
    const stack = stackNode(graph, node.attributes.stack);
    return { stack, index: inUse(stack, turnOf(stack.attributes)) };
  }
  const id = stackOf(graph, node.id);
  return id === undefined ? undefined : slotOfTurn(graph, id);
}

/** The slot of a stack that this turn fills. */
export function slotOfTurn(graph: Graph, id: number): Slot {
  const stack = stackNode(graph, id);
  const isCarry = stack.inputs.length > 1;
  const next = sum(turnOf(stack.attributes), constant(1));
  return { stack, index: isCarry ? inUse(stack, next) : placeOfTurn(stack.attributes) };
}

/** A stack with fewer slots than values uses them in turns. */
function inUse({ attributes: { slots, turns } }: NodeOf<'over_turns'>, index: Index): Index {
  return slots > turns ? index : remainder(index, constant(slots));
}

export function stackNode(graph: Graph, id: number): NodeOf<'over_turns'> {
  const node = graph.nodes[id];
  if (node?.op !== 'over_turns') throw new Error(`internal: %${id} is no stack`);
  return node;
}
