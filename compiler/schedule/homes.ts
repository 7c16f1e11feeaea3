/**
 * Where the value of a graph node lies in memory. In: the graph. Out: the node's own place, a stack that takes the
 * values of a loop, or the tensor it overwrites.
 */
import type { Graph, GraphOutput, Node } from '../graph/ir.ts';
import { loopOf } from '../graph/loop-of-node.ts';
import { isLeaf } from './free.ts';

export type Home =
  { readonly kind: 'value'; readonly value: number } | { readonly kind: 'named'; readonly name: string };

/** The tensor an output overwrites; a result lies in the value's own place. */
export function outputName(output: GraphOutput): string | undefined {
  switch (output.role) {
    case 'result':
      return undefined;
    case 'gradient':
      return `gradient:${output.name}`;
    case 'state':
    case 'update':
      return output.name;
    default:
      return output.role satisfies never;
  }
}

/** The named tensor a leaf reads. */
export function leafName(node: Node): string | undefined {
  return node.op === 'parameter' || node.op === 'state' || node.op === 'input'
    ? node.attributes.name
    : undefined;
}

/** By values computed in a loop: the first stack that takes each. The value lies there and nowhere else. */
export function stacksOfValues(graph: Graph, free: readonly boolean[]): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  for (const loop of graph.loops ?? [])
    for (const stack of loop.stacks) {
      const value = graph.nodes[stack]?.inputs[0];
      const node = value === undefined ? undefined : graph.nodes[value];
      if (value === undefined || !node || found.has(value) || loopOf(graph, value) !== loop) continue;
      // The stack of a loop within has a place of its own, from which a turn of the outer one copies it.
      if (node.op === 'carried' || node.op === 'over_turns') continue;
      if (!free[value] && !isLeaf(node)) found.set(value, stack);
    }
  return found;
}

/**
 * Where each stored node is written: a slot of its stack in a loop, else its first named output, unless the host
 * reads it as a result.
 */
export function homesOf(graph: Graph, stacks: ReadonlyMap<number, number>): Home[] {
  const outputs = new Map<number, (string | undefined)[]>();
  for (const output of graph.outputs)
    outputs.set(output.value, [...(outputs.get(output.value) ?? []), outputName(output)]);
  return graph.nodes.map(({ id, op }): Home => {
    const stack = stacks.get(id);
    if (stack !== undefined) return { kind: 'value', value: stack };
    // A turn writes a part of a stack: what other turns still read under its name would be overwritten too early.
    const names = op === 'over_turns' ? [] : (outputs.get(id) ?? []);
    const [first] = names;
    if (first === undefined || names.includes(undefined)) return { kind: 'value', value: id };
    return { kind: 'named', name: first };
  });
}
