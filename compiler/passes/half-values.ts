/**
 * Which values of a graph are f16 under `precision = f16`. In: a graph before its gradients are expanded, in which
 * floats are f32. Out: for every node whether its value is f16, whether it takes its operands as f16, and whether
 * it may as well be had as f16 (weights, numbers, truth values as numbers, and views of such).
 *
 * Forwards: what can be f16, because it is made of such. Backwards: what of that is worth it, because in the end a
 * product takes it; what only leads to sums and losses is f32 from the product on, without a rounding between.
 * What lies between the two ends of a `grad` in the program itself stays f32: its derivative is not scaled like
 * that of the loss, and would vanish.
 */
import type { Graph, Node } from '../graph/ir.ts';
import { isFloat } from '../graph/op-row.ts';
import { LARGEST_HALF, SMALLEST_NORMAL_HALF } from '../graph/scalar-functions.ts';
import { precisionOf } from './precision-table.ts';

export interface HalfValues {
  readonly half: readonly boolean[];
  /** Of a node that is half, or of a product with a result in f32. */
  readonly takesHalf: readonly boolean[];
  readonly neutral: readonly boolean[];
}

export function halfValues(graph: Graph): HalfValues {
  const kept = betweenGradients(graph);
  const neutral: boolean[] = [];
  const able: boolean[] = [];
  for (const node of graph.nodes) {
    const inputs = floatInputs(graph, node);
    const inSingle = inputs.every((id) => graph.nodes[id]?.type.dtype === 'f32');
    const free = inSingle && node.type.dtype === 'f32' && !kept[node.id];
    neutral.push(isNeutral(graph, node, inputs.length > 0 && inputs.every((id) => neutral[id])));
    const follows =
      precisionOf(node) === 'follows' &&
      inputs.some((id) => able[id]) &&
      inputs.every((id) => able[id] === true || neutral[id] === true);
    able.push(free && (precisionOf(node) === 'half' || follows));
  }
  const wanted = graph.nodes.map(() => false);
  const half = graph.nodes.map(() => false);
  const takesHalf = graph.nodes.map(() => false);
  for (const node of [...graph.nodes].reverse()) {
    half[node.id] = able[node.id] === true && wanted[node.id] === true;
    takesHalf[node.id] = half[node.id] === true || (able[node.id] === true && precisionOf(node) === 'half');
    if (takesHalf[node.id]) for (const id of node.inputs) wanted[id] = true;
  }
  return { half, takesHalf, neutral };
}

const floatInputs = (graph: Graph, node: Node): number[] =>
  node.inputs.filter((id) => isFloat((graph.nodes[id] as Node).type.dtype));

/** `below`: it has float inputs, and all of them are neutral. */
function isNeutral(graph: Graph, node: Node, below: boolean): boolean {
  if (node.type.dtype !== 'f32') return false;
  switch (node.op) {
    case 'parameter':
      return true;
    case 'constant':
      return typeof node.attributes.value === 'number' && fitsHalf(node.attributes.value);
    case 'cast':
      return graph.nodes[node.inputs[0] as number]?.type.dtype === 'bool';
    case 'select':
    case 'detach':
    case 'reshape':
    case 'transpose':
    case 'broadcast':
    case 'slice':
    case 'reverse':
    case 'pad':
    case 'concat':
    case 'windows':
    case 'diagonal':
    case 'take':
    case 'gather':
      return below;
    default:
      return false;
  }
}

/** A number that f16 holds to its full digits; zero and the infinities, too. */
function fitsHalf(value: number): boolean {
  const size = Math.abs(value);
  return size === 0 || size === Infinity || (size >= SMALLEST_NORMAL_HALF && size <= LARGEST_HALF);
}

/** Nodes on a way from x to y, both included, of each `grad(y, x)` that the program itself goes on with. */
function betweenGradients(graph: Graph): boolean[] {
  const moving = new Set(graph.outputs.filter(({ role }) => role === 'gradient').map(({ value }) => value));
  const read = new Set(graph.nodes.flatMap((node) => [...node.inputs]));
  for (const { value, role } of graph.outputs) if (role !== 'gradient') read.add(value);
  const found = graph.nodes.map(() => false);
  for (const node of graph.nodes) {
    if (node.op !== 'gradient' || (moving.has(node.id) && !read.has(node.id))) continue;
    const [y, x] = node.inputs as [number, number];
    const above = graph.nodes.map(() => false);
    for (let id = x; id <= y; id++) {
      above[id] = id === x || (graph.nodes[id] as Node).inputs.some((input) => above[input]);
    }
    const below = new Set([y]);
    for (let id = y; id >= x; id--) {
      if (!below.has(id) || !above[id]) continue;
      found[id] = true;
      for (const input of (graph.nodes[id] as Node).inputs) below.add(input);
    }
  }
  return found;
}
