/**
 * The loops over the contracted axis of a matmul. In: its operands, which are read through their views. Out:
 * the sizes of nested loops, outermost first, whose product is K. One loop, unless an operand merges several
 * axes of a view into K (the channels and the kernel of a convolution, the heads of an attention): with a
 * loop for each, the index arithmetic of the view needs no division inside the innermost.
 */
import { divideDimensions, shapeProduct, type Dimension } from '../../graph/dimension.ts';
import type { Node } from '../../graph/ir.ts';
import { ELEMENTWISE_ROWS } from '../../graph/ops-elementwise.ts';
import { isLeaf } from '../../schedule/free.ts';
import { isLoaded } from '../../schedule/reads.ts';
import type { Group } from '../../schedule/schedule.ts';
import type { ScheduledGraph } from '../../schedule/scheduled-graph.ts';
import type { Emitter } from '../emitter.ts';
import { literal } from '../expression.ts';
import { dividedExactly, indexVariable, scaled, type Index } from '../index-expression.ts';
import { flatten } from '../shapes.ts';

/** An operand and which of its axes is contracted. */
export interface Contracted {
  readonly id: number;
  readonly axis: number;
}

export function contractedSizes(
  graph: ScheduledGraph,
  group: Group,
  depth: Dimension,
  operands: readonly Contracted[],
): Dimension[] {
  const all = operands.flatMap(({ id, axis }) => cutsOf(graph, group, id, axis)).sort((a, b) => a - b);
  const sizes: Dimension[] = [];
  let [inner, rest]: [number, Dimension] = [1, depth];
  for (const cut of all) {
    const left = cut % inner === 0 && cut > inner ? divideDimensions(depth, cut) : undefined;
    if (left === undefined || left === 1) continue;
    sizes.unshift(cut / inner);
    [inner, rest] = [cut, left];
  }
  return [rest, ...sizes];
}

/** Where an axis may be cut: products of the innermost of the axes that views beneath merge into it. */
function cutsOf(graph: ScheduledGraph, group: Group, id: number, axis: number): number[] {
  const node = graph.nodes[id] as Node;
  if (isLeaf(node) || isLoaded(graph, group, node)) return [];
  const input = node.inputs[0] as number;
  switch (node.op) {
    case 'transpose':
      return cutsOf(graph, group, input, node.attributes.permutation[axis] as number);
    case 'broadcast':
      return cutsOf(graph, group, input, axis);
    case 'reshape':
      return liesPlain(graph, group, input) ? [] : mergedCuts(graph, node, axis);
    default:
      if (!Object.hasOwn(ELEMENTWISE_ROWS, node.op)) return [];
      return node.inputs.flatMap((other) => cutsOf(graph, group, other, axis));
  }
}

/** Whether a value is loaded in the order of its elements: a loop over them needs no cuts. */
function liesPlain(graph: ScheduledGraph, group: Group, id: number): boolean {
  const node = graph.nodes[id] as Node;
  if (isLeaf(node) || isLoaded(graph, group, node)) return true;
  return node.op === 'reshape' && liesPlain(graph, group, node.inputs[0] as number);
}

function mergedCuts(graph: ScheduledGraph, node: Node, axis: number): number[] {
  const from = (graph.nodes[node.inputs[0] as number] as Node).type.shape;
  const behind = shapeProduct(node.type.shape.slice(axis + 1));
  if (behind === undefined) return [];
  return from.flatMap((_, i) => {
    const inner = shapeProduct(from.slice(i + 1));
    const cut = inner === undefined ? undefined : divideDimensions(inner, behind);
    return typeof cut === 'number' ? [cut] : [];
  });
}

/** Emits the loops; `build` gets the index of the first of `step` neighbours along K. */
export function overDepth(
  emitter: Emitter,
  sizes: readonly Index[],
  step: number,
  build: (start: Index) => void,
): void {
  const nest = (level: number, outer: readonly Index[]): void => {
    const size = sizes[level];
    if (!size) return build(flatten(outer, sizes));
    const each = level === sizes.length - 1 ? step : 1;
    const turns = each === 1 ? size : dividedExactly(size, each);
    const name = emitter.fresh('k');
    const turn = scaled(indexVariable(name, turns), each);
    emitter.loop(name, literal(0, 'u32'), emitter.index(turns), 1, () => nest(level + 1, [...outer, turn]));
  };
  nest(0, []);
}
