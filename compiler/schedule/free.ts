/**
 * Which nodes cost no kernel of their own: views, numbers, index ramps, and casts of such to f32 and integers. They are worked
 * out anew inside every kernel that reads them. Leaves are read where they lie.
 */
import type { Graph, Node } from '../graph/ir.ts';

export const isLeaf = (node: Node): boolean =>
  node.op === 'parameter' || node.op === 'state' || node.op === 'input';

export function isFree(graph: Graph, node: Node): boolean {
  switch (node.op) {
    case 'scalar':
    case 'constant':
    case 'iota':
    case 'detach':
    case 'reshape':
    case 'transpose':
    case 'broadcast':
    case 'slice':
    case 'reverse':
    case 'windows':
    case 'diagonal':
    case 'pad':
    case 'at_turn':
      return true;
    case 'cast': {
      // Rounding to f16 costs more than a load, and is done once for all that read half the bytes.
      if (node.type.dtype === 'f16') return false;
      const source = behindViews(graph, node);
      return isLeaf(source) || source.op === 'scalar' || source.op === 'constant' || source.op === 'iota';
    }
    default:
      return false;
  }
}

/** What a chain of views and casts starts from; a pad is no link of it, as it reads two values. */
function behindViews(graph: Graph, node: Node): Node {
  let current = node;
  for (;;) {
    switch (current.op) {
      case 'cast':
      case 'detach':
      case 'reshape':
      case 'transpose':
      case 'broadcast':
      case 'slice':
      case 'reverse':
      case 'windows':
      case 'diagonal':
      case 'at_turn':
        current = graph.nodes[current.inputs[0] as number] as Node;
        continue;
      default:
        return current;
    }
  }
}
