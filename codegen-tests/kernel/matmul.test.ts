/** The matmul template in every layout and at odd sizes, batched and broadcast, against the interpreter. */
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../compiler/graph/builder.ts';
import { broadcastTo, castTo, reshapeTo, swapLastAxes } from '../../compiler/graph/convenience.ts';
import { BATCH, type Dimension } from '../../compiler/graph/dimension.ts';
import { hostTensor } from '../../compiler/graph/host-tensor.ts';
import { environment } from '../../compiler/graph/interpret.ts';
import type { Kernel } from '../../compiler/kernel/ir.ts';
import { accesses } from '../../compiler/kernel/keep-loops.ts';
import { printKernel } from '../../compiler/kernel/print.ts';
import { DEFAULT_PROFILE } from '../../compiler/kernel/profile.ts';
import { tensorOf } from '../ops/sample.ts';
import { classProfile } from '../support/profiles.ts';
import { expectLowered } from '../support/run-schedule.ts';

const LAYOUTS = ['NN', 'NT', 'TN', 'TT'] as const;
type Layout = (typeof LAYOUTS)[number];

/** a @ b where T says that the operand lies transposed in memory. */
function product(
  layout: Layout,
  m: number,
  n: number,
  k: number,
  leading: readonly number[] = [],
  profile = DEFAULT_PROFILE,
): Kernel {
  const b = new GraphBuilder('product');
  const shapes = {
    a: [...leading, ...(layout[0] === 'N' ? [m, k] : [k, m])],
    b: [...leading, ...(layout[1] === 'N' ? [k, n] : [n, k])],
  };
  const inputs = new Map(
    Object.entries(shapes).map(([name, shape], i) => [name, tensorOf(shape, m + n + k + i)]),
  );
  const [x, y] = Object.entries(shapes).map(([name, shape]) => b.add('parameter', [], { name }, { shape }));
  const left = layout[0] === 'N' ? (x as number) : swapLastAxes(b, x as number);
  const right = layout[1] === 'N' ? (y as number) : swapLastAxes(b, y as number);
  b.output('result', b.add('matmul', [left, right], {}), 'result');
  const run = expectLowered(b.finish(), environment({ parameters: inputs }), {
    tolerance: Math.max(2e-6, 1e-6 * Math.sqrt(k)),
    profile,
  });
  expect(run.kernels).toHaveLength(1);
  return run.kernels[0] as Kernel;
}

const accessesOf = (kernel: Kernel): number => accesses(kernel.body);

const SIZES = [1, 3, 4, 5, 8];

describe.each(LAYOUTS)('%s', (layout) => {
  it.each(SIZES)('is right with %i rows and every small size of columns and K', (m) => {
    for (const n of SIZES) for (const k of SIZES) product(layout, m, n, k);
  });

  it('is right where one size is 127', () => {
    for (const other of [4, 5]) {
      product(layout, 127, other, 8);
      product(layout, other, 127, 8);
      product(layout, other, 8, 127);
    }
    product(layout, 127, 127, 3);
  });

  it('is right over several products', () => {
    product(layout, 5, 8, 4, [3]);
    product(layout, 8, 4, 8, [2, 3]);
  });

  it('loads and stores vec4 alone where all sizes are multiples of four', () => {
    const kernel = product(layout, 16, 8, 12);
    expect(kernel.bindings.map((binding) => binding.width)).toEqual([4, 4, 4]);
    expect(accessesOf(kernel), printKernel(kernel)).toBeLessThanOrEqual(16);
  });

  it('keeps to few accesses at any size', () => {
    expect(accessesOf(product(layout, 127, 5, 3))).toBeLessThanOrEqual(24);
    expect(accessesOf(product(layout, 16, 10, 16))).toBeLessThanOrEqual(24);
  });
});

describe('short loops', () => {
  const bound = (kernel: Kernel): string | undefined => {
    const loop = kernel.body.find((statement) => statement.kind === 'for');
    return loop?.kind === 'for' ? loop.to.kind : undefined;
  };

  it('are kept from being unrolled by a software device, and left alone elsewhere', () => {
    expect(bound(product('NN', 8, 8, 16))).toBe('binary');
    expect(bound(product('NN', 8, 8, 1024))).toBe('literal');
    expect(bound(product('NN', 8, 8, 16, [], classProfile('large')))).toBe('literal');
  });
});

describe('operands behind views', () => {
  const run = (
    shapes: Record<string, readonly number[]>,
    build: (b: GraphBuilder, ids: readonly number[]) => number,
  ) => {
    const b = new GraphBuilder('views');
    const ids = Object.entries(shapes).map(([name, shape]) => b.add('parameter', [], { name }, { shape }));
    b.output('result', build(b, ids), 'result');
    const parameters = new Map(
      Object.entries(shapes).map(([name, shape], i) => [name, tensorOf(shape, 7 + i)]),
    );
    const { kernels } = expectLowered(b.finish(), environment({ parameters }), { tolerance: 1e-5 });
    expect(kernels.map((kernel) => kernel.kind)).toEqual(['matmul']);
    return kernels[0] as Kernel;
  };

  it('repeats one matrix over a batch', () => {
    const kernel = run({ x: [3, 8, 4], w: [4, 12] }, (b, [x, w]) =>
      b.add('matmul', [x as number, broadcastTo(b, w as number, [3, 4, 12])], {}),
    );
    expect(kernel.bindings.map((binding) => binding.width)).toEqual([4, 4, 4]);
  });

  it('reads heads out of the last axis', () => {
    const kernel = run({ q: [2, 5, 12], k: [2, 5, 12] }, (b, [q, k]) => {
      const heads = (x: number) =>
        b.add('transpose', [b.add('reshape', [x], {}, { shape: [2, 5, 3, 4] })], {
          permutation: [0, 2, 1, 3],
        });
      return b.add('matmul', [heads(q as number), swapLastAxes(b, heads(k as number))], {});
    });
    expect(kernel.bindings.slice(0, 2).map((binding) => binding.width)).toEqual([4, 4]);
  });

  it('reads slices, aligned and not', () => {
    const sliced = (start: number) =>
      run({ x: [6, 24], w: [8, 8] }, (b, [x, w]) => {
        const part = b.add('slice', [x as number], {
          starts: [1, start],
          limits: [6, start + 8],
          steps: [1, 1],
        });
        return b.add('matmul', [part, w as number], {});
      });
    expect(sliced(8).bindings[0]?.width).toBe(4);
    expect(sliced(7).bindings[0]?.width).toBe(1);
  });

  it('multiplies a matrix with itself through one binding', () => {
    for (const size of [5, 8]) {
      const kernel = run({ x: [size, size] }, (b, [x]) =>
        b.add('matmul', [x as number, swapLastAxes(b, x as number)], {}),
      );
      expect(kernel.bindings).toHaveLength(2);
    }
  });

  it('pads and reverses', () => {
    run({ x: [3, 5], w: [8, 6] }, (b, [x, w]) => {
      const zero = b.add('constant', [], { value: 0 });
      const padded = b.add('pad', [x as number, zero], { before: [1, 2], after: [0, 1], interior: [0, 0] });
      return b.add('matmul', [padded, b.add('reverse', [w as number], { axes: [0] })], {});
    });
  });

  it('reads bytes', () => {
    const b = new GraphBuilder('bytes');
    const x = b.add('input', [], { name: 'image', storage: 'u8' }, { shape: [3, 2, 4], dtype: 'u32' });
    const w = b.add('parameter', [], { name: 'w' }, { shape: [8, 4] });
    b.output('result', b.add('matmul', [reshapeTo(b, castTo(b, x, 'f32'), [3, 8]), w], {}), 'result');
    const given = environment({
      inputs: new Map([['image', tensorOf([3, 2, 4], 1, (u) => Math.floor(u * 256), 'u32')]]),
      parameters: new Map([['w', tensorOf([8, 4], 2)]]),
    });
    const { kernels } = expectLowered(b.finish(), given);
    expect(kernels.map((kernel) => kernel.bindings[0]?.storage)).toEqual(['u8']);
  });
});

describe('a batch smaller than the largest', () => {
  const run = (rows: Dimension, at: number, largest: number, n = 8): Kernel => {
    const b = new GraphBuilder('dynamic');
    const x = b.add('input', [], { name: 'x', storage: 'f32' }, { shape: [rows, 12] });
    const w = b.add('parameter', [], { name: 'w' }, { shape: [12, n] });
    b.output('result', b.add('matmul', [x, w], {}), 'result');
    const count = typeof rows === 'number' ? rows : rows.times * at + rows.plus;
    const given = environment({
      batch: at,
      inputs: new Map([['x', tensorOf([count, 12], 3)]]),
      parameters: new Map([['w', tensorOf([12, n], 4)]]),
    });
    return expectLowered(b.finish(), given, { batch: largest, tolerance: 4e-6 }).kernels[0] as Kernel;
  };

  it('computes the rows at hand and no others', () => {
    for (const at of [1, 2, 5, 7, 8]) run(BATCH, at, 8);
    for (const at of [1, 3, 4]) run({ times: 3, plus: 1 }, at, 5, 5);
  });

  it('needs no guard where the rows come in fours', () => {
    const kernel = run({ times: 4, plus: 0 }, 3, 6);
    expect(kernel.body.some((statement) => statement.kind === 'if')).toBe(false);
    expect(kernel.threads[1]).toEqual([BATCH]);
  });

  it('takes the batch as K, as columns and among the products', () => {
    const b = new GraphBuilder('dynamic');
    const x = b.add('input', [], { name: 'x', storage: 'f32' }, { shape: [BATCH, 5] });
    b.output('gram', b.add('matmul', [swapLastAxes(b, x), x], {}), 'result');
    b.output('similar', b.add('matmul', [x, swapLastAxes(b, x)], {}), 'result');
    const boxes = b.add('reshape', [x], {}, { shape: [BATCH, 5, 1] });
    b.output('outer', b.add('matmul', [boxes, swapLastAxes(b, boxes)], {}), 'result');
    for (const at of [1, 3, 6]) {
      const inputs = new Map([['x', hostTensor([at, 5], tensorOf([at, 5], at).data)]]);
      expectLowered(b.finish(), environment({ batch: at, inputs }), { batch: 6, tolerance: 4e-6 });
    }
  });
});
