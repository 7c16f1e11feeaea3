/** Whole steps on a device: fused kernels against the interpreter. */
import { describe, expect, it } from 'vitest';
import { interpret } from '../../compiler/graph/interpret.ts';
import { printKernel } from '../../compiler/kernel/print.ts';
import { gpuOrSkip } from '../support/gpu.ts';
import { difference, kernelsOf, runGraphs } from '../support/run-graph.ts';
import { leavesOf, stepOf } from './programs.ts';

/** One of odd sizes, one of vec4s; compiling a step takes a software device seconds. */
const SIZES = [
  { B: 5, D: 27, C: 3 },
  { B: 8, D: 16, C: 4 },
];

describe.each(['dropout', 'layernorm', 'attention'])('%s', (name) => {
  it('has the values of the interpreter', async (context) => {
    const { gpu } = await gpuOrSkip(context);
    const jobs = SIZES.map((sizes) => {
      const graph = stepOf(name, sizes);
      return { graph, environment: leavesOf(graph, sizes.B), fuse: true };
    });
    const results = await runGraphs(gpu, jobs);
    jobs.forEach((job, i) => {
      for (const [output, expected] of interpret(job.graph, job.environment)) {
        const found = results[i]?.get(output);
        const fault = found ? difference(found, expected, 5e-5) : 'not computed';
        expect(fault, `${output}\n${kernelsOf(job).map(printKernel).join('\n')}`).toBeUndefined();
      }
    });
  });
});
