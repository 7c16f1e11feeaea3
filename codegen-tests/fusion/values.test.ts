/** Whole steps, fused and kernel by kernel, on the host evaluator: both have the values of the interpreter. */
import { describe, expect, it } from 'vitest';
import { expectLowered } from '../support/run-schedule.ts';
import { MODELS, SIZES, leavesOf, stepOf } from './programs.ts';

describe.each(Object.keys(MODELS))('%s', (name) => {
  it.each(SIZES)('of $B records, $D features, $C classes', (sizes) => {
    const graph = stepOf(name, sizes);
    const leaves = leavesOf(graph, sizes.B);
    const apart = expectLowered(graph, leaves, { tolerance: 5e-5 });
    const fused = expectLowered(graph, leaves, { tolerance: 5e-5, fuse: true });
    expect(fused.kernels.length).toBeLessThan(apart.kernels.length / 2);
  });

  it('over a batch at hand', () => {
    const sizes = { B: 8, D: 12, C: 4 };
    const graph = stepOf(name, sizes, true);
    for (const records of [1, 3, 8]) {
      expectLowered(graph, leavesOf(graph, records), { tolerance: 5e-5, fuse: true, batch: sizes.B });
    }
  });
});
