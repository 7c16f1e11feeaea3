/** Holds a graph against the rules of the IR. Throws a plain Error at the first that is broken. */
import { equalShapes, printShape } from './dimension.ts';
import type { Graph, Node, TensorType } from './ir.ts';
import { broken } from './op-row.ts';
import { inferNode } from './ops.ts';
import { printType } from './print.ts';
import { resultType } from './scan.ts';

/** Ids are places, inputs come before, types are the operator table's, outputs exist and differ in name. */
export function verifyGraph(graph: Graph): void {
  graph.nodes.forEach((node, id) => verifyNode(graph, node, id));
  const seen = new Set<string>();
  for (const { name, value, role } of graph.outputs) {
    if (!graph.nodes[value]) broken(`output ${name} of ${graph.name} is %${value}, which does not exist`);
    const key = `${role} ${name}`;
    if (seen.has(key)) broken(`two outputs ${key} of ${graph.name}`);
    seen.add(key);
  }
}

function verifyNode(graph: Graph, node: Node, id: number): void {
  const at = `%${id} = ${node.op} of ${graph.name}`;
  if (node.id !== id) broken(`${at} carries the id ${node.id}`);
  const inputs = node.inputs.map((input): TensorType => {
    const source = graph.nodes[input];
    if (!source || input >= id) broken(`${at} takes %${input}, which does not come before it`);
    return source.type;
  });
  verifyScan(graph, node, at);
  let type: TensorType;
  try {
    type = inferNode(node, inputs);
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)} (${at})`, { cause: error });
  }
  if (type.dtype !== node.type.dtype || !equalShapes(type.shape, node.type.shape)) {
    broken(
      `${at} is ${node.type.dtype}${printShape(node.type.shape)}, should be ${type.dtype}${printShape(type.shape)}`,
    );
  }
}

/** A scan's body is a graph of its own; a scan is read by its results, and they have its types. */
function verifyScan(graph: Graph, node: Node, at: string): void {
  if (node.op === 'scan') verifyGraph(node.attributes.body);
  for (const input of node.inputs) {
    const source = graph.nodes[input];
    if (source?.op !== 'scan') continue;
    if (node.op !== 'scan_result') broken(`${at} takes a scan for a value`);
    const due = resultType(source.attributes, node.attributes.index);
    if (due.dtype !== node.type.dtype || !equalShapes(due.shape, node.type.shape)) {
      broken(`${at} is ${printType(node.type)}, should be ${printType(due)}`);
    }
  }
}
