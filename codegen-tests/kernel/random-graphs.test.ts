/** Random graphs with their gradients, scheduled, lowered and run on the host evaluator. */
import { describe, expect, it } from 'vitest';
import { expandGradients } from '../../compiler/autodiff/gradient.ts';
import type { Graph } from '../../compiler/graph/ir.ts';
import { optimizeGraph } from '../../compiler/passes/pipeline.ts';
import { randomGraph } from '../passes/random-graph.ts';
import { expectLowered } from '../support/run-schedule.ts';

/** The same graph as if an update computed it, so that reductions take in what they can. */
const asUpdate = (graph: Graph): Graph => ({
  ...graph,
  nodes: graph.nodes.map((node) => ({ ...node, phase: 'update' })),
  outputs: graph.outputs.map((output) => ({ ...output, role: 'update' })),
});

describe.each([...Array(60).keys()])('random graph %i', (seed) => {
  const { graph, environment } = randomGraph(seed);
  const optimized = optimizeGraph(expandGradients(graph));

  it('keeps its values kernel by kernel', () => {
    const { schedule } = expectLowered(optimized, environment, { tolerance: 3e-5 });
    expect(schedule.decisions.every(({ fused }) => !fused)).toBe(true);
  });

  it('keeps its values as an update', () => {
    const { kernels } = expectLowered(asUpdate(optimized), environment, { tolerance: 3e-5 });
    expect(kernels.length).toBeGreaterThan(0);
  });
});
