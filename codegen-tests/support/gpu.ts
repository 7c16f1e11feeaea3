/**
 * Devices for tests. In: the test's context. Out: an open device, shared by the tests of a file, or a skipped
 * test that says why. `npm test` and the global setup see to it that an adapter is normally there.
 */
import type { TestContext } from 'vitest';
import type { TargetProfile } from '../../compiler/kernel/profile.ts';
import { openDevice, openNullDevice } from '../../runtime/device.ts';
import { CLASS_LIMITS } from '../../runtime/device-class.ts';
import type { Device } from '../../runtime/device.ts';
import { RuntimeFailure } from '../../runtime/failure.ts';
import type { Access } from '../../runtime/plan-format.ts';

/** One device a worker: opening it again and again costs more than most tests. */
const shared: { real?: Promise<Device | string>; none?: Promise<Device> } = {};

/**
 * The device, or a skip with the reason. As far as the adapter grants them it has the limits that a large class asks for;
 * that kernels for other classes keep to theirs is checked where they are printed.
 */
export async function gpuOrSkip(context: TestContext): Promise<Device> {
  const features = ['shader-f16'] as const;
  shared.real ??= openDevice({ features, limits: CLASS_LIMITS.large })
    .catch(() => openDevice({ features }))
    .catch((error: unknown) => {
      if (error instanceof RuntimeFailure && error.diagnostic.code === 'E0601') return error.message;
      throw error;
    });
  const device = await shared.real;
  if (typeof device === 'string') {
    context.skip(`needs a WebGPU adapter: ${device}`);
    throw new Error('unreachable: a skip ends the test');
  }
  return device;
}

/** The same with f16 in shaders. */
export async function halfDeviceOrSkip(context: TestContext): Promise<Device> {
  const device = await gpuOrSkip(context);
  if (!device.features.includes('shader-f16')) context.skip(`${device.name} has no shader-f16`);
  return device;
}

/** A device that only validates, with the limits that every device has; needs the package `webgpu` and no driver. */
export function nullDevice(): Promise<Device> {
  return (shared.none ??= openNullDevice(['shader-f16']));
}

/** What kernels for a class are validated on: without a driver, unless the class asks for more than every device has. */
export async function validatingDevice(context: TestContext, profile: TargetProfile): Promise<Device> {
  const limits = profile.deviceClass === 'cpu' ? [] : Object.entries(CLASS_LIMITS[profile.deviceClass]);
  if (limits.length === 0) return nullDevice();
  const device = await gpuOrSkip(context);
  const [missing] = limits.find(([name, wanted]) => (device.limits[name] ?? 0) < wanted) ?? [];
  if (missing !== undefined)
    context.skip(`${device.name} does not grant the ${missing} of class ${profile.deviceClass}`);
  return device;
}

/** How a binding is laid out that is accessed so. */
export const bindingType = (access: Access): 'read-only-storage' | 'storage' =>
  access === 'read' ? 'read-only-storage' : 'storage';

/** The bindings of a kernel: its tensors, the uniform block, the numbers of its turns. */
export const layoutOf = (kernel: {
  readonly access: readonly Access[];
  readonly uniform: boolean;
  readonly turns?: readonly unknown[];
}): GPUBufferBindingType[] => [
  ...kernel.access.map(bindingType),
  ...(kernel.uniform ? ['uniform' as const] : []),
  ...(kernel.turns ?? []).map(() => 'uniform' as const),
];

/**
 * Compiles WGSL as the runtime does (explicit layout), on the null device by default.
 * @returns the messages of the shader compiler and of the pipeline; empty when it is valid.
 */
export async function validateWgsl(
  code: string,
  layout: readonly GPUBufferBindingType[],
  device?: Device,
): Promise<string[]> {
  const { gpu } = device ?? (await nullDevice());
  gpu.pushErrorScope('validation');
  const module = gpu.createShaderModule({ code });
  gpu.createComputePipeline({ layout: pipelineLayout(gpu, layout), compute: { module, entryPoint: 'main' } });
  const error = await gpu.popErrorScope();
  const info = await module.getCompilationInfo();
  const messages = info.messages.map((m) => `${m.type} ${m.lineNum}:${m.linePos} ${m.message}`);
  return error ? [...messages, error.message] : messages;
}

/** Bindings 0, 1, … of group 0, of these types. */
export function pipelineLayout(gpu: GPUDevice, types: readonly GPUBufferBindingType[]): GPUPipelineLayout {
  const entries = types.map((type, binding) => ({
    binding,
    visibility: GPUShaderStage.COMPUTE,
    buffer: { type },
  }));
  return gpu.createPipelineLayout({ bindGroupLayouts: [gpu.createBindGroupLayout({ entries })] });
}

export interface Dispatch {
  readonly code: string;
  readonly groups: readonly [number, number, number];
  /** One a binding, in order. A buffer given twice is bound twice. */
  readonly buffers: readonly { buffer: GPUBuffer; type: GPUBufferBindingType; turn?: number }[];
  /** The numbers of the turns, by the number of loops around, where a buffer holds those: one every 256 bytes. */
  readonly turns?: readonly number[];
}

/** The numbers 0, 1, 2 …, 256 bytes apart. */
export function turnBuffer(gpu: GPUDevice, turns: number): GPUBuffer {
  const words = new Uint32Array(64 * Math.max(1, turns));
  for (let turn = 0; turn < turns; turn++) words[64 * turn] = turn;
  const usage = GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST;
  const buffer = gpu.createBuffer({ size: words.byteLength, usage });
  gpu.queue.writeBuffer(buffer, 0, words);
  return buffer;
}

/** A storage buffer with these words, padded to 16 bytes. */
export function storageBuffer(gpu: GPUDevice, data: Float32Array | Uint32Array | Int32Array): GPUBuffer {
  const size = Math.max(16, Math.ceil(data.byteLength / 16) * 16);
  const buffer = gpu.createBuffer({
    size,
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
  });
  gpu.queue.writeBuffer(buffer, 0, data.buffer, data.byteOffset, data.byteLength);
  return buffer;
}

/** The uniform block: seed, draw, batch, zero, then f32 scalars. */
export function uniformBuffer(
  gpu: GPUDevice,
  values: { seed?: number; draw?: number; batch?: number; scalars?: readonly number[] },
): GPUBuffer {
  const scalars = values.scalars ?? [];
  const bytes = new ArrayBuffer(Math.ceil((4 + scalars.length) / 4) * 16);
  new Uint32Array(bytes, 0, 4).set([values.seed ?? 0, values.draw ?? 0, values.batch ?? 0, 0]);
  new Float32Array(bytes, 16).set(scalars);
  const buffer = gpu.createBuffer({
    size: bytes.byteLength,
    usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
  });
  gpu.queue.writeBuffer(buffer, 0, bytes);
  return buffer;
}

/** Runs dispatches in one pass and one submit; a validation error fails the test. */
export async function runDispatches(gpu: GPUDevice, dispatches: readonly Dispatch[]): Promise<void> {
  gpu.pushErrorScope('validation');
  const encoder = gpu.createCommandEncoder();
  const pass = encoder.beginComputePass();
  const pipelines = new Map<string, { pipeline: GPUComputePipeline; group: GPUBindGroupLayout }>();
  for (const { code, groups, buffers, turns } of dispatches) {
    const key = `${buffers.map((b) => `${b.type} ${b.turn}`).join()}\n${code}`;
    let known = pipelines.get(key);
    if (!known) {
      const entries = buffers.map(({ type, turn }, binding) => ({
        binding,
        visibility: GPUShaderStage.COMPUTE,
        buffer: { type, hasDynamicOffset: turn !== undefined },
      }));
      const group = gpu.createBindGroupLayout({ entries });
      const pipeline = gpu.createComputePipeline({
        layout: gpu.createPipelineLayout({ bindGroupLayouts: [group] }),
        compute: { module: gpu.createShaderModule({ code }), entryPoint: 'main' },
      });
      known = { pipeline, group };
      pipelines.set(key, known);
    }
    pass.setPipeline(known.pipeline);
    pass.setBindGroup(
      0,
      gpu.createBindGroup({
        layout: known.group,
        entries: buffers.map(({ buffer, turn }, binding) => ({
          binding,
          resource: turn !== undefined ? { buffer, size: 16 } : { buffer },
        })),
      }),
      buffers.flatMap(({ turn }) => (turn === undefined ? [] : [256 * (turns?.[turn] ?? 0)])),
    );
    pass.dispatchWorkgroups(...groups);
  }
  pass.end();
  gpu.queue.submit([encoder.finish()]);
  const error = await gpu.popErrorScope();
  if (error) throw new Error(error.message);
}

/** The bytes of a buffer. */
export async function readBuffer(
  gpu: GPUDevice,
  buffer: GPUBuffer,
  bytes = buffer.size,
): Promise<ArrayBuffer> {
  const staging = gpu.createBuffer({
    size: buffer.size,
    usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  });
  const encoder = gpu.createCommandEncoder();
  encoder.copyBufferToBuffer(buffer, 0, staging, 0, buffer.size);
  gpu.queue.submit([encoder.finish()]);
  await staging.mapAsync(GPUMapMode.READ);
  const copy = staging.getMappedRange().slice(0, bytes);
  staging.unmap();
  staging.destroy();
  return copy;
}
