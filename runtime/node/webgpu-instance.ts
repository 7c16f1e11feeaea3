/**
 * WebGPU in Node, from the optional package `webgpu`. In: instance options. Out: the GPU object.
 * Holds: an object that `create()` made is never dropped before the process ends, since Dawn aborts the
 * process when that happens with work in flight.
 */
import { RuntimeFailure } from '../failure.ts';

interface WebGpuPackage {
  create: (options: string[]) => GPU;
  globals: object;
}

/** Global, not of this module: two copies of the runtime in one process share it. */
const KEY = Symbol.for('netc.webgpu.instances');

function instances(): Map<string, GPU> {
  const holder = globalThis as unknown as Record<symbol, Map<string, GPU> | undefined>;
  return (holder[KEY] ??= new Map<string, GPU>());
}

/**
 * The GPU object for these Dawn options (`backend=null`, `enable-dawn-features=…`), made once a process.
 * Also installs the WebGPU globals (`GPUBufferUsage` …) where they are missing.
 * @throws RuntimeFailure E0601 when the package is not installed or does not load on this system.
 */
export async function webGpuInstance(options: readonly string[] = []): Promise<GPU> {
  const known = instances().get(options.join('\n'));
  if (known) return known;
  const { create, globals } = await load();
  return keepInstance(options, create([...options]), globals);
}

/** Makes `gpu` the object for these options from now on; tools that measure make it in a way of their own. */
export function keepInstance(options: readonly string[], gpu: GPU, globals: object): GPU {
  for (const [name, value] of Object.entries(Object.getOwnPropertyDescriptors(globals))) {
    if (!(name in globalThis)) Object.defineProperty(globalThis, name, value);
  }
  instances().set(options.join('\n'), gpu);
  return gpu;
}

async function load(): Promise<WebGpuPackage> {
  // Not a literal, so that a bundler for browsers does not look for the package.
  const name: string = 'webgpu';
  try {
    return (await import(name)) as WebGpuPackage;
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    throw new RuntimeFailure('E0601', `WebGPU for Node cannot be loaded: ${reason}`, {
      help: 'Install it beside netc: npm install webgpu@^0.6.2',
    });
  }
}
