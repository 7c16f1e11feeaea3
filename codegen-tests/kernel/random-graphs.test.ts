/** Random graphs with their gradients, scheduled, lowered and run on the host evaluator. */
import { describe, expect, it } from 'vitest';
import { expandGradients } from '../../compiler/autodiff/gradient.ts';
import { DEFAULT_PROFILE } from '../../compiler/kernel/profile.ts';
import { optimizeGraph } from '../../compiler/passes/pipeline.ts';
import { buildSchedule } from '../../compiler/schedule/build.ts';
import { randomGraph } from '../passes/random-graph.ts';
import { expectLowered } from '../support/run-schedule.ts';

describe.each([...Array(60).keys()])('random graph %i', (seed) => {
  const { graph, environment } = randomGraph(seed);
  const optimized = optimizeGraph(expandGradients(graph));

  it('keeps its values kernel by kernel', () => {
    const { schedule } = expectLowered(optimized, environment, { tolerance: 3e-5 });
    expect(schedule.decisions.every(({ fused }) => !fused)).toBe(true);
  });

  it('keeps its values fused, in fewer kernels', () => {
    const apart = buildSchedule(optimized, {
      fuse: false,
      profile: DEFAULT_PROFILE,
      batch: environment.batch,
    });
    const { kernels } = expectLowered(optimized, environment, { tolerance: 3e-5, fuse: true });
    expect(kernels.length).toBeLessThanOrEqual(apart.groups.length);
  });

  it('keeps its values with few bindings', () => {
    const profile = { ...DEFAULT_PROFILE, storageBindings: 4 };
    expectLowered(optimized, environment, { tolerance: 3e-5, fuse: true, profile });
  });
});
