/**
 * Where the value of a graph node lies in memory. In: the graph, and the nodes the schedule keeps away from
 * their named tensor for the time being. Out: the node's own place, or the tensor it overwrites.
 */
import type { Graph, GraphOutput, Node } from '../graph/ir.ts';
import { stackOf } from './loops.ts';

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
 * Where a stored node is written: a slot of its stack in a loop, else its first named output, unless the host
 * reads it as a result.
 */
export function writtenHome(graph: Graph, id: number, spilled: readonly number[] = []): Home {
  const stack = stackOf(graph, id);
  if (stack !== undefined) return { kind: 'value', value: stack };
  // A turn writes a part of a stack: what other turns still read under its name would be overwritten too early.
  if (graph.nodes[id]?.op === 'over_turns') return { kind: 'value', value: id };
  const outputs = graph.outputs.filter((output) => output.value === id);
  const named = outputs.map(outputName);
  const [first] = named;
  if (first === undefined || named.includes(undefined) || spilled.includes(id))
    return { kind: 'value', value: id };
  return { kind: 'named', name: first };
}

/** Where a node's value is read from, outside of the group that stores it. */
export function readHome(graph: Graph, node: Node, spilled: readonly number[] = []): Home {
  if (node.op === 'carried') return { kind: 'value', value: node.attributes.stack };
  const name = spilled.includes(node.id) ? undefined : leafName(node);
  return name === undefined ? writtenHome(graph, node.id, spilled) : { kind: 'named', name };
}
