/**
 * Runs graphs on the CPU target: schedule, lowering and one module a graph, one buffer a tensor. In: graphs of
 * primitives and what their leaves read. Out: the outputs of every graph. `threads`: the routine is run by so many
 * threads one after another, each doing its share of every dispatch, where no dispatch depends on another.
 */
import type { BindingTarget } from '../../compiler/kernel/ir.ts';
import { verifyKernel } from '../../compiler/kernel/verify.ts';
import { elementsAt } from '../../compiler/graph/dimension.ts';
import { outputName } from '../../compiler/schedule/homes.ts';
import { buildCpuPlan, type CpuPlan } from '../../compiler/targets/wasm/program.ts';
import type { BufferSpec } from '../../runtime/plan-format.ts';
import { engine } from '../../runtime/cpu/engine.ts';
import { openCpu } from '../../runtime/cpu/cpu-device.ts';
import { profileOn } from './profiles.ts';
import {
  emptyTensor,
  lowered,
  numbers,
  placeOf,
  storedWords,
  type GraphJob,
  type Words,
} from './run-graph.ts';

export interface CpuRun {
  readonly outputs: Map<string, Float64Array>;
  readonly plan: CpuPlan;
}

/** Outputs of each graph by name, in the order of the jobs. */
export async function runGraphsOnCpu(jobs: readonly GraphJob[]): Promise<Map<string, Float64Array>[]> {
  const results: Map<string, Float64Array>[] = [];
  for (const job of jobs) results.push((await runOnCpu(job)).outputs);
  return results;
}

export async function runOnCpu(job: GraphJob): Promise<CpuRun> {
  const { environment } = job;
  const batch = job.batch ?? environment.batch;
  const profile = job.profile ?? profileOn(await openCpu());
  const { graph, kernels, loops } = lowered({ ...job, profile });
  kernels.forEach(verifyKernel);
  const tensors = new Map<string, Words>();
  for (const [name, tensor] of [...environment.parameters, ...environment.states, ...environment.inputs])
    tensors.set(`named:${name}`, storedWords(graph, name, tensor));
  const place = (target: BindingTarget): number => {
    const key = placeOf(target);
    if (!tensors.has(key)) tensors.set(key, emptyTensor(graph, target, batch));
    return [...tensors.keys()].indexOf(key);
  };
  const dispatches = kernels.map((kernel) => {
    const ranges = kernel.bindings.map(({ tensor }) => {
      const buffer = place(tensor);
      return { buffer, offset: 0, bytes: [...tensors.values()][buffer]!.byteLength };
    });
    return { kernel, ranges, access: kernel.bindings.map(() => 'read' as const) };
  });
  const buffers = [...tensors.values()].map(({ byteLength }, i): BufferSpec => ({
    name: `b${i}`,
    role: 'activations',
    bytes: byteLength,
  }));
  const scalars = [...environment.scalars.keys()];
  const routine = { name: 'test', batch, dispatches, loops };
  const uniformBytes = 16 + 4 * scalars.length;
  const plan = buildCpuPlan({
    routines: [routine],
    buffers,
    scalars,
    uniformBytes,
    relaxed: profile.relaxedSimd,
  });
  const memory = await execute(plan, [...tensors.values()], {
    ...environment,
    scalars: [...environment.scalars.values()],
  });
  const outputs = new Map<string, Float64Array>();
  for (const output of graph.outputs) {
    const name = outputName(output);
    const key = name === undefined ? `value:${output.value}` : `named:${name}`;
    const buffer = [...tensors.keys()].indexOf(key);
    const type = graph.nodes[output.value]?.type;
    if (buffer < 0 || !type) throw new Error(`output ${output.name} is nowhere`);
    const at = plan.module.buffers[buffer]!;
    const bytes = memory.slice(at, at + 4 * elementsAt(type.shape, environment.batch));
    const count = elementsAt(type.shape, environment.batch);
    outputs.set(output.name, numbers(new Uint8Array(bytes).buffer, type.dtype, count));
  }
  return { outputs, plan };
}

/** Runs the first routine of a plan on the caller's thread; all of memory afterwards. */
export async function execute(
  plan: CpuPlan,
  tensors: readonly Words[],
  { seed, draw, batch, scalars }: { seed: number; draw: number; batch: number; scalars: readonly number[] },
): Promise<Uint8Array> {
  const { module, uniform, buffers, bytes, scratchBytes } = plan.module;
  const pages = Math.ceil((bytes + scratchBytes) / 65_536);
  const memory = new (engine().Memory)({ initial: pages, maximum: pages, shared: true });
  const view = new DataView(memory.buffer);
  [seed, draw, batch, 0].forEach((word, i) => view.setUint32(uniform + 4 * i, word, true));
  scalars.forEach((value, i) => view.setFloat32(uniform + 16 + 4 * i, value, true));
  const all = new Uint8Array(memory.buffer);
  tensors.forEach((words, i) => all.set(new Uint8Array(words.buffer, words.byteOffset, words.byteLength), buffers[i])); // prettier-ignore
  const compiled = await engine().compile(Buffer.from(module, 'base64'));
  const { exports } = await engine().instantiate(compiled, { env: { memory } });
  exports['routine0']!(0, 1, bytes);
  return all;
}
