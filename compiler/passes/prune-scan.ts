/**
 * What of a scan is asked for. In: the scan, and which of its results are read. Out: the scan without what
 * these do not depend on: emits, carries, arguments, nodes of the body; and the new places of inputs and results.
 */
import { GraphBuilder } from '../graph/builder.ts';
import { copyNode, mapped } from '../graph/copy.ts';
import type { Graph, Node, NodeOf, ScanAttributes } from '../graph/ir.ts';
import { nth } from '../graph/op-row.ts';
import { argumentRole, outputLabel } from '../graph/scan.ts';

export interface PrunedScan {
  readonly attributes: ScanAttributes;
  /** The inputs that stay, by their old places. */
  readonly inputs: readonly number[];
  /** New places of the results that stay, by old place. */
  readonly results: ReadonlyMap<number, number>;
}

export function pruneScan(scan: NodeOf<'scan'>, read: ReadonlySet<number>): PrunedScan {
  const { attributes } = scan;
  const { body, carries } = attributes;
  const { nodes, outputs } = neededOf(attributes, read);
  const inputs = [...scan.inputs.keys()].filter((index) => {
    if (argumentRole(attributes, index) === 'carry') return outputs.has(index);
    return body.nodes.some(
      (node) => node.op === 'argument' && node.attributes.index === index && nodes.has(node.id),
    );
  });
  const kept = [...body.outputs.keys()].filter((index) => outputs.has(index));
  const countOf = (role: string): number =>
    inputs.filter((index) => argumentRole(attributes, index) === role).length;
  const places = new Map(inputs.map((index, place) => [index, place]));
  return {
    inputs,
    results: new Map(kept.map((index, place) => [index, place])),
    attributes: {
      ...attributes,
      carries: countOf('carry'),
      sequences: countOf('sequence'),
      body: reduced(body, nodes, places, kept, kept.filter((index) => index < carries).length),
    },
  };
}

/** Outputs and nodes that the results read depend on, from turn to turn. */
function neededOf(
  { body, carries }: ScanAttributes,
  read: ReadonlySet<number>,
): { nodes: ReadonlySet<number>; outputs: ReadonlySet<number> } {
  const nodes = new Set<number>();
  const outputs = new Set<number>(read);
  const open = [...read].map((index) => nth(body.outputs, index).value);
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (nodes.has(id)) continue;
    nodes.add(id);
    const node = nth(body.nodes, id);
    open.push(...node.inputs);
    if (node.op !== 'argument' || node.attributes.index >= carries) continue;
    outputs.add(node.attributes.index);
    open.push(nth(body.outputs, node.attributes.index).value);
  }
  return { nodes, outputs };
}

function reduced(
  body: Graph,
  needed: ReadonlySet<number>,
  places: ReadonlyMap<number, number>,
  kept: readonly number[],
  carries: number,
): Graph {
  const b = new GraphBuilder(body.name);
  const ids: number[] = [];
  for (const node of body.nodes) {
    if (!needed.has(node.id)) continue;
    const place = node.op === 'argument' ? places.get(node.attributes.index) : undefined;
    const placed: Node =
      node.op === 'argument' && place !== undefined ? { ...node, attributes: { index: place } } : node;
    ids[node.id] = copyNode(
      b,
      placed,
      node.inputs.map((input) => mapped(ids, input)),
    );
  }
  kept.forEach((index, place) => {
    b.output(outputLabel(place, carries), mapped(ids, nth(body.outputs, index).value), 'result');
  });
  return b.finish();
}
