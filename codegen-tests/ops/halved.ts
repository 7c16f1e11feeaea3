/**
 * A sample with f16 wherever it has f32: leaves are cast, constants are f16, everything in between follows. In: a
 * sample. Out: its graph and environment, with inputs that f16 holds, so that casting them rounds nothing.
 */
import { GraphBuilder } from '../../compiler/graph/builder.ts';
import { castTo } from '../../compiler/graph/convenience.ts';
import { mapped } from '../../compiler/graph/copy.ts';
import type { HostTensor } from '../../compiler/graph/host-tensor.ts';
import type { Environment } from '../../compiler/graph/interpret.ts';
import type { DType, Graph, NodeOf, OpName } from '../../compiler/graph/ir.ts';
import { roundToHalf } from '../../compiler/graph/scalar-functions.ts';

const half = (dtype: DType): DType => (dtype === 'f32' ? 'f16' : dtype);

export function halvedGraph(graph: Graph): Graph {
  const b = new GraphBuilder(graph.name);
  const ids: number[] = [];
  for (const node of graph.nodes) ids.push(halvedNode(b, node, ids));
  for (const { name, value, role } of graph.outputs) b.output(name, mapped(ids, value), role);
  return b.finish();
}

function halvedNode<P extends OpName>(b: GraphBuilder, node: NodeOf<P>, ids: readonly number[]): number {
  const inputs = node.inputs.map((id) => mapped(ids, id));
  const leaf: readonly OpName[] = ['input', 'parameter', 'state', 'scalar'];
  if (leaf.includes(node.op)) {
    return castTo(b, b.add(node.op, [], node.attributes, node.type), half(node.type.dtype));
  }
  const { dtype, shape } = node.type;
  if (node.op !== 'scatter_add')
    return b.add(node.op, inputs, node.attributes, { shape, dtype: half(dtype) });
  // Takes no f16: its sums are kept in memory.
  const wide = inputs.map((id) => castTo(b, id, b.type(id).dtype === 'f16' ? 'f32' : b.type(id).dtype));
  return castTo(b, b.add(node.op, wide, node.attributes, node.type), half(dtype));
}

export function halvedEnvironment(given: Environment): Environment {
  const rounded = (tensors: ReadonlyMap<string, HostTensor>): Map<string, HostTensor> =>
    new Map(
      [...tensors].map(([name, tensor]) => [
        name,
        tensor.dtype === 'f32' ? { ...tensor, data: tensor.data.map(roundToHalf) } : tensor,
      ]),
    );
  return {
    ...given,
    inputs: rounded(given.inputs),
    parameters: rounded(given.parameters),
    states: rounded(given.states),
    scalars: new Map([...given.scalars].map(([name, value]) => [name, roundToHalf(value)])),
  };
}
