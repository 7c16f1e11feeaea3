/** Scratch arrays: memory of a workgroup, on a device, in the verifier and as text. */
import { describe, expect, it } from 'vitest';
import * as e from '../../compiler/kernel/expression.ts';
import type { Kernel } from '../../compiler/kernel/ir.ts';
import { printKernel } from '../../compiler/kernel/print.ts';
import { verifyKernel } from '../../compiler/kernel/verify.ts';
import { gpuOrSkip } from '../support/gpu.ts';
import { count, fromScratch, kernelOf, load, runKernels, store, toScratch, X } from '../support/kernels.ts';

const VEC4 = { scalar: 'f32', lanes: 4 } as const;

/** Each workgroup of one thread reverses its three vec4s by way of scratch memory. */
function reversing(length = 3): Kernel {
  const i = e.variable('i', e.U32);
  const at = e.binary('add', e.binary('mul', X, count(3)), i);
  return kernelOf(
    [
      { storage: 'f32', width: 4 },
      { storage: 'f32', width: 4, writes: true },
    ],
    [
      { kind: 'for', variable: 'i', from: count(0), to: count(3), step: 1, body: [toScratch(i, load(0, at, VEC4))] }, // prettier-ignore
      ...[0, 1, 2].map((k) =>
        store(1, e.binary('add', e.binary('mul', X, count(3)), count(k)), fromScratch(count(2 - k), VEC4)),
      ),
    ],
    {
      threads: [[2], [1], [1]],
      workgroup: [1, 1, 1],
      scratch: [{ name: 'rows', scalar: 'f32', width: 4, length }],
    },
  );
}

describe('scratch arrays', () => {
  it('hold what a workgroup puts there', async (context) => {
    const { gpu } = await gpuOrSkip(context);
    const input = Float32Array.from({ length: 24 }, (_, i) => i);
    const [bytes] = await runKernels(gpu, [
      { kernel: reversing(), data: [input, new Float32Array(24).fill(-1)] },
    ]);
    const rows = (first: number): number[] => [0, 1, 2, 3].map((lane) => 4 * first + lane);
    expect([...new Float32Array(bytes![1]!)]).toEqual([2, 1, 0, 5, 4, 3].flatMap(rows));
  });

  it('are named in the text of a kernel', () => {
    expect(printKernel(reversing())).toContain('s0 rows: 3 vec4<f32> of scratch');
    expect(printKernel(reversing())).toContain('s0[i] = b0[(x * 3) + i]');
  });

  it('are verified', () => {
    verifyKernel(reversing());
    expect(() => verifyKernel(reversing(0))).toThrow('without elements');
    const { scratch, ...without } = reversing();
    expect(scratch).toHaveLength(1);
    expect(() => verifyKernel(without)).toThrow('no scratch array 0');
    const scalar = [{ name: 'rows', scalar: 'f32', width: 1, length: 3 }] as const;
    expect(() => verifyKernel({ ...without, scratch: scalar })).toThrow('rows: vec4<f32> and f32');
  });
});
