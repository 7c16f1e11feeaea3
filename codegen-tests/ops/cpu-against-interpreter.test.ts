/**
 * Every sample of every primitive on the CPU target against the interpreter. Iterates the operator table, so that no row is
 * left out. Needs no device.
 */
import { describe, expect, it } from 'vitest';
import { runGraphsOnCpu } from '../support/run-graph-cpu.ts';
import { SAMPLED_OPS, SAMPLES } from './samples.ts';
import { faultsOf, gradientCase, isDifferentiable, valueCase } from './target-cases.ts';

describe.each(SAMPLED_OPS)('%s', (op) => {
  it('has the values of the interpreter', async () => {
    expect(SAMPLES[op].length).toBeGreaterThan(0);
    expect(await faultsOf(SAMPLES[op].map(valueCase), runGraphsOnCpu)).toEqual([]);
  });

  const differentiable = SAMPLES[op].filter(isDifferentiable);
  if (differentiable.length === 0) return;
  it('has its derivatives', async () => {
    expect(await faultsOf(differentiable.map(gradientCase), runGraphsOnCpu)).toEqual([]);
  });
});
