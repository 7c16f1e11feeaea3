/** Which loop of a graph a node belongs to, and how loops lie in each other. */
import type { Graph, Loop } from './ir.ts';

/** Whether a node belongs to a loop, or to one inside of it. */
export const holds = ({ first, last }: Loop, id: number): boolean => first <= id && id <= last;

/** The innermost loop that a node belongs to. */
export function loopOf(graph: Graph, id: number): Loop | undefined {
  return graph.loops?.findLast((loop) => holds(loop, id));
}

/** The loops around a node, the outermost first. */
export const loopsAround = (graph: Graph, id: number): readonly Loop[] =>
  graph.loops?.filter((loop) => holds(loop, id)) ?? [];

/** The loop directly inside `around` (undefined: none) that holds a loop, or is it. */
export function loopWithin(
  graph: Graph,
  around: Loop | undefined,
  inner: Loop | undefined,
): Loop | undefined {
  if (!inner || inner === around) return undefined;
  const isInside = (loop: Loop): boolean => !around || (loop !== around && holds(around, loop.first));
  return graph.loops?.find((loop) => isInside(loop) && holds(loop, inner.first));
}
