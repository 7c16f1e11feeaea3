/**
 * Everything of a program that WebGPU must validate: layouts, shader modules, pipelines, bind groups, each
 * made once. In: a listing, its buffers. Out: routines as flat data, ready to be encoded.
 * Holds: kernels with the same source and layout share a pipeline, dispatches with the same ranges share a
 * bind group; the first thing the device refuses becomes RuntimeFailure E0604.
 */
import { RuntimeFailure } from './failure.ts';
import { TURN_BYTES, type UniformBuffers } from './buffers.ts';
import type { BufferRange, Command, DispatchCommand, ListedKernel, Listing } from './plan-format.ts';

/** A command with its pipeline and bind group in place of indices. */
export type ReadyCommand =
  | {
      kind: 'dispatch';
      pipeline: GPUComputePipeline;
      bindings: GPUBindGroup;
      groups: [number, number, number];
      /** The bind group takes an offset for the turn of each of these loops: how many loops are around it. */
      turns: readonly number[];
    }
  | { kind: 'loop'; count: number; body: ReadyCommand[] };

/** Commands by routine index; routines that were not asked for are absent. */
export type ReadyRoutines = ReadonlyMap<number, readonly ReadyCommand[]>;

interface KernelLayout {
  key: string;
  bindings: GPUBindGroupLayout;
  pipeline: GPUPipelineLayout;
}

/**
 * Builds the given routines. All pipelines are requested at once and compiled in parallel where the device
 * can. Throws RuntimeFailure E0604 with the kernel's name and the compiler's message.
 */
export async function prepareRoutines(
  gpu: GPUDevice,
  listing: Listing,
  routines: readonly number[],
  buffers: readonly GPUBuffer[],
  uniforms: UniformBuffers,
): Promise<ReadyRoutines> {
  const layouts = new LayoutCache(gpu);
  gpu.pushErrorScope('validation');
  const requested = requestPipelines(gpu, listing, usedKernels(listing, routines), layouts);
  const bindings = new BindGroupCache(gpu, listing, buffers, uniforms, layouts);
  for (const routine of routines) bindings.fill(listing.routines[routine]?.commands ?? []);
  const refused = gpu.popErrorScope();

  const pipelines = await settle(requested);
  const error = await refused;
  if (error) throw new RuntimeFailure('E0604', `the device refused the program: ${firstLine(error.message)}`);

  const ready = (command: Command): ReadyCommand => {
    if (command.kind === 'loop') return { kind: 'loop', count: command.count, body: command.body.map(ready) };
    const pipeline = pipelines.get(command.kernel);
    if (pipeline === undefined) throw new Error(`internal: no pipeline for kernel ${command.kernel}`);
    return {
      kind: 'dispatch',
      pipeline,
      bindings: bindings.of(command),
      groups: command.groups,
      turns: listing.kernels[command.kernel]?.turns ?? [],
    };
  };
  return new Map(routines.map((index) => [index, (listing.routines[index]?.commands ?? []).map(ready)]));
}

/**
 * Encodes commands into a pass; a pipeline stays set while the next command uses the same. In a loop the number
 * of the turn comes by an offset of a bind group that stays the same.
 */
export function encodeCommands(pass: GPUComputePassEncoder, commands: readonly ReadyCommand[]): void {
  let current: GPUComputePipeline | undefined;
  /** Offsets of the turns at hand, from the outermost loop inwards. */
  const offsets: number[] = [];
  const encode = (list: readonly ReadyCommand[], depth: number): void => {
    for (const command of list) {
      if (command.kind === 'loop') {
        for (let turn = 0; turn < command.count; turn += 1) {
          offsets[depth] = TURN_BYTES * turn;
          encode(command.body, depth + 1);
        }
        continue;
      }
      if (command.pipeline !== current) {
        pass.setPipeline(command.pipeline);
        current = command.pipeline;
      }
      if (command.turns.length > 0) {
        const given = command.turns.map((loop) => offsets[loop] ?? 0);
        pass.setBindGroup(0, command.bindings, given);
      } else pass.setBindGroup(0, command.bindings);
      pass.dispatchWorkgroups(command.groups[0], command.groups[1], command.groups[2]);
    }
  };
  encode(commands, 0);
}

function usedKernels(listing: Listing, routines: readonly number[]): number[] {
  const used = new Set<number>();
  const visit = (commands: readonly Command[]): void => {
    for (const command of commands) {
      if (command.kind === 'loop') visit(command.body);
      else used.add(command.kernel);
    }
  };
  for (const routine of routines) visit(listing.routines[routine]?.commands ?? []);
  return [...used].sort((a, b) => a - b);
}

class LayoutCache {
  readonly #gpu: GPUDevice;
  readonly #known = new Map<string, KernelLayout>();

  constructor(gpu: GPUDevice) {
    this.#gpu = gpu;
  }

  /** Explicit, because automatic layouts leave out bindings that a shader does not use. */
  of(kernel: ListedKernel): KernelLayout {
    const turns = kernel.turns?.length ?? 0;
    const key = `${kernel.access.join(',')};${kernel.uniform};${turns}`;
    const known = this.#known.get(key);
    if (known) return known;
    const types: GPUBufferBindingType[] = kernel.access.map((access) =>
      access === 'read' ? 'read-only-storage' : 'storage',
    );
    if (kernel.uniform) types.push('uniform');
    const behind = types.length;
    for (let i = 0; i < turns; i += 1) types.push('uniform');
    const bindings = this.#gpu.createBindGroupLayout({
      label: key,
      entries: types.map((type, binding) => ({
        binding,
        visibility: GPUShaderStage.COMPUTE,
        buffer: { type, hasDynamicOffset: binding >= behind },
      })),
    });
    const pipeline = this.#gpu.createPipelineLayout({ label: key, bindGroupLayouts: [bindings] });
    const layout = { key, bindings, pipeline };
    this.#known.set(key, layout);
    return layout;
  }
}

interface RequestedPipeline {
  kernels: number[];
  pipeline: Promise<GPUComputePipeline | RuntimeFailure>;
}

function requestPipelines(
  gpu: GPUDevice,
  listing: Listing,
  kernels: readonly number[],
  layouts: LayoutCache,
): RequestedPipeline[] {
  const requested = new Map<string, RequestedPipeline>();
  for (const index of kernels) {
    const kernel = listing.kernels[index];
    if (kernel === undefined) throw new Error(`internal: no kernel ${index} in the listing`);
    const layout = layouts.of(kernel);
    const key = `${layout.key}\n${kernel.code}`;
    const same = requested.get(key);
    if (same) same.kernels.push(index);
    else requested.set(key, { kernels: [index], pipeline: requestPipeline(gpu, kernel, layout) });
  }
  return [...requested.values()];
}

/** Resolves to the failure instead of rejecting, so that the first in the listing's order can be reported. */
async function requestPipeline(
  gpu: GPUDevice,
  kernel: ListedKernel,
  layout: KernelLayout,
): Promise<GPUComputePipeline | RuntimeFailure> {
  const module = gpu.createShaderModule({ label: kernel.name, code: kernel.code });
  try {
    return await gpu.createComputePipelineAsync({
      label: kernel.name,
      layout: layout.pipeline,
      compute: { module, entryPoint: 'main' },
    });
  } catch (error) {
    const reason = await compilerMessage(module).catch(() => undefined);
    const text = reason ?? (error instanceof Error ? firstLine(error.message) : String(error));
    return new RuntimeFailure('E0604', `kernel ${kernel.name} (${kernel.id}): ${text}`, {
      help: 'this is a mistake of the compiler, or of the driver; `netc doctor` shows the adapter',
    });
  }
}

async function compilerMessage(module: GPUShaderModule): Promise<string | undefined> {
  const info = await module.getCompilationInfo();
  const message = info.messages.find((candidate) => candidate.type === 'error');
  return message && `WGSL ${message.lineNum}:${message.linePos}: ${message.message}`;
}

async function settle(requested: readonly RequestedPipeline[]): Promise<Map<number, GPUComputePipeline>> {
  const pipelines = new Map<number, GPUComputePipeline>();
  const results = await Promise.all(requested.map((request) => request.pipeline));
  results.forEach((result, index) => {
    if (result instanceof RuntimeFailure) throw result;
    for (const kernel of requested[index]?.kernels ?? []) pipelines.set(kernel, result);
  });
  return pipelines;
}

class BindGroupCache {
  readonly #gpu: GPUDevice;
  readonly #listing: Listing;
  readonly #buffers: readonly GPUBuffer[];
  readonly #uniforms: UniformBuffers;
  readonly #layouts: LayoutCache;
  readonly #known = new Map<string, GPUBindGroup>();

  constructor(
    gpu: GPUDevice,
    listing: Listing,
    buffers: readonly GPUBuffer[],
    uniforms: UniformBuffers,
    layouts: LayoutCache,
  ) {
    this.#gpu = gpu;
    this.#listing = listing;
    this.#buffers = buffers;
    this.#uniforms = uniforms;
    this.#layouts = layouts;
  }

  /** Makes the bind groups of these commands now, inside the caller's error scope. */
  fill(commands: readonly Command[]): void {
    for (const command of commands) {
      if (command.kind === 'loop') this.fill(command.body);
      else this.of(command);
    }
  }

  of(command: DispatchCommand): GPUBindGroup {
    const kernel = this.#listing.kernels[command.kernel];
    if (kernel === undefined) throw new Error(`internal: no kernel ${command.kernel} in the listing`);
    const layout = this.#layouts.of(kernel);
    const places = command.bindings
      .map((range) => `${range.buffer}+${range.offset}:${range.bytes}`)
      .join(',');
    const key = `${layout.key};${places}`;
    const known = this.#known.get(key);
    if (known) return known;
    const entries: GPUBindGroupEntry[] = command.bindings.map((range, binding) => ({
      binding,
      resource: this.#resource(range),
    }));
    const { uniform, turns } = this.#uniforms;
    if (kernel.uniform) entries.push({ binding: entries.length, resource: { buffer: uniform } });
    for (const _ of kernel.turns ?? [])
      entries.push({ binding: entries.length, resource: { buffer: turns, size: 16 } });
    const group = this.#gpu.createBindGroup({ label: kernel.name, layout: layout.bindings, entries });
    this.#known.set(key, group);
    return group;
  }

  #resource(range: BufferRange): GPUBufferBinding {
    const buffer = this.#buffers[range.buffer];
    if (buffer === undefined) throw new Error(`internal: no buffer ${range.buffer} in the listing`);
    return { buffer, offset: range.offset, size: Math.ceil(range.bytes / 4) * 4 };
  }
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0] ?? message;
}
