/**
 * Loops over time in parts, one after another, so that what a part saves for its derivative can be worked out again
 * part by part. In: a graph as elaborated. Out: the same values, each scan a chain of at most `parts` scans: a part
 * begins with the carries of the one before, and the emits are put together.
 */
import type { GraphBuilder } from '../graph/builder.ts';
import type { Graph, NodeOf } from '../graph/ir.ts';
import { nth } from '../graph/op-row.ts';
import { argumentRole, outputType } from '../graph/scan.ts';
import { scanResult } from '../graph/scan-builder.ts';
import { rewriteGraph } from './rewrite.ts';

export function splitScans(graph: Graph, parts: number): Graph {
  if (!graph.nodes.some(({ op }) => op === 'scan')) return graph;
  /** Results of the chains, by the id that stands for the scan in the new graph: that of the last part. */
  const results = new Map<number, readonly number[]>();
  return rewriteGraph(graph, (b, node, inputs) => {
    if (node.op === 'scan') {
      const count = Math.min(parts, node.attributes.turns);
      if (count < 2) return undefined;
      const chain = splitScan(b, node, inputs, count);
      results.set(chain.last, chain.results);
      return chain.last;
    }
    if (node.op !== 'scan_result') return undefined;
    const known = results.get(nth(inputs, 0));
    return known && nth(known, node.attributes.index);
  });
}

function splitScan(
  b: GraphBuilder,
  { attributes }: NodeOf<'scan'>,
  inputs: readonly number[],
  count: number,
): { last: number; results: number[] } {
  const { turns, reverse, carries, body } = attributes;
  let current = inputs.slice(0, carries);
  const emits: number[][] = body.outputs.slice(carries).map(() => []);
  let last = -1;
  for (let part = 0; part < count; part++) {
    const from = Math.floor((part * turns) / count);
    const to = Math.floor(((part + 1) * turns) / count);
    const [start, limit] = reverse ? [turns - to, turns - from] : [from, to];
    const partInputs = inputs.map((input, index) => {
      switch (argumentRole(attributes, index)) {
        case 'carry':
          return nth(current, index);
        case 'sequence':
          return rows(b, input, start, limit);
        default:
          return input;
      }
    });
    last = b.add('scan', partInputs, { ...attributes, turns: to - from });
    current = current.map((_, carry) => scanResult(b, last, carry));
    for (const [emit, found] of emits.entries()) {
      const result = scanResult(b, last, carries + emit);
      if (reverse) found.unshift(result);
      else found.push(result);
    }
  }
  const joined = emits.map((found, emit) => {
    const { dtype } = outputType(body, carries + emit);
    return b.add('concat', found, { axis: 0 }, { dtype });
  });
  return { last, results: [...current, ...joined] };
}

/** Elements `start` to below `limit` along axis 0. */
function rows(b: GraphBuilder, x: number, start: number, limit: number): number {
  const { shape } = b.type(x);
  return b.add('slice', [x], {
    starts: shape.map((_, axis) => (axis === 0 ? start : 0)),
    limits: shape.map((size, axis) => (axis === 0 ? limit : size)),
    steps: shape.map(() => 1),
  });
}
