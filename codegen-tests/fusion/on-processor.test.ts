/** Whole steps on the CPU target: fused kernels against the interpreter, over batches that fill no tile as well. */
import { describe, expect, it } from 'vitest';
import { interpret } from '../../compiler/graph/interpret.ts';
import { printKernel } from '../../compiler/kernel/print.ts';
import { CPU_PROFILE } from '../../compiler/kernel/profile.ts';
import { difference, kernelsOf, type GraphJob } from '../support/run-graph.ts';
import { runOnCpu } from '../support/run-graph-cpu.ts';
import { MODELS, SIZES, leavesOf, stepOf } from './programs.ts';

/** The last: three columns of a packed product with one tile of rows (a weight of three inputs, nine outputs). */
const ALL_SIZES = [...SIZES, { B: 8, D: 3, C: 9 }];

async function expectValues(job: GraphJob): Promise<void> {
  const { outputs } = await runOnCpu(job);
  for (const [output, expected] of interpret(job.graph, job.environment)) {
    const found = outputs.get(output);
    const fault = found ? difference(found, expected, 5e-5) : 'not computed';
    const text = () => kernelsOf({ ...job, profile: CPU_PROFILE }).map(printKernel).join('\n'); // prettier-ignore
    expect(fault, fault && `${output}\n${text()}`).toBeUndefined();
  }
}

describe.each(Object.keys(MODELS))('%s', (name) => {
  it.each(ALL_SIZES)('of $B records, $D features, $C classes', async (sizes) => {
    const graph = stepOf(name, sizes);
    await expectValues({ graph, environment: leavesOf(graph, sizes.B), fuse: true });
  });

  it('over a batch at hand', async () => {
    const graph = stepOf(name, { B: 8, D: 12, C: 4 }, true);
    for (const records of [1, 3, 8])
      await expectValues({ graph, environment: leavesOf(graph, records), fuse: true, batch: 8 });
  });
});
