/**
 * What a value depends on, for graphs that only predict. In: a graph without `gradient` nodes. Out: by node, whether it
 * is a number, a matter of weights and layer states alone, or something else every time.
 */
import type { Graph, Node } from '../graph/ir.ts';

/**
 * number: the same in every program that has this graph. weights: the same until other weights are loaded, of a size
 * known now. varies: the rest, what random bits or the batch decide included.
 */
export type Knowledge = 'number' | 'weights' | 'varies';

export function knowledgeOf({ nodes }: Graph): Knowledge[] {
  const known: Knowledge[] = [];
  for (const node of nodes) known.push(ofNode(node, known));
  return known;
}

function ofNode(node: Node, known: readonly Knowledge[]): Knowledge {
  if (node.type.shape.some((size) => typeof size !== 'number')) return 'varies';
  switch (node.op) {
    case 'parameter':
    case 'state':
      return 'weights';
    case 'constant':
      return typeof node.attributes.value === 'number' ? 'number' : 'varies';
    case 'iota':
      return 'number';
    case 'input':
    case 'scalar':
    case 'random_bits':
    case 'argument':
      return 'varies';
    default: {
      const inputs = node.inputs.map((id) => known[id]);
      if (inputs.includes('varies')) return 'varies';
      return inputs.includes('weights') ? 'weights' : 'number';
    }
  }
}
