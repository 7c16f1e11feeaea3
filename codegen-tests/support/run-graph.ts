/**
 * Runs graphs on a device: schedule, lowering and shaders, one buffer a tensor. In: graphs of primitives and what
 * their leaves read. Out: the outputs of every graph. All dispatches of all graphs go in one submit.
 */
import { elementsAt } from '../../compiler/graph/dimension.ts';
import type { HostTensor } from '../../compiler/graph/host-tensor.ts';
import type { Environment } from '../../compiler/graph/interpret.ts';
import type { DType, Graph } from '../../compiler/graph/ir.ts';
import type { BindingTarget, Kernel } from '../../compiler/kernel/ir.ts';
import { lowerGroup } from '../../compiler/kernel/lower.ts';
import { DEFAULT_PROFILE, type TargetProfile } from '../../compiler/kernel/profile.ts';
import { layOutScans } from '../../compiler/passes/lay-out-scans.ts';
import { buildSchedule } from '../../compiler/schedule/build.ts';
import { outputName } from '../../compiler/schedule/homes.ts';
import type { Schedule } from '../../compiler/schedule/schedule.ts';
import { kernelToWgsl } from '../../compiler/targets/wgsl/from-kernel.ts';
import { decodeFloat16 } from '../../runtime/data/half-float.ts';
import type { Access } from '../../runtime/plan-format.ts';
import { accessOf } from './kernels.ts';
import {
  bindingType,
  readBuffer,
  runDispatches,
  storageBuffer,
  turnBuffer,
  uniformBuffer,
  type Dispatch,
} from './gpu.ts';
import { inOrder } from './run-schedule.ts';

export interface GraphJob {
  readonly graph: Graph;
  readonly environment: Environment;
  readonly fuse?: boolean;
  /** The largest batch; the environment's is the one at hand. */
  readonly batch?: number;
  readonly profile?: TargetProfile;
}

export type Words = Float32Array | Uint32Array | Int32Array;

/** Outputs of each graph by name, in the order of the jobs. */
export async function runGraphs(
  gpu: GPUDevice,
  given: readonly GraphJob[],
): Promise<Map<string, Float64Array>[]> {
  const jobs = given.map((job) => ({ ...job, graph: layOutScans(job.graph) }));
  const prepared = jobs.map((job) => prepare(gpu, job));
  await runDispatches(
    gpu,
    prepared.flatMap(({ dispatches }) => dispatches),
  );
  const results: Map<string, Float64Array>[] = [];
  for (const [i, { graph, environment }] of jobs.entries()) {
    const { tensors, buffers } = prepared[i] as Prepared;
    const outputs = new Map<string, Float64Array>();
    for (const output of graph.outputs) {
      const name = outputName(output);
      const key = name === undefined ? `value:${output.value}` : `named:${name}`;
      const buffer = tensors.get(key);
      const type = graph.nodes[output.value]?.type;
      if (!buffer || !type) throw new Error(`output ${output.name} is nowhere`);
      const elements = elementsAt(type.shape, environment.batch);
      const bytes = type.dtype === 'f16' ? Math.ceil(elements / 2) * 4 : elements * 4;
      outputs.set(output.name, numbers(await readBuffer(gpu, buffer, bytes), type.dtype, elements));
    }
    results.push(outputs);
    buffers.forEach((buffer) => buffer.destroy());
  }
  return results;
}

/** The kernels of a graph, for messages. */
export const kernelsOf = (job: GraphJob): readonly Kernel[] => lowered(job).kernels;

/** The graph with its scans laid out, its kernels in order and their loops. */
export function lowered({ graph: given, environment, fuse, batch, profile }: GraphJob): {
  graph: Graph;
  kernels: readonly Kernel[];
  loops: Schedule['loops'];
} {
  const graph = layOutScans(given);
  const target = profile ?? DEFAULT_PROFILE;
  const context = { profile: target, batch: batch ?? environment.batch };
  const { groups, loops } = buildSchedule(graph, { ...context, fuse: fuse ?? false });
  return { graph, kernels: groups.map((group) => lowerGroup(graph, group, context)), loops };
}

interface Prepared {
  readonly dispatches: readonly Dispatch[];
  /** By place: `named:w`, `value:12`. */
  readonly tensors: ReadonlyMap<string, GPUBuffer>;
  readonly buffers: readonly GPUBuffer[];
}

export const placeOf = (target: BindingTarget): string =>
  target.kind === 'named' ? `named:${target.name}` : `value:${target.value}`;

function prepare(gpu: GPUDevice, job: GraphJob): Prepared {
  const { graph, environment } = job;
  const batch = job.batch ?? environment.batch;
  const scalars = [...environment.scalars.keys()];
  const tensors = leaves(gpu, graph, environment);
  const { seed, draw } = environment;
  const values = { seed, draw, batch: environment.batch, scalars: [...environment.scalars.values()] };
  const uniform = uniformBuffer(gpu, values);
  const { kernels, loops } = lowered(job);
  const turns = turnBuffer(gpu, Math.max(0, ...loops.map((loop) => loop.turns)));
  const prepared = kernels.map((kernel): Dispatch => {
    const access = accessOf(kernel);
    const profile = job.profile ?? DEFAULT_PROFILE;
    const shader = kernelToWgsl(kernel, { access, scalars, batch, profile });
    const buffers: Dispatch['buffers'][number][] = kernel.bindings.map(({ tensor }, i) => {
      const key = placeOf(tensor);
      const buffer = tensors.get(key) ?? storageBuffer(gpu, emptyTensor(graph, tensor, batch));
      tensors.set(key, buffer);
      return { buffer, type: bindingType(access[i] as Access) };
    });
    if (shader.uniform) buffers.push({ buffer: uniform, type: 'uniform' });
    for (const turn of shader.turns) buffers.push({ buffer: turns, type: 'uniform', turn });
    return { code: shader.code, groups: shader.groups, buffers };
  });
  const dispatches = inOrder(prepared, loops).map(({ kernel, turns: numbers }) => ({
    ...kernel,
    turns: numbers,
  }));
  return { dispatches, tensors, buffers: [...tensors.values(), uniform, turns] };
}

/** Every leaf's tensor as it lies in memory. */
function leaves(gpu: GPUDevice, graph: Graph, environment: Environment): Map<string, GPUBuffer> {
  const tensors = new Map<string, GPUBuffer>();
  for (const [name, tensor] of [...environment.parameters, ...environment.states, ...environment.inputs]) {
    tensors.set(`named:${name}`, storageBuffer(gpu, storedWords(graph, name, tensor)));
  }
  return tensors;
}

/** A leaf's tensor as it lies in memory. */
export function storedWords(graph: Graph, name: string, tensor: HostTensor): Words {
  const node = graph.nodes.find((n) => n.op === 'input' && n.attributes.name === name);
  const storage = node?.op === 'input' ? node.attributes.storage : undefined;
  return storage === 'u8' ? bytes(tensor) : words(tensor);
}

function bytes({ data }: HostTensor): Uint32Array {
  const packed = new Uint8Array(Math.ceil(data.length / 4) * 4);
  packed.set(data);
  return new Uint32Array(packed.buffer);
}

function words({ data, dtype }: HostTensor): Words {
  if (dtype === 'f32') return Float32Array.from(data);
  return dtype === 'i32' ? Int32Array.from(data) : Uint32Array.from(data);
}

/** NaN everywhere, as f32 and as f16, so that an element left out is seen. */
export function emptyTensor(graph: Graph, target: BindingTarget, batch: number): Uint32Array {
  const id =
    target.kind === 'value'
      ? target.value
      : graph.outputs.find((output) => outputName(output) === target.name)?.value;
  const node = graph.nodes[id ?? -1];
  if (!node) throw new Error(`nothing tells the size of ${placeOf(target)}`);
  return new Uint32Array(elementsAt(node.type.shape, batch)).fill(0x7fc07fc0);
}

export function numbers(data: ArrayBuffer, dtype: DType, count: number): Float64Array {
  if (dtype === 'f16') return Float64Array.from(decodeFloat16(new Uint16Array(data)).subarray(0, count));
  if (dtype === 'f32') return Float64Array.from(new Float32Array(data));
  return Float64Array.from(dtype === 'i32' ? new Int32Array(data) : new Uint32Array(data));
}

/**
 * The first element that is not within `tolerance` of the largest magnitude in the tensor, in words. `smallest`: a
 * difference that always passes. NaN must be NaN; what f32 cannot hold must be infinite; integers and truth values must be equal.
 */
export function difference(
  found: Float64Array,
  expected: HostTensor,
  tolerance: number,
  smallest = 0,
): string | undefined {
  if (found.length !== expected.data.length) return `${found.length} elements, not ${expected.data.length}`;
  const isFloat = expected.dtype === 'f32' || expected.dtype === 'f16';
  const wanted = expected.data.map((value) =>
    isFloat && !Number.isFinite(Math.fround(value)) ? Math.fround(value) : value,
  );
  const largest = wanted.reduce(
    (most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most),
    0,
  );
  const near = isFloat ? Math.max(tolerance * largest, smallest) : 0;
  for (const [i, value] of wanted.entries()) {
    const other = found[i] as number;
    if (!Object.is(other + 0, value + 0) && !(Math.abs(other - value) <= near)) {
      return `element ${i} is ${other}, not ${value}`;
    }
  }
  return undefined;
}
