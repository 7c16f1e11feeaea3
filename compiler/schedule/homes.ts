/**
 * Where the value of a graph node lies in memory. In: the graph, and the stacks that take values of loops. Out: the
 * node's own place, or the tensor it overwrites.
 */
import type { Graph, GraphOutput, Node } from '../graph/ir.ts';

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
