/**
 * Every sample of every primitive on a device against the interpreter: values, and first derivatives of the sum of
 * the result, weighted element by element. Iterates the operator table, so that no row is left out.
 */
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../compiler/graph/builder.ts';
import { binary, castTo, sumAll, withNumber } from '../../compiler/graph/convenience.ts';
import { copyNode } from '../../compiler/graph/copy.ts';
import { interpret } from '../../compiler/graph/interpret.ts';
import type { Graph, Node } from '../../compiler/graph/ir.ts';
import { OP_NAMES } from '../../compiler/graph/ops.ts';
import { gpuOrSkip } from '../support/gpu.ts';
import { difference, kernelsOf, runGraphs, type GraphJob } from '../support/run-graph.ts';
import { schedulable } from '../support/schedulable.ts';
import { printKernel } from '../../compiler/kernel/print.ts';
import { SAMPLES, type OpSample } from './samples.ts';

/** Design: element-wise 2e-6, sums over K terms 1e-6 sqrt(K). */
const toleranceOf = ({ terms }: OpSample): number => Math.max(2e-6, 1e-6 * Math.sqrt(terms));

interface Case {
  readonly name: string;
  readonly job: GraphJob;
  readonly tolerance: number;
}

const valueCase = (sample: OpSample): Case => ({
  name: sample.name,
  job: { graph: schedulable(sample.graph), environment: sample.environment },
  tolerance: toleranceOf(sample),
});

/** Gradients ten times the tolerance. */
const gradientCase = (sample: OpSample): Case => ({
  name: `derivatives of ${sample.name}`,
  job: { graph: schedulable(withGradients(sample)), environment: sample.environment },
  tolerance: 10 * toleranceOf(sample),
});

function isDifferentiable({ graph, variables }: OpSample): boolean {
  const result = graph.nodes[graph.outputs[0]?.value ?? 0];
  return variables.length > 0 && result?.type.dtype === 'f32';
}

/** One output a variable: the derivative of the weighted sum of the result. */
function withGradients({ graph, variables }: OpSample): Graph {
  const b = new GraphBuilder(graph.name);
  for (const node of graph.nodes) copyNode(b, node, node.inputs);
  const result = graph.outputs[0]?.value ?? 0;
  const bits = b.add('random_bits', [], { stream: 99 }, { shape: b.type(result).shape });
  const weights = withNumber(b, 'add', withNumber(b, 'mul', castTo(b, bits, 'f32'), 2 ** -32), 0.5);
  const loss = sumAll(b, binary(b, 'mul', result, weights));
  for (const name of variables) {
    const leaf = graph.nodes.find((node) => leafName(node) === name);
    if (!leaf) throw new Error(`no leaf ${name}`);
    b.output(`d ${name}`, b.add('gradient', [loss, leaf.id], {}), 'result');
  }
  return b.finish();
}

function leafName(node: Node): string | undefined {
  return node.op === 'input' || node.op === 'parameter' || node.op === 'state'
    ? node.attributes.name
    : undefined;
}

async function faultsOf(gpu: GPUDevice, cases: readonly Case[]): Promise<string[]> {
  const results = await runGraphs(
    gpu,
    cases.map(({ job }) => job),
  );
  return cases.flatMap(({ name, job, tolerance }, i) =>
    [...interpret(job.graph, job.environment)].flatMap(([output, expected]) => {
      const found = results[i]?.get(output);
      const fault = found ? difference(found, expected, tolerance) : 'not computed';
      if (fault === undefined) return [];
      return [`${name}, ${output}: ${fault}\n${kernelsOf(job).map(printKernel).join('\n')}`];
    }),
  );
}

describe.each(OP_NAMES)('%s', (op) => {
  it('has the values of the interpreter', async (context) => {
    const { gpu } = await gpuOrSkip(context);
    expect(SAMPLES[op].length).toBeGreaterThan(0);
    expect(await faultsOf(gpu, SAMPLES[op].map(valueCase))).toEqual([]);
  });

  const differentiable = SAMPLES[op].filter(isDifferentiable);
  if (differentiable.length === 0) return;
  it('has its derivatives', async (context) => {
    const { gpu } = await gpuOrSkip(context);
    expect(await faultsOf(gpu, differentiable.map(gradientCase))).toEqual([]);
  });
});
