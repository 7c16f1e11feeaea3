/**
 * Runs a graph on the host in double precision: the reference that kernels are held against, and what
 * `gradcheck` differentiates by differences. In: a graph without `gradient` nodes, and what its leaves
 * read. Out: its outputs by name.
 */
import { dimensionAt } from './dimension.ts';
import type { HostTensor } from './host-tensor.ts';
import type { Graph, Node, NodeOf, OpName } from './ir.ts';
import { broken, type Environment, type OpRow } from './op-row.ts';
import { OPS } from './ops.ts';

export type { Environment } from './op-row.ts';

const NONE: ReadonlyMap<string, never> = new Map<string, never>();

/** An environment with nothing in it but what is given. */
export function environment(given: Partial<Environment> = {}): Environment {
  return {
    batch: 1,
    seed: 0,
    draw: 0,
    parameters: NONE,
    states: NONE,
    inputs: NONE,
    scalars: NONE,
    ...given,
  };
}

/** The graph's outputs. A name that stands in several roles must be asked of `interpretNodes`. */
export function interpret(graph: Graph, given: Environment): Map<string, HostTensor> {
  const values = interpretNodes(graph, given);
  return new Map(graph.outputs.map(({ name, value }) => [name, valueAt(values, value)]));
}

/** The value of every node, by id. */
export function interpretNodes(graph: Graph, given: Environment): HostTensor[] {
  const values: HostTensor[] = [];
  for (const node of graph.nodes) values.push(evaluateNode(node, values, given));
  return values;
}

/** The value of one node from those of its inputs. */
export function evaluateNode(node: Node, values: readonly HostTensor[], given: Environment): HostTensor {
  const inputs = node.inputs.map((id) => valueAt(values, id));
  return evaluate(node, inputs, given);
}

function evaluate<P extends OpName>(
  node: NodeOf<P>,
  inputs: readonly HostTensor[],
  environment: Environment,
): HostTensor {
  const row: OpRow<P> = OPS[node.op];
  const { dtype } = node.type;
  const shape = node.type.shape.map((d) => dimensionAt(d, environment.batch));
  return {
    shape,
    dtype,
    data: row.evaluate({ inputs, attributes: node.attributes, shape, dtype, environment }),
  };
}

function valueAt(values: readonly HostTensor[], id: number): HostTensor {
  return values[id] ?? broken(`%${id} has no value yet`);
}
