/** Reductions and look-ups: sizes, vec4 along either axis, accuracy of long sums, ties, NaN, duplicates. */
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../compiler/graph/builder.ts';
import { binary, unary } from '../../compiler/graph/convenience.ts';
import { BATCH, dimensionAt, type Dimension } from '../../compiler/graph/dimension.ts';
import { hostTensor } from '../../compiler/graph/host-tensor.ts';
import { environment } from '../../compiler/graph/interpret.ts';
import type { Kernel } from '../../compiler/kernel/ir.ts';
import { printKernel } from '../../compiler/kernel/print.ts';
import { tensorOf, uniforms, vector } from '../ops/sample.ts';
import { runInputs, type Build, type Tensors } from '../support/run-inputs.ts';
import { expectLowered } from '../support/run-schedule.ts';

const run = (tensors: Tensors, build: Build, tolerance?: number): Kernel =>
  runInputs(tensors, build, tolerance === undefined ? {} : { tolerance }).kernels.at(-1) as Kernel;

const OPS = ['reduce_sum', 'reduce_max', 'reduce_min', 'reduce_prod'] as const;

describe.each(OPS)('%s', (op) => {
  it('is right over every set of axes and at odd sizes', () => {
    for (const shape of [
      [1, 1, 1],
      [3, 5, 4],
      [4, 3, 8],
      [127, 2, 1],
      [2, 127, 3],
    ]) {
      for (const axes of [[0], [1], [2], [0, 1], [0, 2], [1, 2], [0, 1, 2]]) {
        const x = tensorOf(shape, 3, (u) => 0.8 + 0.4 * u);
        run({ x }, (b, id) => b.add(op, [id], { axes }), 3e-5);
      }
    }
  });

  it('runs over a batch at hand', () => {
    for (const shape of [
      [BATCH, 3],
      [2, BATCH],
      [BATCH, 4],
    ] as Dimension[][]) {
      for (const axes of [[0], [1], [0, 1]]) {
        for (const batch of [1, 3, 7]) {
          const b = new GraphBuilder('dynamic');
          const x = b.add('input', [], { name: 'x', storage: 'f32' }, { shape });
          b.output('result', b.add(op, [x], { axes }), 'result');
          const sizes = shape.map((d) => dimensionAt(d, batch));
          const inputs = new Map([['x', tensorOf(sizes, 9)]]);
          expectLowered(b.finish(), environment({ batch, inputs }), { batch: 1200, tolerance: 1e-5 });
        }
      }
    }
  });
});

describe('vec4', () => {
  const widths = (shape: number[], axes: number[]): number[] =>
    run({ x: tensorOf(shape, 1) }, (b, x) => b.add('reduce_sum', [x], { axes })).bindings.map(
      ({ width }) => width,
    );

  it('runs along the innermost axis, kept or reduced', () => {
    expect(widths([6, 8], [0])).toEqual([4, 4]);
    expect(widths([5, 8], [1])).toEqual([4, 1]);
    expect(widths([3, 5, 8], [0, 2])).toEqual([4, 1]);
    expect(widths([5, 7], [1])).toEqual([1, 1]);
    expect(widths([6, 5, 8], [1])).toEqual([4, 4]);
  });
});

describe('long sums', () => {
  it('keep their accuracy', () => {
    for (const [shape, axes] of [
      [[100_000], [0]],
      [[40_001], [0]],
      [[3, 30_000], [1]],
      [[30_000, 4], [0]],
      [
        [200, 203],
        [0, 1],
      ],
    ] as const) {
      // prettier-ignore
      const x = tensorOf(shape, 5, (u) => u);
      run({ x }, (b, id) => b.add('reduce_sum', [id], { axes }), 1e-6);
    }
  });

  it('are cut into blocks that hold every element once', () => {
    for (const length of [511, 512, 513, 1023, 1025, 2051]) {
      const x = hostTensor(
        [length],
        Array.from({ length }, (_, i) => (i % 7) + 1),
      );
      run({ x }, (b, id) => b.add('reduce_sum', [id], { axes: [0] }), 0);
    }
  });
});

describe('argmax and argmin', () => {
  it('take the first of equals, and NaN before numbers', () => {
    const rows = [
      [1, 3, 3, 2],
      [NaN, 5, NaN, 1],
      [2, NaN, 9, NaN],
      [-Infinity, -Infinity, -Infinity, -Infinity],
      [Infinity, Infinity, 1, Infinity],
      [-1, -2, -2, -1],
    ];
    const x = hostTensor([6, 4], rows.flat());
    for (const op of ['argmax', 'argmin'] as const) {
      for (const axis of [0, 1]) run({ x }, (b, id) => b.add(op, [id], { axis }));
    }
    const integers = hostTensor([2, 3], [7, 4_000_000_000, 4_000_000_000, 0, 0, 5], 'u32');
    run({ integers }, (b, id) => b.add('argmax', [id], { axis: 1 }));
    run({ integers }, (b, id) => b.add('argmin', [id], { axis: 1 }));
  });
});

describe('take', () => {
  const index = vector([2, 0, 9, 2, 4_000_000_000], 'u32');
  it('reads whole slices and stops at the last', () => {
    for (const shape of [[3, 8], [3, 5], [3], [3, 2, 4]]) {
      const kernel = run({ x: tensorOf(shape, 2), index }, (b, x, i) => b.add('take', [x, i], { axis: 0 }));
      expect(kernel.kind).toBe('gather');
    }
    for (const axis of [0, 1, 2]) {
      run({ x: tensorOf([3, 3, 4], 2), index }, (b, x, i) => b.add('take', [x, i], { axis }));
    }
  });

  it('uses vec4 for slices of four', () => {
    const kernel = run({ x: tensorOf([7, 8], 2), index }, (b, x, i) => b.add('take', [x, i], { axis: 0 }));
    expect(kernel.bindings.map(({ width }) => width).sort()).toEqual([1, 4, 4]);
  });

  it('takes an index of any rank', () => {
    const wide = hostTensor([2, 3], [0, 1, 1, 0, 2, 5], 'u32');
    run({ x: tensorOf([3, 4], 2), wide }, (b, x, i) => b.add('take', [x, i], { axis: 1 }));
    run({ x: tensorOf([1, 4], 2), wide }, (b, x, i) => b.add('take', [x, i], { axis: 0 }));
  });
});

describe('scatter_add', () => {
  const index = vector([2, 0, 2, 9, 2, 1], 'u32');
  it('adds duplicates in order and leaves out what lies past the end', () => {
    for (const rest of [[8], [5], [], [3, 4]]) {
      const x = tensorOf([4, ...rest], 1);
      const source = tensorOf([6, ...rest], 2);
      const kernel = run({ x, index, source }, (b, ...ids) => b.add('scatter_add', ids, { axis: 0 }));
      expect(kernel.kind).toBe('scatter');
    }
    const [x, source] = [tensorOf([3, 4], 1), tensorOf([3, 6], 2)];
    run({ x, index, source }, (b, ...ids) => b.add('scatter_add', ids, { axis: 1 }));
  });

  it('adds one slice and integers', () => {
    const x = hostTensor([3, 4], [...Array(12).keys()], 'u32');
    const source = hostTensor([1, 4], [1, 2, 3, 4_294_967_290], 'u32');
    run({ x, index: vector([1], 'u32'), source }, (b, ...ids) => b.add('scatter_add', ids, { axis: 0 }));
  });

  it('reads its source only for what is meant for the element', () => {
    const kernel = run({ x: tensorOf([4, 8], 1), index, source: tensorOf([6, 8], 2) }, (b, x, i, source) =>
      b.add('scatter_add', [x, i, source], { axis: 0 }),
    );
    const text = printKernel(kernel);
    const source = kernel.bindings.findIndex(
      ({ tensor }) => tensor.kind === 'named' && tensor.name === 'source',
    );
    expect(text.indexOf('if ')).toBeGreaterThan(0);
    expect(text.indexOf(`= b${source}[`)).toBeGreaterThan(text.indexOf('if '));
  });
});

describe('fused reductions', () => {
  it('compute their element-wise inputs in place', () => {
    for (const size of [64, 63, 4096]) {
      const b = new GraphBuilder('norm');
      b.phase = 'update';
      const g = b.add('state', [], { name: 'g' }, { shape: [size] });
      const squares = binary(b, 'mul', g, unary(b, 'abs', g));
      const parts = b.add('reshape', [squares], {}, { shape: [size] });
      b.output('norm', b.add('reduce_sum', [parts], { axes: [0] }), 'result');
      const states = new Map([['g', hostTensor([size], uniforms(size, size))]]);
      const { kernels } = expectLowered(b.finish(), environment({ states }), { fuse: true });
      expect(kernels.map(({ ops }) => ops.join(' '))).toEqual(['abs mul reduce_sum']);
    }
  });
});
