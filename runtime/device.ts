/**
 * WebGPU devices. In: which adapters will do. Out: an open `Device`, or a RuntimeFailure that says what to install.
 * The only file that touches `navigator.gpu`; in Node the same object comes from the package `webgpu`. The CPU as a
 * device is in `cpu/cpu-device.ts`.
 *
 * Holds: a device has the limits every WebGPU device has, and more only where the caller names them, so that
 * what runs on one adapter runs on all.
 */
import { classOf, isSoftware, type GpuClass } from './device-class.ts';
import { RuntimeFailure } from './failure.ts';
import { inNode } from './in-node.ts';
import { webGpuInstance } from './node/webgpu-instance.ts';

export interface DeviceRequest {
  /** Limits above the default ones that the program needs, for example `maxBufferSize`. */
  readonly limits?: Readonly<Record<string, number>>;
  /** Features to enable where the adapter has them, for example `timestamp-query`. */
  readonly features?: readonly GPUFeatureName[];
}

/** What to ask of a device, which may depend on its class. */
export type DeviceRequestBy = DeviceRequest | ((deviceClass: GpuClass) => DeviceRequest);

export interface Device {
  readonly backend: 'webgpu';
  /** The adapter's own description, for people. */
  readonly name: string;
  /** True where a processor does the work: lavapipe, SwiftShader. */
  readonly software: boolean;
  /** Which schedules suit it. */
  readonly deviceClass: GpuClass;
  readonly gpu: GPUDevice;
  /** Limits of the device, by WebGPU's names. */
  readonly limits: Readonly<Record<string, number>>;
  /** Features the device was opened with. */
  readonly features: readonly string[];
  /** Resolves with the reason when the device is lost; never after `close()`. */
  readonly lost: Promise<string>;
  /** Resolves with the first error that no error scope caught: a fault of netc or of the driver. */
  readonly failed: Promise<string>;
  /** Such errors so far, oldest first. */
  readonly errors: readonly string[];
  /** Frees the device. Unfinished work is dropped. */
  close(): void;
}

/** What `netc doctor` tells of one adapter. */
export interface AdapterReport {
  readonly name: string;
  readonly vendor: string;
  readonly architecture: string;
  /** `vulkan`, `metal`, `d3d12` …, or `browser`, which does not tell. */
  readonly backend: string;
  readonly software: boolean;
  readonly features: readonly string[];
  /** What the adapter could grant; devices are opened with less. */
  readonly limits: Readonly<Record<string, number>>;
}

/**
 * Opens a device: a GPU where there is one, else a software adapter.
 * @throws RuntimeFailure E0601 without an adapter, or when it cannot grant the limits asked for.
 */
export async function openDevice(request: DeviceRequestBy = {}): Promise<Device> {
  const gpu = await webGpu();
  const adapter = await bestAdapter(gpu);
  if (!adapter) throw new RuntimeFailure('E0601', 'no WebGPU adapter found', { help: installHelp() });
  return openAdapter(adapter, request);
}

/** A device on a GPU; undefined where there is no WebGPU or no GPU that it can use. */
export async function openHardware(request: DeviceRequestBy = {}): Promise<Device | undefined> {
  try {
    const adapter = await bestAdapter(await webGpu());
    return adapter && !isSoftware(adapter.info) ? await openAdapter(adapter, request) : undefined;
  } catch (error) {
    if (error instanceof RuntimeFailure && error.diagnostic.code === 'E0601') return undefined;
    throw error;
  }
}

/**
 * Opens a device that checks shaders, pipelines and dispatches and computes nothing; needs no driver.
 * @throws RuntimeFailure E0601 outside Node, or without the package `webgpu`.
 */
export async function openNullDevice(features: readonly GPUFeatureName[] = []): Promise<Device> {
  const adapter = await (await webGpuInstance(['backend=null'])).requestAdapter();
  if (!adapter) throw new RuntimeFailure('E0601', 'the null adapter is missing from the package webgpu');
  return openAdapter(adapter, { features });
}

/** The adapters of this machine, the preferred one first. Empty where there is none. */
export async function listAdapters(): Promise<AdapterReport[]> {
  const reports: AdapterReport[] = [];
  for (const backend of backends()) {
    const gpu =
      backend === 'browser' ? await webGpu() : await webGpuInstance([`backend=${backend}`, HALF_ON_NVIDIA]);
    const requests: GPURequestAdapterOptions[] = [
      { powerPreference: 'high-performance' },
      { powerPreference: 'low-power' },
      { forceFallbackAdapter: true },
    ];
    for (const options of requests) {
      const adapter = await requestAdapter(gpu, options);
      if (!adapter) continue;
      const report = describe(adapter, backend);
      if (!reports.some((known) => known.name === report.name && known.backend === report.backend)) {
        reports.push(report);
      }
    }
  }
  return reports.sort((a, b) => Number(a.software) - Number(b.software));
}

/** A GPU if any request brings one, else a software adapter. */
async function bestAdapter(gpu: GPU): Promise<GPUAdapter | null> {
  const fast = await requestAdapter(gpu, { powerPreference: 'high-performance' });
  if (fast && !isSoftware(fast.info)) return fast;
  const any = await requestAdapter(gpu, {});
  if (any && !isSoftware(any.info)) return any;
  return fast ?? any ?? (await requestAdapter(gpu, { forceFallbackAdapter: true }));
}

/** Some implementations reject where the specification resolves with null. */
async function requestAdapter(gpu: GPU, options: GPURequestAdapterOptions): Promise<GPUAdapter | null> {
  try {
    return await gpu.requestAdapter(options);
  } catch {
    return null;
  }
}

async function openAdapter(adapter: GPUAdapter, given: DeviceRequestBy): Promise<Device> {
  const most = numbers(adapter.limits);
  const deviceClass = classOf(adapter.info, most);
  const request = typeof given === 'function' ? given(deviceClass) : given;
  const features = (request.features ?? []).filter((feature) => adapter.features.has(feature));
  for (const [name, wanted] of Object.entries(request.limits ?? {})) {
    const granted = most[name];
    if (granted === undefined || granted < wanted) {
      throw new RuntimeFailure(
        'E0601',
        `the adapter grants ${name} ${granted ?? 0}, the program needs ${wanted}`,
        {
          help: 'Use a smaller batch or model, or another adapter (netc doctor lists what there is).',
        },
      );
    }
  }
  const gpu = await adapter.requestDevice({
    requiredFeatures: features,
    requiredLimits: { ...request.limits },
  });
  return wrapDevice(gpu, adapter.info, deviceClass);
}

/** A device that the host program has opened; closing it stays the host's. Its class is one that its limits allow. */
export function adoptDevice(gpu: GPUDevice): Device {
  const deviceClass = classOf(gpu.adapterInfo, numbers(gpu.limits));
  return { ...wrapDevice(gpu, gpu.adapterInfo, deviceClass), close: () => undefined };
}

function wrapDevice(gpu: GPUDevice, info: GPUAdapterInfo, deviceClass: GpuClass): Device {
  let closed = false;
  const errors: string[] = [];
  const failed = new Promise<string>((resolve) => {
    gpu.addEventListener('uncapturederror', (event) => {
      // Without this, browsers and Dawn also print the message.
      event.preventDefault();
      errors.push(event.error.message);
      resolve(event.error.message);
    });
  });
  const lost = new Promise<string>((resolve) => {
    void gpu.lost.then((info) => {
      if (!closed) resolve(info.message || info.reason);
    });
  });
  return {
    backend: 'webgpu',
    name: nameOf(info),
    software: isSoftware(info),
    deviceClass,
    gpu,
    limits: numbers(gpu.limits),
    features: [...gpu.features].sort(),
    lost,
    failed,
    errors,
    close() {
      closed = true;
      gpu.destroy();
    },
  };
}

function describe(adapter: GPUAdapter, backend: string): AdapterReport {
  return {
    name: nameOf(adapter.info),
    vendor: adapter.info.vendor,
    architecture: adapter.info.architecture,
    backend,
    software: isSoftware(adapter.info),
    features: [...adapter.features].sort(),
    limits: numbers(adapter.limits),
  };
}

function nameOf(info: GPUAdapterInfo): string {
  return (
    info.description || [info.vendor, info.device || info.architecture].filter(Boolean).join(' ') || 'unnamed'
  );
}

/** Limits are properties of the prototype, so that they neither spread nor print. */
function numbers(limits: GPUSupportedLimits): Record<string, number> {
  const found: Record<string, number> = {};
  for (const name in limits) {
    const value = (limits as unknown as Record<string, unknown>)[name];
    if (typeof value === 'number') found[name] = value;
  }
  return found;
}

/** Dawn holds `shader-f16` back on NVIDIA under Vulkan unless it is asked for. */
export const HALF_ON_NVIDIA = 'enable-dawn-features=vulkan_enable_f16_on_nvidia';

async function webGpu(): Promise<GPU> {
  if (inNode()) return webGpuInstance([HALF_ON_NVIDIA]);
  const gpu = (globalThis as { navigator?: { gpu?: GPU } }).navigator?.gpu;
  if (gpu) return gpu;
  throw new RuntimeFailure('E0601', 'this browser has no WebGPU here', {
    help: 'Use a current browser, and open the page over https or from localhost.',
  });
}

/** Backends that may have adapters: what Dawn supports on the system, each asked on its own. */
function backends(): readonly string[] {
  if (!inNode()) return ['browser'];
  if (process.platform === 'darwin') return ['metal'];
  if (process.platform === 'win32') return ['d3d12', 'vulkan'];
  return ['vulkan'];
}

function installHelp(): string {
  if (!inNode()) return 'Turn on hardware acceleration in the browser, or use one with WebGPU.';
  if (process.platform === 'linux') {
    return [
      'Install the driver of your GPU with Vulkan support and the Vulkan loader (libvulkan1), or use a software driver.',
      'On Debian and Ubuntu, without root: eval "$(scripts/software-vulkan.sh)" in the folder of netc.',
      'Elsewhere: Mesa 23 or later with lavapipe.',
    ].join('\n');
  }
  return 'Install the current driver of your GPU.';
}
