/**
 * Kernels written by hand, for tests of the targets. In: what one thread computes. Out: `Kernel` objects, and
 * their results on a device.
 */
import { kernelToWgsl } from '../../compiler/targets/wgsl/from-kernel.ts';
import { DEFAULT_PROFILE, type TargetProfile } from '../../compiler/kernel/profile.ts';
import type { Expression, Kernel, KernelBinding, Statement, ValueType } from '../../compiler/kernel/ir.ts';
import { literal, spread, variable, U32 } from '../../compiler/kernel/expression.ts';
import type { Access } from '../../runtime/plan-format.ts';
import {
  bindingType,
  readBuffer,
  runDispatches,
  storageBuffer,
  uniformBuffer,
  type Dispatch,
} from './gpu.ts';

export const X: Expression = variable('x', U32);

export interface TestBinding {
  storage: KernelBinding['storage'];
  width?: 1 | 4;
  reads?: boolean;
  writes?: boolean;
}

/** A kernel over `threads` threads along x with these bindings (value ids count up). */
export function kernelOf(
  bindings: readonly TestBinding[],
  body: readonly Statement[],
  more: Partial<Kernel> & Pick<Kernel, 'threads'>,
): Kernel {
  return {
    name: 'test',
    kind: 'elementwise',
    phase: 'forward',
    ops: ['test'],
    source: [],
    bindings: bindings.map(({ storage, width, reads, writes }, value) => ({
      tensor: { kind: 'value', value },
      storage,
      width: width ?? 1,
      reads: reads ?? !writes,
      writes: writes ?? false,
    })),
    workgroup: [64, 1, 1],
    body,
    flops: 0,
    vectorWidth: 1,
    ...more,
  };
}

export const load = (binding: number, index: Expression, type: ValueType): Expression => ({
  kind: 'load',
  type,
  binding,
  index,
});

export const store = (binding: number, index: Expression, value: Expression): Statement => ({
  kind: 'store',
  binding,
  index,
  value,
});

/** A whole number. */
export const count = (value: number): Expression => literal(value, 'u32');

/** From the first scratch array. */
export const fromScratch = (index: Expression, type: ValueType): Expression => ({
  kind: 'scratch_load',
  type,
  array: 0,
  index,
});

export const toScratch = (index: Expression, value: Expression): Statement => ({
  kind: 'scratch_store',
  array: 0,
  index,
  value,
});

/** How a kernel alone, each tensor in a buffer of its own, accesses its bindings. */
export const accessOf = ({ bindings }: Kernel): readonly Access[] =>
  bindings.map(({ writes }) => (writes ? 'read_write' : 'read'));

/** out[i] = compute(in0[i], in1[i], …); `lanes` 4 takes four elements a thread. */
export function mapKernel(
  inputs: readonly KernelBinding['storage'][],
  output: KernelBinding['storage'],
  elements: number,
  lanes: 1 | 4,
  compute: (...operands: Expression[]) => Expression,
): Kernel {
  const operands = inputs.map((storage, i) =>
    load(i, X, { scalar: storage === 'u8' ? 'u32' : storage, lanes }),
  );
  const width = lanes;
  const result = spread(compute(...operands), lanes);
  return kernelOf(
    [...inputs.map((storage) => ({ storage, width })), { storage: output, width, writes: true }],
    [store(inputs.length, X, result)],
    { threads: [[Math.ceil(elements / lanes)], [], []], vectorWidth: lanes },
  );
}

export interface KernelRun {
  kernel: Kernel;
  /** One a binding; the ones written give the size only. */
  data: readonly (Float32Array | Uint32Array | Int32Array)[];
  /** Largest batch. */
  batch?: number;
  uniform?: { seed?: number; draw?: number; batch?: number; scalars?: readonly number[] };
  scalars?: readonly string[];
  profile?: TargetProfile;
}

/** Runs kernels in one submit; returns the bytes of every kernel's bindings afterwards. */
export async function runKernels(gpu: GPUDevice, runs: readonly KernelRun[]): Promise<ArrayBuffer[][]> {
  const prepared = runs.map(({ kernel, data, batch, uniform, scalars, profile }) => {
    const access = accessOf(kernel);
    const result = kernelToWgsl(kernel, {
      access,
      scalars: scalars ?? [],
      batch: batch ?? 1,
      profile: profile ?? DEFAULT_PROFILE,
    });
    const buffers: Dispatch['buffers'][number][] = data.map((array, i) => ({
      buffer: storageBuffer(gpu, array),
      type: bindingType(access[i] as Access),
    }));
    if (result.uniform) buffers.push({ buffer: uniformBuffer(gpu, uniform ?? {}), type: 'uniform' });
    return { code: result.code, groups: result.groups, buffers };
  });
  await runDispatches(gpu, prepared);
  const results: ArrayBuffer[][] = [];
  for (const { buffers } of prepared) {
    const bytes: ArrayBuffer[] = [];
    for (const { buffer, type } of buffers) {
      bytes.push(type === 'storage' ? await readBuffer(gpu, buffer) : new ArrayBuffer(0));
      buffer.destroy();
    }
    results.push(bytes);
  }
  return results;
}
