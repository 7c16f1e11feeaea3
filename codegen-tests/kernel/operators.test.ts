/** Every primitive's samples, lowered and run on the host evaluator, against the interpreter. */
import { describe, expect, it } from 'vitest';
import { SAMPLED_OPS, SAMPLES } from '../ops/samples.ts';
import { expectLowered } from '../support/run-schedule.ts';
import { schedulable } from '../support/schedulable.ts';

describe.each(SAMPLED_OPS)('%s', (op) => {
  it.each(SAMPLES[op])('$name', ({ graph, environment, terms }) => {
    const tolerance = Math.max(2e-6, 1e-6 * Math.sqrt(terms));
    const run = expectLowered(schedulable(graph), environment, { tolerance });
    expect(run.kernels.length).toBeGreaterThan(0);
  });
});
