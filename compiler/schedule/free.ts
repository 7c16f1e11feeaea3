/**
 * Which nodes cost no kernel of their own: views, numbers, index ramps, and casts of such to f32 and integers. They are worked
 * out anew inside every kernel that reads them. Leaves are read where they lie.
 */
import type { Graph, Node } from '../graph/ir.ts';
import type { DeviceClass } from '../kernel/profile.ts';

export const isLeaf = (node: Node): boolean =>
  node.op === 'parameter' || node.op === 'state' || node.op === 'input';

/**
 * Whether margins that windows reach into are stored with the tensor. A product that packs its operands reads each element
 * as often as there are windows over it, and would ask every time whether it lies in a margin; threads of a GPU wait for memory.
 */
const STORES_MARGINS: { readonly [C in DeviceClass]: boolean } = {
  cpu: true,
  software: false,
  small: false,
  large: false,
};

/** By node. */
export function freeNodes({ nodes }: Graph, deviceClass: DeviceClass): boolean[] {
  const sources: Node[] = [];
  const margins = STORES_MARGINS[deviceClass] ? marginsOf(nodes) : undefined;
  return nodes.map((node) => {
    const source = passesOn(node) ? (sources[node.inputs[0] as number] as Node) : node;
    sources.push(source);
    return isFree(node, source) && margins?.has(node.id) !== true;
  });
}

/** Pads that windows slide over. */
const marginsOf = (nodes: readonly Node[]): Set<number> =>
  new Set(
    nodes.flatMap(({ op, inputs }) => {
      const [input] = inputs.slice(0, 1).map((id) => nodes[id] as Node);
      return op === 'windows' && input?.op === 'pad' ? [input.id] : [];
    }),
  );

/** `source`: what the chain of views and casts starts from that the node is the end of. */
function isFree(node: Node, source: Node): boolean {
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
    case 'cast':
      // Rounding to f16 costs more than a load, and is done once for all that read half the bytes.
      if (node.type.dtype === 'f16') return false;
      return isLeaf(source) || source.op === 'scalar' || source.op === 'constant' || source.op === 'iota';
    default:
      return false;
  }
}

/** A view or cast, whose elements are those of its input; a pad is none, as it reads two values. */
function passesOn(node: Node): boolean {
  switch (node.op) {
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
      return true;
    default:
      return false;
  }
}
