/**
 * Every sample of every primitive with f16 in place of f32, on a device against the interpreter, which rounds each
 * value to f16: values, and first derivatives of the weighted sum of the result.
 *
 * Tolerances, of the largest magnitude in the tensor, with u = 2^-11 (half a unit in the last place): a primitive
 * rounds once, and a device may round to either neighbour, so its result lies within 2u of the interpreter's; sums
 * and products are formed in f32 and rounded once as well. A derivative is a chain of primitives: ten times that,
 * as for f32. Numbers below the smallest normal f16 (2^-14) may be flushed to zero.
 */
import { describe, expect, it } from 'vitest';
import type { Graph, OpName } from '../../compiler/graph/ir.ts';
import { halfDeviceOrSkip } from '../support/gpu.ts';
import { runGraphs } from '../support/run-graph.ts';
import { schedulable } from '../support/schedulable.ts';
import { halvedEnvironment, halvedGraph } from './halved.ts';
import { SAMPLED_OPS, SAMPLES, type OpSample } from './samples.ts';
import { faultsOf, isDifferentiable, withGradients, type Case } from './target-cases.ts';

const UNIT = 2 ** -11;
const SMALLEST_NORMAL = 2 ** -14;

const halved = (sample: OpSample): OpSample => ({
  ...sample,
  graph: halvedGraph(sample.graph),
  environment: halvedEnvironment(sample.environment),
});

const caseOf = (name: string, { environment }: OpSample, graph: Graph, tolerance: number): Case => ({
  name,
  job: { graph: schedulable(graph), environment },
  tolerance,
  smallest: SMALLEST_NORMAL,
});

/** The body of a loop is a graph of its own, whose arguments are f32: loops take no f16. */
const LOOPS: readonly OpName[] = ['argument', 'scan', 'scan_result'];

describe.each(SAMPLED_OPS.filter((op) => !LOOPS.includes(op)))('%s of f16', (op) => {
  it('has the values of the interpreter', async (context) => {
    const { gpu } = await halfDeviceOrSkip(context);
    const cases = SAMPLES[op].map(halved).map((each) => caseOf(each.name, each, each.graph, 2 * UNIT));
    expect(await faultsOf(cases, (jobs) => runGraphs(gpu, jobs))).toEqual([]);
  });

  // A derivative is made of primitives that are all tested above, at every shape.
  const differentiable = SAMPLES[op].filter(isDifferentiable).slice(-1);
  if (differentiable.length === 0) return;
  it('has its derivatives', async (context) => {
    const { gpu } = await halfDeviceOrSkip(context);
    const cases = differentiable
      .map(halved)
      .map((each) => caseOf(`derivatives of ${each.name}`, each, withGradients(each), 20 * UNIT));
    expect(await faultsOf(cases, (jobs) => runGraphs(gpu, jobs))).toEqual([]);
  });
});
