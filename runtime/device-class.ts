/**
 * Classes of WebGPU devices: which schedules suit an adapter. In: what it says of itself, the limits it grants. Out: its
 * class. `netc train` compiles for it, a compiled trainer takes its kernels: one rule, so that both compute the same bits.
 */

/** A processor that plays a GPU; a GPU that shares its chip; one that has memory and power of its own. */
export type GpuClass = 'software' | 'small' | 'large';

/** From the one that every device can run. */
export const GPU_CLASSES: readonly GpuClass[] = ['software', 'small', 'large'];

/** Limits above the default ones that a class's kernels are compiled for, by WebGPU's names. */
export const CLASS_LIMITS: { readonly [C in GpuClass]: Readonly<Record<string, number>> } = {
  software: {},
  small: {},
  large: { maxStorageBuffersPerShaderStage: 10 },
};

/** Vendors whose GPUs have memory and power of their own, as a rule. */
const LARGE: readonly string[] = ['nvidia', 'amd'];

/** What an adapter says of itself, as far as it decides. */
export type AdapterWords = Pick<
  GPUAdapterInfo,
  'vendor' | 'architecture' | 'device' | 'description' | 'isFallbackAdapter'
>;

export function isSoftware(info: AdapterWords): boolean {
  return (
    info.isFallbackAdapter ||
    info.architecture === 'software' ||
    /llvmpipe|lavapipe|swiftshader|basic render/i.test(`${info.device} ${info.description}`)
  );
}

/** `limits`: what the adapter can grant, or what a device was opened with. */
export function classOf(info: AdapterWords, limits: Readonly<Record<string, number>>): GpuClass {
  if (isSoftware(info)) return 'software';
  const grants = Object.entries(CLASS_LIMITS.large).every(([name, least]) => (limits[name] ?? 0) >= least);
  return LARGE.includes(info.vendor) && grants ? 'large' : 'small';
}
