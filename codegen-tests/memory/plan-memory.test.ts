import { describe, expect, it } from 'vitest';
import { CompileError } from '../../compiler/diagnostics.ts';
import type { Kernel, KernelBinding } from '../../compiler/kernel/ir.ts';
import { DEFAULT_PROFILE } from '../../compiler/kernel/profile.ts';
import { checkDispatch, checkLifetimes, checkLoops } from '../../compiler/memory/check.ts';
import { lifetimesOf, lowerBound, type Lifetime } from '../../compiler/memory/liveness.ts';
import { assignOffsets } from '../../compiler/memory/offsets.ts';
import { planMemory, type MemoryPlan } from '../../compiler/memory/plan-memory.ts';

function kernel(reads: number[], writes: number[]): Kernel {
  const binding = (value: number, isWritten: boolean): KernelBinding => ({
    tensor: { kind: 'value', value },
    storage: 'f32',
    width: 1,
    reads: !isWritten,
    writes: isWritten,
  });
  return {
    name: 'test',
    kind: 'elementwise',
    phase: 'forward',
    ops: ['add'],
    source: [],
    bindings: [...reads.map((v) => binding(v, false)), ...writes.map((v) => binding(v, true))],
    threads: [[1], [1], [1]],
    workgroup: [64, 1, 1],
    body: [],
    flops: 0,
    vectorWidth: 1,
  };
}

/** A small generator of its own, so that a failure can be repeated. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** A random program: every kernel reads up to three earlier values and writes one. */
function randomKernels(seed: number): { kernels: Kernel[]; bytes: Map<number, number> } {
  const below = randomNumbers(seed);
  const bytes = new Map<number, number>();
  const kernels: Kernel[] = [];
  const count = 5 + below(60);
  for (let value = 0; value < count; value++) {
    const reads = new Set<number>();
    for (let i = below(4); i > 0 && value > 0; i--) reads.add(below(value));
    bytes.set(value, 4 * (1 + below(2000)));
    kernels.push(kernel([...reads], [value]));
  }
  return { kernels, bytes };
}

const planOf = (kernels: Kernel[], bytesOf: (value: number) => number): MemoryPlan =>
  planMemory(lifetimesOf(kernels, [], bytesOf, new Set()), kernels, DEFAULT_PROFILE);

describe('liveness', () => {
  it('runs from the first write to the last touch', () => {
    const kernels = [kernel([], [0]), kernel([0], [1]), kernel([], [2]), kernel([0, 2], [3])];
    expect(lifetimesOf(kernels, [], () => 4, new Set([3]))).toEqual([
      { value: 0, bytes: 4, first: 0, last: 3 },
      { value: 1, bytes: 4, first: 1, last: 1 },
      { value: 2, bytes: 4, first: 2, last: 3 },
    ]);
  });

  it('runs through a loop where a value is touched in it and outside', () => {
    // 0 and 1 come in, 2 lives within a turn, 3 goes out, 4 begins and ends behind the loop.
    const kernels = [
      kernel([], [0]),
      kernel([], [1]),
      kernel([0], [2]),
      kernel([2], [3]),
      kernel([1], [2]),
      kernel([3], [4]),
    ];
    const loops = [{ turns: 5, first: 2, last: 4 }];
    expect(lifetimesOf(kernels, loops, () => 4, new Set())).toEqual([
      { value: 0, bytes: 4, first: 0, last: 4 },
      { value: 1, bytes: 4, first: 1, last: 4 },
      { value: 2, bytes: 4, first: 2, last: 4 },
      { value: 3, bytes: 4, first: 2, last: 5 },
      { value: 4, bytes: 4, first: 5, last: 5 },
    ]);
  });

  it('refuses a value that is read before it is written', () => {
    expect(() => lifetimesOf([kernel([7], [8])], [], () => 4, new Set())).toThrow('v7');
  });

  it('finds the largest sum of live bytes', () => {
    const live: Lifetime[] = [
      { value: 0, bytes: 300, first: 0, last: 1 },
      { value: 1, bytes: 256, first: 1, last: 2 },
      { value: 2, bytes: 1, first: 3, last: 3 },
    ];
    expect(lowerBound(live, 256)).toBe(512 + 256);
  });
});

describe('offsets', () => {
  it('fills the tightest hole', () => {
    const live: Lifetime[] = [
      { value: 0, bytes: 2560, first: 0, last: 9 },
      { value: 1, bytes: 1024, first: 0, last: 2 },
      { value: 2, bytes: 768, first: 3, last: 9 },
      { value: 3, bytes: 256, first: 3, last: 9 },
    ];
    const { places, pools } = assignOffsets(live, () => 0, [0], {
      policy: 'preferred',
      order: 'size',
      alignment: 256,
    });
    const offsets = live.map(({ value }) => places.get(value)?.offset);
    expect(offsets).toEqual([0, 2560, 2560, 3328]);
    expect(pools).toEqual([3584]);
  });

  it('leaves the pool a value likes where that one would grow and another would not', () => {
    const live: Lifetime[] = [
      { value: 0, bytes: 1024, first: 0, last: 1 },
      { value: 1, bytes: 512, first: 2, last: 3 },
    ];
    const likes = (value: number): number => value;
    const order = { order: 'size', alignment: 256 } as const;
    expect(assignOffsets(live, likes, [0, 0], { policy: 'preferred', ...order }).pools).toEqual([1024, 512]);
    expect(assignOffsets(live, likes, [0, 0], { policy: 'tightest', ...order }).pools).toEqual([1024, 0]);
    // What another routine needs anyway counts as there.
    expect(assignOffsets(live, likes, [0, 512], { policy: 'tightest', ...order }).pools).toEqual([0, 1024]);
  });

  it('opens a pool for what fits into no other, and fills none beyond its capacity', () => {
    const live: Lifetime[] = [0, 1, 2, 3].map((value) => ({ value, bytes: 768, first: 0, last: 1 }));
    const options = { policy: 'preferred', order: 'size', alignment: 256, capacity: 1024 } as const;
    const { pools, places } = assignOffsets(live, () => 0, [0, 0], options);
    expect(pools).toEqual([768, 768, 768, 768]);
    expect(live.map(({ value }) => places.get(value))).toEqual(
      [0, 1, 2, 3].map((pool) => ({ pool, offset: 0 })),
    );
  });

  it('never lets two live values share a byte, in 200 random programs', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const { kernels, bytes } = randomKernels(seed);
      const plan = planOf(kernels, (v) => bytes.get(v)!);
      checkLifetimes(plan.values, DEFAULT_PROFILE);
      // Stated again by brute force: replay the kernels on a map from byte block to owner.
      const owner = new Map<string, number>();
      const blocks = (value: number): string[] => {
        const v = plan.values.find((p) => p.value === value)!;
        const first = v.offset / 256;
        return Array.from({ length: Math.ceil(v.bytes / 256) }, (_, i) => `${v.pool}:${first + i}`);
      };
      for (const k of kernels) {
        for (const b of k.bindings)
          if (b.tensor.kind === 'value') {
            const value = b.tensor.value;
            for (const block of blocks(value)) {
              if (b.writes) owner.set(block, value);
              else expect(owner.get(block), `seed ${seed}`).toBe(value);
            }
          }
      }
      expect(plan.pools.reduce((a, b) => a + b, 0)).toBeGreaterThanOrEqual(plan.lowerBoundBytes);
    }
  });

  it('puts a kernel that does not depend on the one before it into another pool', () => {
    const kernels = [kernel([], [0]), kernel([], [1]), kernel([0, 1], [2])];
    const plan = planOf(kernels, () => 4);
    const pool = (value: number): number => plan.values.find((v) => v.value === value)!.pool;
    expect(pool(0)).not.toBe(pool(1));
  });

  it('refuses by name what is larger than a buffer', () => {
    const big = (): unknown => planOf([kernel([], [0])], () => 300 * 1024 * 1024);
    expect(big).toThrow(CompileError);
    expect(big).toThrow('E0901');
  });
});

describe('the checker of loops', () => {
  const placed = (value: number, first: number, last: number) => ({
    value,
    first,
    last,
    bytes: 4,
    pool: 0,
    offset: 0,
  });
  const kernels = [kernel([], [0]), kernel([0, 1], [2]), kernel([2], [1]), kernel([1], [3])];
  const loops = [{ turns: 3, first: 1, last: 2 }];

  it('takes what lives within a turn or through all of them', () => {
    expect(() =>
      checkLoops([placed(0, 0, 2), placed(1, 0, 3), placed(2, 1, 2)], kernels, loops),
    ).not.toThrow();
  });

  it('finds a value that is gone when the next turn begins', () => {
    expect(() => checkLoops([placed(0, 0, 1)], kernels, loops)).toThrow('v0 is live in a part of the loop');
  });

  it('finds a value of the turn before that is not kept', () => {
    const inside = [kernel([1], [2]), kernel([2], [1])];
    const loop = [{ turns: 3, first: 0, last: 1 }];
    // Read at the first kernel, written at the last: it must live through the loop and beyond its ends.
    expect(() => checkLoops([placed(1, 0, 1), placed(2, 0, 1)], inside, loop)).not.toThrow();
    const late = [kernel([], [0]), kernel([1], [2]), kernel([2], [1]), kernel([2], [3])];
    expect(() => checkLoops([placed(1, 2, 2)], late, [{ turns: 3, first: 1, last: 3 }])).toThrow('v1');
  });
});

describe('the checker', () => {
  const value = (n: number, offset: number, first: number, last: number, bytes = 256) => ({
    value: n,
    offset,
    first,
    last,
    bytes,
    pool: 0,
  });

  it('sees an overlap', () => {
    expect(() => checkLifetimes([value(0, 0, 0, 2, 512), value(1, 256, 2, 3)], DEFAULT_PROFILE)).toThrow(
      'overlap',
    );
    expect(() =>
      checkLifetimes([value(0, 0, 0, 2, 512), value(1, 256, 3, 3)], DEFAULT_PROFILE),
    ).not.toThrow();
    expect(() => checkLifetimes([value(0, 100, 0, 2)], DEFAULT_PROFILE)).toThrow('aligned');
  });

  it("knows Dawn's rules for two bindings of one buffer", () => {
    const buffers = [{ name: 'activations_0', role: 'activations' as const, bytes: 4096 }];
    const at = (offset: number, bytes = 256) => ({ buffer: 0, offset, bytes });
    const dispatch = (a: number, b: number, access: ('read' | 'read_write')[]): void =>
      checkDispatch('k', [at(a), at(b)], access, buffers, DEFAULT_PROFILE);
    expect(() => dispatch(0, 256, ['read', 'read_write'])).toThrow('mixes');
    expect(() => dispatch(0, 0, ['read_write', 'read_write'])).toThrow('overlapping');
    expect(() => dispatch(0, 256, ['read_write', 'read_write'])).not.toThrow();
    expect(() => dispatch(0, 0, ['read', 'read'])).not.toThrow();
    expect(() => dispatch(0, 4096, ['read', 'read'])).toThrow('leaves');
    const many = Array.from({ length: 9 }, (_, i) => at(256 * i));
    expect(() =>
      checkDispatch(
        'k',
        many,
        many.map(() => 'read' as const),
        buffers,
        DEFAULT_PROFILE,
      ),
    ).toThrow('9');
  });
});
