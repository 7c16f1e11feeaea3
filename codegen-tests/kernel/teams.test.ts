/** Reductions and row kernels of teams of threads, against the interpreter on the host, where races are seen. */
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../compiler/graph/builder.ts';
import { binary, broadcastTo, reshapeTo, unary } from '../../compiler/graph/convenience.ts';
import { BATCH, type Dimension } from '../../compiler/graph/dimension.ts';
import { hostTensor } from '../../compiler/graph/host-tensor.ts';
import { environment } from '../../compiler/graph/interpret.ts';
import type { Kernel } from '../../compiler/kernel/ir.ts';
import { hasBarrier } from '../../compiler/kernel/uniformity.ts';
import { tensorOf, vector } from '../ops/sample.ts';
import { gpuOrSkip } from '../support/gpu.ts';
import { classProfile } from '../support/profiles.ts';
import { kernelsOf, runGraphs } from '../support/run-graph.ts';
import { graphOf, runInputs, type Build, type Tensors } from '../support/run-inputs.ts';
import { expectLowered } from '../support/run-schedule.ts';

const PROFILE = classProfile('large');

const run = (tensors: Tensors, build: Build, tolerance = 4e-6): readonly Kernel[] =>
  runInputs(tensors, build, { tolerance, profile: PROFILE, fuse: true }).kernels;

/** Below it a result is one thread's. */
const LEAST_ELEMENTS = 32;

const share = (kernels: readonly Kernel[]): boolean => kernels.some((kernel) => hasBarrier(kernel.body));

describe.each(['reduce_sum', 'reduce_max', 'reduce_min', 'reduce_prod'] as const)('%s by teams', (op) => {
  it('is right over every set of axes', () => {
    for (const shape of [
      [40, 3, 8],
      [3, 127, 5],
      [2, 3, 260],
      [64, 64, 1],
    ])
      for (const axes of [[0], [1], [2], [0, 1], [0, 2], [1, 2], [0, 1, 2]]) {
        const x = tensorOf(shape, 3, (u) => 0.99 + 0.02 * u);
        const kernels = run({ x }, (b, id) => b.add(op, [id], { axes }), 3e-5);
        const reduced = axes.reduce((product, axis) => product * (shape[axis] as number), 1);
        expect(share(kernels), `${shape.join()} by ${axes.join()}`).toBe(reduced >= LEAST_ELEMENTS);
      }
  });

  it('runs over integers and a batch at hand', () => {
    const x = hostTensor(
      [5, 96],
      Array.from({ length: 480 }, (_, i) => (i % 7 === 0 ? 3 : 1)),
      'u32',
    );
    if (op !== 'reduce_prod') expect(share(run({ x }, (b, id) => b.add(op, [id], { axes: [1] })))).toBe(true);
    for (const shape of [
      [BATCH, 64],
      [{ times: 8, plus: 0 }, 33],
      [40, BATCH],
    ] as Dimension[][])
      for (const batch of [1, 3, 7]) {
        const b = new GraphBuilder('dynamic');
        const id = b.add('input', [], { name: 'x', storage: 'f32' }, { shape });
        for (const axis of [0, 1]) b.output(`along${axis}`, b.add(op, [id], { axes: [axis] }), 'result');
        const sizes = shape.map((d) => (typeof d === 'number' ? d : batch * d.times));
        const inputs = new Map([['x', tensorOf(sizes, 9)]]);
        const options = { batch: 50, tolerance: 1e-5, profile: PROFILE };
        const { kernels } = expectLowered(b.finish(), environment({ batch, inputs }), options);
        expect(share(kernels)).toBe(true);
      }
  });
});

describe('the place of the largest', () => {
  it.each(['argmax', 'argmin'] as const)('%s takes the first of equals, and NaN before all', (op) => {
    for (const length of [40, 64, 129]) {
      const values = Array.from({ length: 3 * length }, (_, i) => [2, 5, -1, 5][(i * 7) % 4] as number);
      values[length + 33] = NaN;
      values[length + 35] = NaN;
      const least = new Array<number>(length).fill(-Infinity);
      for (const [x, axis] of [
        [hostTensor([3, length], values), 1],
        [hostTensor([length, 3], values), 0],
        [hostTensor([1, length], least), 1],
      ] as const)
        expect(share(run({ x }, (b, id) => b.add(op, [id], { axis })))).toBe(true);
    }
  });
});

describe('row kernels of teams', () => {
  const along = (b: GraphBuilder, op: 'reduce_sum' | 'reduce_max', x: number, axis: number): number => {
    const { shape } = b.type(x);
    return broadcastTo(b, reshapeTo(b, b.add(op, [x], { axes: [axis] }), shape.with(axis, 1)), shape);
  };
  const softmax = (b: GraphBuilder, x: number, axis: number): number => {
    const powers = unary(b, 'exp', binary(b, 'sub', x, along(b, 'reduce_max', x, axis)));
    return binary(b, 'div', powers, along(b, 'reduce_sum', powers, axis));
  };

  it.each([33, 64, 127, 260, 1030])('softmax over rows of %i', (length) => {
    for (const rows of [1, 2, 6]) {
      const x = tensorOf([rows, length], 5);
      const kernels = run({ x }, (b, id) => softmax(b, id, 1), 1e-5);
      expect(share(kernels)).toBe(true);
      if (rows > 1) expect(kernels).toHaveLength(1);
    }
  });

  it('softmax over columns, with results a row and an element', () => {
    for (const [length, columns] of [
      [48, 8],
      [127, 3],
      [64, 12],
    ] as const) {
      const kernels = run(
        { x: tensorOf([length, columns], 6) },
        (b, id) => {
          const wide = softmax(b, id, 0);
          return [wide, b.add('reduce_max', [wide], { axes: [0] })];
        },
        1e-5,
      );
      expect(share(kernels)).toBe(true);
    }
  });

  it('a gradient that reads back what it stored', () => {
    for (const length of [64, 129]) {
      const kernels = run(
        { x: tensorOf([4, length], 5), y: tensorOf([4, length], 6) },
        (b, x, y) => {
          const s = softmax(b, x, 1);
          const scaled = binary(b, 'mul', s, y);
          const gradient = binary(b, 'mul', s, binary(b, 'sub', y, along(b, 'reduce_sum', scaled, 1)));
          return [s, gradient, b.add('reduce_max', [gradient], { axes: [1] })];
        },
        2e-5,
      );
      expect(share(kernels)).toBe(true);
    }
  });

  it('gives the same bits twice on a device', async (context) => {
    const { gpu } = await gpuOrSkip(context);
    const x = vector(Array.from({ length: 5000 }, (_, i) => 1 + Math.sin(i)));
    const sum = graphOf({ x }, (b, id) => b.add('reduce_sum', [id], { axes: [0] }));
    const job = { ...sum, fuse: true, profile: PROFILE };
    expect(share(kernelsOf(job))).toBe(true);
    const [once, twice] = await runGraphs(gpu, [job, job]);
    expect(once?.get('result0')).toHaveLength(1);
    expect(twice).toEqual(once);
  });
});

describe('sums and a product that share nothing', () => {
  it.each([
    ['large', ['matmul']],
    ['software', ['matmul', 'reduce']],
  ] as const)('are one kernel on class %s: %j', (deviceClass, kinds) => {
    const b = new GraphBuilder('strangers');
    const shapes = { x: [40, 16], w: [16, 12], y: [64, 12] };
    const ids = Object.entries(shapes).map(([name, shape]) => b.add('parameter', [], { name }, { shape }));
    const [x, w, y] = ids as [number, number, number];
    b.output('product', b.add('matmul', [x, w], {}), 'result');
    b.output('sums', b.add('reduce_sum', [binary(b, 'mul', y, y)], { axes: [0] }), 'result');
    const parameters = new Map(Object.entries(shapes).map(([name, shape]) => [name, tensorOf(shape, 3)]));
    const profile = classProfile(deviceClass);
    const { kernels } = expectLowered(b.finish(), environment({ parameters }), { tolerance: 1e-5, profile, fuse: true }); // prettier-ignore
    expect(kernels.map(({ kind }) => kind).sort()).toEqual(kinds);
  });
});
