/** What passes make of loops over time: the same values, less work in a turn. */
import { describe, expect, it } from 'vitest';
import { expandGradients } from '../../compiler/autodiff/gradient.ts';
import { GraphBuilder } from '../../compiler/graph/builder.ts';
import { sumAll } from '../../compiler/graph/convenience.ts';
import { copyNode } from '../../compiler/graph/copy.ts';
import { interpret } from '../../compiler/graph/interpret.ts';
import type { Graph, NodeOf } from '../../compiler/graph/ir.ts';
import { verifyGraph } from '../../compiler/graph/verify.ts';
import { optimizeGraph } from '../../compiler/passes/pipeline.ts';
import { SCAN_SAMPLES } from '../ops/samples-scans.ts';
import type { OpSample } from '../ops/sample.ts';
import { classProfile } from '../support/profiles.ts';
import { expectLowered } from '../support/run-schedule.ts';
import { expectSameValues } from './same-values.ts';

/** The result, and its gradients by all variables. */
function withGradients({ graph, variables }: OpSample): Graph {
  const b = new GraphBuilder(graph.name);
  for (const node of graph.nodes) copyNode(b, node, node.inputs);
  const result = graph.outputs[0]?.value ?? 0;
  b.output('result', result, 'result');
  const loss = sumAll(b, b.add('mul', [result, result], {}));
  for (const leaf of graph.nodes) {
    if (leaf.op !== 'input' || !variables.includes(leaf.attributes.name)) continue;
    b.output(`d ${leaf.attributes.name}`, b.add('gradient', [loss, leaf.id], {}), 'result');
  }
  return expandGradients(b.finish());
}

const scansOf = (graph: Graph): NodeOf<'scan'>[] => graph.nodes.filter((node) => node.op === 'scan');
const bodyOps = (scan: NodeOf<'scan'>): string[] => scan.attributes.body.nodes.map(({ op }) => op);
const sampleOf = (name: string): OpSample => {
  const found = SCAN_SAMPLES.scan.find((sample) => sample.name === name);
  if (!found) throw new Error(`no sample ${name}`);
  return found;
};

describe('loops through all passes', () => {
  it.each(SCAN_SAMPLES.scan)('$name keeps its values and gradients', (sample) => {
    const graph = withGradients(sample);
    const optimized = optimizeGraph(graph);
    verifyGraph(optimized);
    expectSameValues(interpret(optimized, sample.environment), interpret(graph, sample.environment));
    for (const profile of ['software', 'large', 'cpu'] as const)
      for (const fuse of [false, true])
        for (const each of [graph, optimized])
          expectLowered(each, sample.environment, { tolerance: 1e-5, fuse, profile: classProfile(profile) });
  });
});

describe('work moved out of loops', () => {
  it('computes the projection of all inputs as one product', () => {
    const optimized = optimizeGraph(sampleOf('recurrent cell').graph);
    const [scan] = scansOf(optimized);
    // The product by the input is gone; the one by the state stays.
    expect(bodyOps(scan as NodeOf<'scan'>).filter((op) => op === 'matmul')).toHaveLength(1);
    const products = optimized.nodes.filter(({ op }) => op === 'matmul');
    expect(products.map(({ type }) => type.shape)).toEqual([[6, 3]]);
  });

  it("computes a weight's gradient as one product over all turns", () => {
    const sample = sampleOf('recurrent cell');
    const optimized = optimizeGraph(withGradients(sample));
    const [forward, backward, ...others] = scansOf(optimized);
    expect(others).toEqual([]);
    expect(forward?.attributes.reverse).toBe(false);
    expect(backward?.attributes.reverse).toBe(true);
    // Of three products a turn one is left, the state's gradient; no carry is a sum of weight gradients.
    expect(bodyOps(backward as NodeOf<'scan'>).filter((op) => op === 'matmul')).toHaveLength(1);
    expect(backward?.attributes.carries).toBe(1);
    const depths = optimized.nodes.flatMap((node) =>
      node.op === 'matmul' ? [optimized.nodes[node.inputs[0] ?? -1]?.type.shape.at(-1)] : [],
    );
    // x @ W by 5 inputs, dW and dU over 3 turns of 2 records, dx by 3 states.
    expect(depths.sort()).toEqual([3, 5, 6, 6]);
  });

  it('turns a carry that is only added to into a sum', () => {
    const optimized = optimizeGraph(sampleOf('carries that are added to').graph);
    expect(scansOf(optimized).map(({ attributes }) => attributes.carries)).toEqual([1]);
  });

  it('leaves no loop where nothing depends on the turn before', () => {
    const sample = sampleOf('looking up in a loop');
    const scans = scansOf(optimizeGraph(sample.graph));
    expect(scans).toHaveLength(1);
    expect(bodyOps(scans[0] as NodeOf<'scan'>)).not.toContain('take');
  });
});
