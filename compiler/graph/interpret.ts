/**
 * Runs a graph on the host in double precision, f16 values rounded: the reference that kernels are held against, and what
 * `gradcheck` differentiates by differences. In: a graph without `gradient` nodes, and what its leaves
 * read. Out: its outputs by name.
 */
import { dimensionAt } from './dimension.ts';
import { elementCount, type HostTensor } from './host-tensor.ts';
import type { Graph, Node, NodeOf, OpName } from './ir.ts';
import { broken, nth, type Environment, type OpRow } from './op-row.ts';
import { OPS } from './ops.ts';
import { roundToHalf } from './scalar-functions.ts';
import { argumentRole } from './scan.ts';

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

type Evaluate = (node: Node, values: readonly HostTensor[], given: Environment) => HostTensor;

/** The value of every node, by id. */
export function interpretNodes(
  graph: Graph,
  given: Environment,
  evaluateOne: Evaluate = evaluateNode,
): HostTensor[] {
  const values: HostTensor[] = [];
  for (const node of graph.nodes) values.push(evaluateOne(node, values, given));
  return values;
}

/** The value of one node from those of its inputs; `inBodies` evaluates the nodes of a scan's turns. */
export function evaluateNode(
  node: Node,
  values: readonly HostTensor[],
  given: Environment,
  inBodies: Evaluate = evaluateNode,
): HostTensor {
  const inputs = node.inputs.map((id) => valueAt(values, id));
  switch (node.op) {
    case 'scan':
      return {
        shape: [],
        dtype: node.type.dtype,
        data: new Float64Array(1),
        results: runScan(node, inputs, given, inBodies),
      };
    case 'scan_result':
      return nth(nth(inputs, 0).results ?? [], node.attributes.index);
    default:
      return evaluate(node, inputs, given);
  }
}

/** The turns of a scan, one after another. */
function runScan(
  node: NodeOf<'scan'>,
  inputs: readonly HostTensor[],
  given: Environment,
  inBodies: Evaluate,
): HostTensor[] {
  const { turns, reverse, carries, body } = node.attributes;
  const held = [...inputs];
  const emits: HostTensor[][] = body.outputs.slice(carries).map(() => []);
  for (let turn = 0; turn < turns; turn++) {
    const place = reverse ? turns - 1 - turn : turn;
    const turnInputs = held.map((input, index) =>
      argumentRole(node.attributes, index) === 'sequence' ? sliceAt(input, place) : input,
    );
    const values = interpretNodes(body, { ...given, arguments: turnInputs }, inBodies);
    body.outputs.forEach(({ value }, index) => {
      const result = valueAt(values, value);
      if (index < carries) held[index] = result;
      else (emits[index - carries] as HostTensor[])[place] = result;
    });
  }
  return [...held.slice(0, carries), ...emits.map(stacked)];
}

function sliceAt({ shape, dtype, data }: HostTensor, place: number): HostTensor {
  const inner = shape.slice(1);
  const count = elementCount(inner);
  return { shape: inner, dtype, data: data.subarray(place * count, (place + 1) * count) };
}

function stacked(parts: readonly HostTensor[]): HostTensor {
  const { shape, dtype } = nth(parts, 0);
  const count = elementCount(shape);
  const data = new Float64Array(parts.length * count);
  parts.forEach((part, i) => data.set(part.data, i * count));
  return { shape: [parts.length, ...shape], dtype, data };
}

function evaluate<P extends OpName>(
  node: NodeOf<P>,
  inputs: readonly HostTensor[],
  environment: Environment,
): HostTensor {
  const row: OpRow<P> = OPS[node.op];
  const { dtype } = node.type;
  const shape = node.type.shape.map((d) => dimensionAt(d, environment.batch));
  const data = row.evaluate({ inputs, attributes: node.attributes, shape, dtype, environment });
  const rounded = dtype === 'f16' && environment.exact !== true ? data.map(roundToHalf) : data;
  return { shape, dtype, data: rounded };
}

function valueAt(values: readonly HostTensor[], id: number): HostTensor {
  return values[id] ?? broken(`%${id} has no value yet`);
}
