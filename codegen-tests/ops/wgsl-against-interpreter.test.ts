/** Every sample of every primitive on a device against the interpreter. Iterates the operator table, so that no row is left out. */
import { describe, expect, it } from 'vitest';
import { gpuOrSkip } from '../support/gpu.ts';
import { runGraphs } from '../support/run-graph.ts';
import { SAMPLED_OPS, SAMPLES } from './samples.ts';
import { faultsOf, gradientCase, isDifferentiable, valueCase } from './target-cases.ts';

describe.each(SAMPLED_OPS)('%s', (op) => {
  it('has the values of the interpreter', async (context) => {
    const { gpu } = await gpuOrSkip(context);
    expect(SAMPLES[op].length).toBeGreaterThan(0);
    expect(await faultsOf(SAMPLES[op].map(valueCase), (jobs) => runGraphs(gpu, jobs))).toEqual([]);
  });

  const differentiable = SAMPLES[op].filter(isDifferentiable);
  if (differentiable.length === 0) return;
  it('has its derivatives', async (context) => {
    const { gpu } = await gpuOrSkip(context);
    expect(await faultsOf(differentiable.map(gradientCase), (jobs) => runGraphs(gpu, jobs))).toEqual([]);
  });
});
