/** Products with tiles in workgroup memory: every layout, odd sizes, slices, epilogues, against the interpreter. */
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../compiler/graph/builder.ts';
import { binary, broadcastTo, reshapeTo, swapLastAxes, unary } from '../../compiler/graph/convenience.ts';
import { BATCH, type Dimension } from '../../compiler/graph/dimension.ts';
import { environment } from '../../compiler/graph/interpret.ts';
import type { Graph } from '../../compiler/graph/ir.ts';
import type { Kernel } from '../../compiler/kernel/ir.ts';
import { lowerGroup } from '../../compiler/kernel/lower.ts';
import type { TargetProfile } from '../../compiler/kernel/profile.ts';
import { chooseTile, tilesOf } from '../../compiler/kernel/tile-choice.ts';
import type { TileShape } from '../../compiler/kernel/tile-shape.ts';
import { hasBarrier } from '../../compiler/kernel/uniformity.ts';
import { buildSchedule } from '../../compiler/schedule/build.ts';
import type { Group } from '../../compiler/schedule/schedule.ts';
import { kernelToWgsl } from '../../compiler/targets/wgsl/from-kernel.ts';
import { tensorOf } from '../ops/sample.ts';
import { layoutOf, validateWgsl } from '../support/gpu.ts';
import { accessOf } from '../support/kernels.ts';
import { classProfile } from '../support/profiles.ts';
import { expectLowered } from '../support/run-schedule.ts';

const LAYOUTS = ['NN', 'NT', 'TN', 'TT'] as const;
type Layout = (typeof LAYOUTS)[number];

/** Small tiles, so that small products have edges: plain, with slices, wide. */
const TILES: Readonly<Record<string, TileShape>> = {
  plain: { rows: 8, columns: 8, depth: 4, threadRows: 4, threadColumns: 4, slices: 1, from: 0 },
  sliced: { rows: 8, columns: 16, depth: 16, threadRows: 4, threadColumns: 4, slices: 4, from: 0 },
  wide: { rows: 16, columns: 16, depth: 8, threadRows: 8, threadColumns: 8, slices: 1, from: 0 },
};
const withTile = (tile: TileShape): TargetProfile => ({ ...classProfile('large'), tiles: [tile] });

interface Size {
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

const shapesOf = (layout: Layout, { m, n, k }: Size, leading: readonly number[] = []) => ({
  a: [...leading, ...(layout[0] === 'N' ? [m, k] : [k, m])],
  b: [...leading, ...(layout[1] === 'N' ? [k, n] : [n, k])],
});

/** a @ b where T says that the operand lies transposed in memory. */
function graphOf(layout: Layout, shapes: Readonly<Record<string, readonly number[]>>): Graph {
  const b = new GraphBuilder('product');
  const [x, y] = Object.entries(shapes).map(([name, shape]) => b.add('parameter', [], { name }, { shape }));
  const left = layout[0] === 'N' ? (x as number) : swapLastAxes(b, x as number);
  const right = layout[1] === 'N' ? (y as number) : swapLastAxes(b, y as number);
  b.output('result', b.add('matmul', [left, right], {}), 'result');
  return b.finish();
}

function lowered(layout: Layout, size: Size, profile: TargetProfile): Kernel {
  const graph = graphOf(layout, shapesOf(layout, size));
  const [group] = buildSchedule(graph, { fuse: false, profile, batch: 1 }).groups;
  return lowerGroup(graph, group as Group, { profile, batch: 1 });
}

function product(layout: Layout, size: Size, profile: TargetProfile, leading: readonly number[] = []) {
  const { m, n, k } = size;
  const shapes = shapesOf(layout, size, leading);
  const parameters = new Map(
    Object.entries(shapes).map(([name, shape], i) => [name, tensorOf(shape, m + n + k + i)]),
  );
  const tolerance = Math.max(2e-6, 1e-6 * Math.sqrt(k));
  const { kernels } = expectLowered(graphOf(layout, shapes), environment({ parameters }), { tolerance, profile }); // prettier-ignore
  expect(kernels).toHaveLength(1);
  expect(hasBarrier((kernels[0] as Kernel).body)).toBe(true);
  return kernels[0] as Kernel;
}

describe.each(Object.keys(TILES))('a %s tile', (name) => {
  const profile = withTile(TILES[name] as TileShape);

  it.each(LAYOUTS)('is right for %s at odd sizes', (layout) => {
    for (const m of [1, 5, 8, 17]) for (const n of [3, 16, 19]) for (const k of [8, 13, 20]) product(layout, { m, n, k }, profile); // prettier-ignore
  });

  it.each(LAYOUTS)('is right for %s over several products', (layout) => {
    product(layout, { m: 8, n: 12, k: 16 }, profile, [3]);
    product(layout, { m: 5, n: 8, k: 11 }, profile, [2, 3]);
  });
});

/** One graph over parameters of these shapes, whose one kernel is a product with barriers. */
function run(
  shapes: Readonly<Record<string, readonly number[]>>,
  build: (b: GraphBuilder, ...ids: number[]) => void,
  profile: TargetProfile,
): void {
  const b = new GraphBuilder('around');
  const ids = Object.entries(shapes).map(([name, shape]) => b.add('parameter', [], { name }, { shape }));
  build(b, ...ids);
  const parameters = new Map(
    Object.entries(shapes).map(([name, shape], i) => [name, tensorOf(shape, 7 + i)]),
  );
  const given = environment({ parameters });
  const { kernels } = expectLowered(b.finish(), given, { tolerance: 2e-5, profile, fuse: true });
  expect(kernels.map(({ kind }) => kind)).toEqual(['matmul']);
  expect(hasBarrier((kernels[0] as Kernel).body)).toBe(true);
}

describe.each(Object.keys(TILES))('behind and beside a product with a %s tile', (name) => {
  const profile = withTile(TILES[name] as TileShape);
  const SIZES = [
    [8, 16, 12],
    [17, 20, 9],
    [13, 7, 16],
  ] as const;

  it('bias, activation and residual are worked out in its kernel', () => {
    for (const [m, n, k] of SIZES) {
      run(
        { x: [m, k], w: [k, n], bias: [n], residual: [m, n] },
        (b, x, w, bias, residual) => {
          const product = b.add('matmul', [x, w], {});
          const wide = broadcastTo(b, reshapeTo(b, bias, [1, n]), [m, n]);
          const shifted = binary(b, 'add', product, wide);
          b.output('before', shifted, 'result');
          b.output('result', binary(b, 'add', unary(b, 'tanh', shifted), residual), 'result');
        },
        profile,
      );
    }
  });

  it('sums of columns are taken by the first workgroups', () => {
    for (const [m, n, k] of SIZES) {
      run(
        { x: [k, m], y: [k, n] },
        (b, x, y) => {
          b.output('result', b.add('matmul', [swapLastAxes(b, x), y], {}), 'result');
          b.output('bias', b.add('reduce_sum', [y], { axes: [0] }), 'result');
        },
        profile,
      );
    }
  });

  it('a matrix is multiplied with itself, heads are read out of an axis, slices where they lie', () => {
    for (const n of [8, 13])
      run({ x: [n, n] }, (b, x) => b.output('result', b.add('matmul', [x, swapLastAxes(b, x)], {}), 'result'), profile); // prettier-ignore
    const heads = (b: GraphBuilder, x: number) =>
      b.add('transpose', [b.add('reshape', [x], {}, { shape: [2, 5, 3, 8] })], { permutation: [0, 2, 1, 3] });
    run(
      { q: [2, 5, 24], k: [2, 5, 24] },
      (b, q, k) => {
        const product = b.add('matmul', [heads(b, q), swapLastAxes(b, heads(b, k))], {});
        b.output('result', product, 'result');
      },
      profile,
    );
    for (const start of [7, 8])
      run(
        { x: [6, 24], w: [9, 8] },
        (b, x, w) => {
          const part = b.add('slice', [x], { starts: [1, start], limits: [6, start + 9], steps: [1, 1] }); // prettier-ignore
          b.output('result', b.add('matmul', [part, w], {}), 'result');
        },
        profile,
      );
  });
});

describe('a batch at hand', () => {
  const dynamic = (shapes: Record<'a' | 'b', readonly Dimension[]>, batch: number): void => {
    const b = new GraphBuilder('dynamic');
    const [x, y] = Object.entries(shapes).map(([name, shape]) =>
      b.add('input', [], { name, storage: 'f32' }, { shape }),
    );
    b.output('result', b.add('matmul', [x as number, y as number], {}), 'result');
    const sized = (shape: readonly Dimension[]) => shape.map((d) => (typeof d === 'number' ? d : batch * d.times)); // prettier-ignore
    const inputs = new Map(Object.entries(shapes).map(([name, shape], i) => [name, tensorOf(sized(shape), i + 5)])); // prettier-ignore
    const profile = withTile(TILES['sliced'] as TileShape);
    const { kernels } = expectLowered(b.finish(), environment({ batch, inputs }), { batch: 20, tolerance: 1e-5, profile }); // prettier-ignore
    expect(hasBarrier((kernels[0] as Kernel).body)).toBe(true);
  };

  it.each([1, 3, 16, 20])('of %i is taken as rows, columns, depth and products', (batch) => {
    dynamic({ a: [BATCH, 9], b: [9, 5] }, batch);
    dynamic({ a: [{ times: 4, plus: 0 }, 8], b: [8, 12] }, batch);
    dynamic({ a: [5, 9], b: [9, BATCH] }, batch);
    dynamic({ a: [7, BATCH], b: [BATCH, 8] }, batch);
    dynamic({ a: [BATCH, 5, 8], b: [BATCH, 8, 4] }, batch);
  });
});

describe('the tile of a class', () => {
  const chosen = (deviceClass: 'small' | 'large' | 'software', m: number, n: number, k: number, of = 1) => {
    const tile = chooseTile(classProfile(deviceClass), m, n, k, of);
    return tile && `${tile.rows}x${tile.columns}/${tile.slices}`;
  };

  it('is the larger the more there is to do, and fills the device', () => {
    expect(chosen('large', 4096, 4096, 4096)).toBe('64x64/1');
    expect(chosen('large', 1024, 1024, 1024)).toBe('64x64/1');
    expect(chosen('large', 128, 512, 784)).toBe('32x32/4');
    expect(chosen('large', 128, 10, 256)).toBe('16x16/8');
    expect(chosen('large', 64, 64, 32, 64)).toBe('32x32/4');
    expect(chosen('small', 1024, 1024, 1024)).toBe('64x64/1');
    expect(chosen('small', 128, 128, 128)).toBe('32x32/2');
  });

  it('is none for a software device, nor where K is short', () => {
    expect(chosen('software', 1024, 1024, 1024)).toBeUndefined();
    expect(chosen('large', 1024, 1024, 4)).toBeUndefined();
  });

  it('fits the limits every device has', async () => {
    for (const deviceClass of ['small', 'large'] as const)
      for (const tile of tilesOf(classProfile(deviceClass))) {
        const profile = { ...classProfile(deviceClass), tiles: [{ ...tile, from: 0 }] };
        for (const layout of LAYOUTS) {
          const kernel = lowered(layout, { m: 256, n: 256, k: 256 }, profile);
          const access = accessOf(kernel);
          const shader = kernelToWgsl(kernel, { access, scalars: [], batch: 1, profile });
          expect(await validateWgsl(shader.code, layoutOf({ ...shader, access }))).toEqual([]);
        }
      }
  });
});
