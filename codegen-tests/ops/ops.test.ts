/** Every primitive of the operator table: values by hand, first and second derivatives by differences. */
import { describe, expect, it } from 'vitest';
import { checkGradients } from '../../compiler/autodiff/check.ts';
import { expandGradients } from '../../compiler/autodiff/gradient.ts';
import { GraphBuilder } from '../../compiler/graph/builder.ts';
import { copyNode } from '../../compiler/graph/copy.ts';
import { binary, castTo, sumAll, withNumber } from '../../compiler/graph/convenience.ts';
import { interpret } from '../../compiler/graph/interpret.ts';
import type { Graph } from '../../compiler/graph/ir.ts';
import { printGraph } from '../../compiler/graph/print.ts';
import { verifyGraph } from '../../compiler/graph/verify.ts';
import { SAMPLED_OPS, SAMPLES, opsIn } from './samples.ts';

/** Adds the output `loss`: the elements of the result, weighted by fixed numbers, summed. */
function withLoss(graph: Graph): Graph {
  const b = new GraphBuilder(graph.name);
  for (const node of graph.nodes) copyNode(b, node, node.inputs);
  const result = graph.outputs[0]?.value ?? 0;
  const bits = b.add('random_bits', [], { stream: 99 }, { shape: b.type(result).shape });
  const weights = withNumber(b, 'add', withNumber(b, 'mul', castTo(b, bits, 'f32'), 2 ** -32), 0.5);
  b.output('loss', sumAll(b, binary(b, 'mul', result, weights)), 'result');
  return b.finish();
}

describe.each(SAMPLED_OPS)('%s', (op) => {
  const samples = SAMPLES[op];

  it('has a sample with known values that uses it', () => {
    expect(samples.some(({ expected }) => expected !== undefined)).toBe(true);
    for (const { graph } of samples) expect(opsIn(graph)).toContain(op);
  });

  it.each(samples)('$name: values', ({ graph, environment, expected }) => {
    verifyGraph(graph);
    const expanded = expandGradients(graph);
    verifyGraph(expanded);
    const result = interpret(expanded, environment).get('result');
    const values = [...(result?.data ?? [])];
    expect(values.length).toBe(result?.shape.reduce((n, d) => n * d, 1));
    if (!expected) {
      expect(values.every(Number.isFinite), printGraph(graph)).toBe(true);
      return;
    }
    expect(values.length).toBe(expected.length);
    expected.forEach((value, i) => {
      if (!Number.isFinite(value)) expect(values[i]).toBe(value);
      else expect(Math.abs((values[i] ?? NaN) - value), `element ${i}: ${values[i]}`).toBeLessThanOrEqual(2e-15 * Math.abs(value)); // prettier-ignore
    });
  });

  const differentiable = samples.filter(({ graph, variables }) => {
    const result = graph.nodes[graph.outputs[0]?.value ?? 0];
    return variables.length > 0 && result?.type.dtype === 'f32';
  });
  it.runIf(differentiable.length > 0).each(differentiable)('$name: derivatives', (sample) => {
    const reports = checkGradients({
      graph: withLoss(sample.graph),
      output: 'loss',
      variables: sample.variables,
      environment: sample.environment,
      tolerance: 1e-6,
    });
    expect(reports.length).toBe(2 * sample.variables.length);
    for (const report of reports) {
      expect(report, JSON.stringify(report)).toMatchObject({ passed: true, kinks: 0 });
    }
  });
});
