// Graphs of a few nodes on a WebGPU device. In: a graph, a target profile, numbers for its inputs. Out: its kernels, ready to
// be dispatched any number of times, the time that takes, and what they wrote.
import { elementsAt } from '../dist/compiler/graph/dimension.js';
import { lowerGroup } from '../dist/compiler/kernel/lower.js';
import { verifyKernel } from '../dist/compiler/kernel/verify.js';
import { optimizeGraph } from '../dist/compiler/passes/pipeline.js';
import { buildSchedule } from '../dist/compiler/schedule/build.js';
import { kernelToWgsl } from '../dist/compiler/targets/wgsl/from-kernel.js';

const keyOf = (target) => (target.kind === 'named' ? target.name : `%${target.value}`);

/** Kernels of a graph and their buffers. `inputs`: arrays by the names of the graph's leaves. */
export function prepare(gpu, given, { profile, inputs }) {
  const graph = optimizeGraph(given, profile);
  const { groups } = buildSchedule(graph, { fuse: true, profile, batch: 1 });
  const kernels = groups.map((group) => lowerGroup(graph, group, { profile, batch: 1 }));
  const buffers = new Map();
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  for (const [name, data] of Object.entries(inputs)) {
    const buffer = gpu.createBuffer({ size: Math.max(16, data.byteLength), usage });
    gpu.queue.writeBuffer(buffer, 0, data);
    buffers.set(name, buffer);
  }
  const uniform = gpu.createBuffer({ size: 16, usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST });
  gpu.queue.writeBuffer(uniform, 0, new Uint32Array([1, 0, 1, 0]));

  const sizeOf = (target) => {
    const output = graph.outputs.find(({ name }) => name === target.name);
    const id = target.kind === 'value' ? target.value : output.value;
    return 4 * elementsAt(graph.nodes[id].type.shape, 1);
  };
  const dispatches = kernels.map((kernel) => {
    verifyKernel(kernel);
    const access = kernel.bindings.map(({ writes }) => (writes ? 'read_write' : 'read'));
    const { code, groups: count, uniform: asks } = kernelToWgsl(kernel, { access, scalars: [], batch: 1, profile }); // prettier-ignore
    const types = access.map((a) => (a === 'read' ? 'read-only-storage' : 'storage'));
    if (asks) types.push('uniform');
    const layout = gpu.createBindGroupLayout({
      entries: types.map((type, binding) => ({ binding, visibility: GPUShaderStage.COMPUTE, buffer: { type } })), // prettier-ignore
    });
    const pipeline = gpu.createComputePipeline({
      layout: gpu.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module: gpu.createShaderModule({ code }), entryPoint: 'main' },
    });
    const bound = kernel.bindings.map(({ tensor }) => {
      const key = keyOf(tensor);
      const known = buffers.get(key) ?? gpu.createBuffer({ size: Math.max(16, sizeOf(tensor)), usage });
      buffers.set(key, known);
      return known;
    });
    if (asks) bound.push(uniform);
    const entries = bound.map((buffer, binding) => ({ binding, resource: { buffer } }));
    return { kernel, pipeline, group: gpu.createBindGroup({ layout, entries }), count };
  });

  const submit = (times) => {
    const encoder = gpu.createCommandEncoder();
    const pass = encoder.beginComputePass();
    for (let i = 0; i < times; i++)
      for (const { pipeline, group, count } of dispatches) {
        pass.setPipeline(pipeline);
        pass.setBindGroup(0, group);
        pass.dispatchWorkgroups(...count);
      }
    pass.end();
    gpu.queue.submit([encoder.finish()]);
    return gpu.queue.onSubmittedWorkDone();
  };

  return {
    graph,
    kernels,
    run: () => submit(1),
    /** Milliseconds of one run: the least of three measurements of about `wanted` milliseconds, without the waiting. */
    async time(wanted = 60) {
      await submit(1);
      let once = await measured(() => submit(1));
      const few = Math.max(1, Math.min(400, Math.round(wanted / 4 / Math.max(once, 0.01))));
      let best = Infinity;
      for (let i = 0; i < 3; i++) {
        once = await measured(() => submit(few));
        const many = await measured(() => submit(4 * few));
        if (many > once) best = Math.min(best, (many - once) / (3 * few));
      }
      return best;
    },
    async read(name) {
      const id = graph.outputs.find((output) => output.name === name).value;
      const source = buffers.get(name) ?? buffers.get(`%${id}`);
      const staging = gpu.createBuffer({ size: source.size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST }); // prettier-ignore
      const encoder = gpu.createCommandEncoder();
      encoder.copyBufferToBuffer(source, 0, staging, 0, source.size);
      gpu.queue.submit([encoder.finish()]);
      await staging.mapAsync(GPUMapMode.READ);
      const copy = new Float32Array(staging.getMappedRange().slice(0));
      staging.destroy();
      return copy;
    },
    close() {
      for (const buffer of buffers.values()) buffer.destroy();
    },
  };
}

async function measured(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Numbers between -1 and 1 that repeat late. */
export function numbers(length, seed) {
  let state = seed >>> 0 || 1;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}
