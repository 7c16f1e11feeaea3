/** Kernels written by hand on the CPU target. In: as `runKernels` takes them. Out: the bytes of every kernel's bindings. */
import { buildCpuPlan } from '../../compiler/targets/wasm/program.ts';
import { openCpu } from '../../runtime/cpu/cpu-device.ts';
import { execute } from './run-graph-cpu.ts';
import type { KernelRun } from './kernels.ts';

export async function runKernelsOnCpu(runs: readonly KernelRun[]): Promise<ArrayBuffer[][]> {
  const { relaxedSimd: relaxed } = await openCpu();
  const results: ArrayBuffer[][] = [];
  for (const { kernel, data, batch = 1, uniform = {}, scalars = [] } of runs) {
    const tensors = data.map(({ buffer }) => new Uint32Array(buffer));
    const ranges = tensors.map(({ byteLength }, buffer) => ({ buffer, offset: 0, bytes: byteLength }));
    const routine = { name: 'test', batch, dispatches: [{ kernel, ranges, access: [] }], loops: [] };
    const plan = buildCpuPlan({
      routines: [routine],
      buffers: ranges.map(({ bytes }, i) => ({ name: `b${i}`, role: 'activations', bytes })),
      scalars,
      uniformBytes: 16 + 4 * scalars.length,
      relaxed,
    });
    const memory = await execute(plan, tensors, {
      seed: uniform.seed ?? 0,
      draw: uniform.draw ?? 0,
      batch: uniform.batch ?? batch,
      scalars: uniform.scalars ?? [],
    });
    results.push(
      ranges.map(({ bytes }, i) => {
        const at = plan.module.buffers[i]!;
        return new Uint8Array(memory.slice(at, at + bytes)).buffer;
      }),
    );
  }
  return results;
}
