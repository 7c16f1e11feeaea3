/**
 * Every sample of every primitive as jobs for a target: values, and first derivatives of the sum of the result, weighted
 * element by element. In: a sample. Out: graphs with what their leaves read, and the tolerance of the design.
 */
import { GraphBuilder } from '../../compiler/graph/builder.ts';
import { binary, castTo, sumAll, withNumber } from '../../compiler/graph/convenience.ts';
import { copyNode } from '../../compiler/graph/copy.ts';
import { interpret } from '../../compiler/graph/interpret.ts';
import type { Graph, Node } from '../../compiler/graph/ir.ts';
import { printKernel } from '../../compiler/kernel/print.ts';
import { difference, kernelsOf, type GraphJob } from '../support/run-graph.ts';
import { schedulable } from '../support/schedulable.ts';
import type { OpSample } from './samples.ts';

/** Design: element-wise 2e-6, sums over K terms 1e-6 sqrt(K). */
const toleranceOf = ({ terms }: OpSample): number => Math.max(2e-6, 1e-6 * Math.sqrt(terms));

export interface Case {
  readonly name: string;
  readonly job: GraphJob;
  readonly tolerance: number;
  /** A difference that always passes. */
  readonly smallest?: number;
}

export const valueCase = (sample: OpSample): Case => ({
  name: sample.name,
  job: { graph: schedulable(sample.graph), environment: sample.environment },
  tolerance: toleranceOf(sample),
});

/** Gradients ten times the tolerance. */
export const gradientCase = (sample: OpSample): Case => ({
  name: `derivatives of ${sample.name}`,
  job: { graph: schedulable(withGradients(sample)), environment: sample.environment },
  tolerance: 10 * toleranceOf(sample),
});

export function isDifferentiable({ graph, variables }: OpSample): boolean {
  const result = graph.nodes[graph.outputs[0]?.value ?? 0];
  return variables.length > 0 && result?.type.dtype === 'f32';
}

/** One output a variable: the derivative of the weighted sum of the result. */
export function withGradients({ graph, variables }: OpSample): Graph {
  const b = new GraphBuilder(graph.name);
  for (const node of graph.nodes) copyNode(b, node, node.inputs);
  const result = graph.outputs[0]?.value ?? 0;
  const bits = b.add('random_bits', [], { stream: 99 }, { shape: b.type(result).shape });
  const weights = withNumber(b, 'add', withNumber(b, 'mul', castTo(b, bits, 'f32'), 2 ** -32), 0.5);
  const loss = sumAll(b, binary(b, 'mul', castTo(b, result, 'f32'), weights));
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

/** What is not as the interpreter has it, in words. `run`: the outputs of each job. */
export async function faultsOf(
  cases: readonly Case[],
  run: (jobs: readonly GraphJob[]) => Promise<Map<string, Float64Array>[]>,
): Promise<string[]> {
  const results = await run(cases.map(({ job }) => job));
  return cases.flatMap(({ name, job, tolerance, smallest }, i) =>
    [...interpret(job.graph, job.environment)].flatMap(([output, expected]) => {
      const found = results[i]?.get(output);
      const fault = found ? difference(found, expected, tolerance, smallest) : 'not computed';
      if (fault === undefined) return [];
      return [`${name}, ${output}: ${fault}\n${kernelsOf(job).map(printKernel).join('\n')}`];
    }),
  );
}
