/** Kernels of more workgroups than one dimension of a dispatch may have, with the limit lowered. */
import { expect, it } from 'vitest';
import { GraphBuilder } from '../../compiler/graph/builder.ts';
import { binary, unary } from '../../compiler/graph/convenience.ts';
import { lowerGroup } from '../../compiler/kernel/lower.ts';
import { DEFAULT_PROFILE } from '../../compiler/kernel/profile.ts';
import { buildSchedule } from '../../compiler/schedule/build.ts';
import type { Group } from '../../compiler/schedule/schedule.ts';
import { gpuOrSkip } from '../support/gpu.ts';
import { runKernels } from '../support/kernels.ts';

/** Elements, and workgroups a dimension. */
const CASES = [
  [4096, 3],
  [5000, 5],
  [4999, 5],
  [64 * 27 * 4, 3],
] as const;

for (const [count, limit] of CASES)
  it(`a fused kernel over ${count} elements with at most ${limit} workgroups a dimension`, async (context) => {
    const profile = { ...DEFAULT_PROFILE, workgroupsPerDimension: limit };
    const b = new GraphBuilder('long');
    const [x, y] = ['x', 'y'].map((name) => b.add('parameter', [], { name }, { shape: [count] })) as [
      number,
      number,
    ];
    b.output('result', binary(b, 'add', binary(b, 'mul', x, y), unary(b, 'abs', x)), 'result');
    const graph = b.finish();
    const { groups } = buildSchedule(graph, { fuse: true, profile, batch: 1 });
    expect(groups).toHaveLength(1);
    const kernel = lowerGroup(graph, groups[0] as Group, { profile, batch: 1 });
    const { gpu } = await gpuOrSkip(context);
    const values = Float32Array.from({ length: count }, (_, i) => (i % 17) - 8);
    const data = kernel.bindings.map(({ writes }) => (writes ? new Float32Array(count).fill(-1) : values));
    const [bytes] = await runKernels(gpu, [{ kernel, data, profile }]);
    const written = kernel.bindings.findIndex(({ writes }) => writes);
    const found = new Float32Array(bytes![written]!).subarray(0, count);
    expect(found).toEqual(values.map((v) => v * v + Math.abs(v)));
  });
