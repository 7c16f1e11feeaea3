/**
 * The packed product in every layout, at sizes around its tiles and blocks, batched, with the batch as a size, against
 * the interpreter: on the CPU, and thread by thread on the host, where an access outside of an array throws.
 */
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../compiler/graph/builder.ts';
import { broadcastTo, reshapeTo, swapLastAxes } from '../../compiler/graph/convenience.ts';
import { BATCH, type Dimension } from '../../compiler/graph/dimension.ts';
import { environment, interpret, type Environment } from '../../compiler/graph/interpret.ts';
import type { Graph } from '../../compiler/graph/ir.ts';
import { CPU_PROFILE } from '../../compiler/kernel/profile.ts';
import { chooseTiling } from '../../compiler/kernel/templates/matmul-tiling.ts';
import { tensorOf } from '../ops/sample.ts';
import { difference, kernelsOf } from '../support/run-graph.ts';
import { runOnCpu } from '../support/run-graph-cpu.ts';
import { expectLowered } from '../support/run-schedule.ts';

const LAYOUTS = ['NN', 'NT', 'TN', 'TT'] as const;
type Layout = (typeof LAYOUTS)[number];
type Sizes = readonly [m: Dimension, n: number, k: number];

interface Case {
  readonly graph: Graph;
  readonly environment: Environment;
  readonly batch?: number;
}

/** a @ b where T says that the operand lies transposed in memory. */
function product(layout: Layout, [m, n, k]: Sizes, leading: readonly number[] = [], batch = 1): Case {
  const b = new GraphBuilder('product');
  const shapes: Record<string, Dimension[]> = {
    a: [...leading, ...(layout[0] === 'N' ? [m, k] : [k, m])],
    b: [...leading, ...(layout[1] === 'N' ? [k, n] : [n, k])],
  };
  const inputs = new Map(
    Object.entries(shapes).map(([name, shape], i) => {
      const sizes = shape.map((d) => (typeof d === 'number' ? d : d.times * batch + d.plus));
      return [name, tensorOf(sizes, n + k + i)] as const;
    }),
  );
  const [x, y] = Object.entries(shapes).map(([name, shape]) =>
    b.add('input', [], { name, storage: 'f32' }, { shape, dtype: 'f32' }),
  ) as [number, number];
  const left = layout[0] === 'N' ? x : swapLastAxes(b, x);
  const right = layout[1] === 'N' ? y : swapLastAxes(b, y);
  b.output('result', b.add('matmul', [left, right], {}), 'result');
  return { graph: b.finish(), environment: environment({ inputs, batch }) };
}

async function fault(job: Case, k: number): Promise<string | undefined> {
  const { outputs } = await runOnCpu(job);
  const expected = interpret(job.graph, job.environment).get('result')!;
  return difference(outputs.get('result')!, expected, Math.max(2e-6, 1e-6 * Math.sqrt(k)));
}

const usesScratch = ({ graph, environment: given }: Case): boolean =>
  kernelsOf({ graph, environment: given, profile: CPU_PROFILE }).some(({ scratch }) => scratch !== undefined);

describe.each(LAYOUTS)('%s', (layout) => {
  it.each<[string, Sizes]>([
    ['a tile alone', [4, 8, 4]],
    ['less than a tile', [3, 10, 5]],
    ['a tile and half', [9, 32, 8]],
    ['several tiles', [12, 8, 16]],
    ['every size odd', [13, 27, 7]],
    ['K of one', [8, 24, 1]],
    ['several blocks along all sides', [101, 203, 300]],
    ['blocks of the largest size', [261, 517, 270]],
    ['blocks of K that are not equal', [5, 12, 514]],
    ['wide and flat', [4, 401, 12]],
    ['high and narrow', [301, 9, 12]],
    ['a last tile with whole vec4s left over', [10, 20, 12]],
  ])('%s', async (_name, sizes) => {
    const job = product(layout, sizes);
    expect(usesScratch(job)).toBe(true);
    expect(await fault(job, sizes[2])).toBeUndefined();
  });

  it('stays within its arrays', () => {
    for (const sizes of [
      [13, 27, 7],
      [7, 12, 260],
      [3, 10, 5],
      [50, 16, 8],
    ] as const)
      // prettier-ignore
      expectLowered(product(layout, sizes).graph, product(layout, sizes).environment, {
        profile: CPU_PROFILE,
        tolerance: 2e-5,
      });
  });

  it('over several products', async () => {
    expect(await fault(product(layout, [10, 12, 8], [2, 3]), 8)).toBeUndefined();
    expect(await fault(product(layout, [9, 17, 5], [4]), 5)).toBeUndefined();
  });

  it.each([1, 5, 24])('with %i of at most 24 records', async (records) => {
    for (const m of [BATCH, { times: 3, plus: 0 }, { times: 1, plus: 2 }]) {
      const job = { ...product(layout, [m, 20, 9], [], records), batch: 24 };
      expect(await fault(job, 9)).toBeUndefined();
    }
  });
});

describe('operands behind views', () => {
  it('reads heads out of the last axis, and repeats one matrix', async () => {
    const b = new GraphBuilder('heads');
    const x = b.add('input', [], { name: 'x', storage: 'f32' }, { shape: [2, 16, 24], dtype: 'f32' });
    const w = b.add('input', [], { name: 'w', storage: 'f32' }, { shape: [8, 12], dtype: 'f32' });
    const split = reshapeTo(b, x, [2, 16, 3, 8]);
    const heads = b.add('transpose', [split], { permutation: [0, 2, 1, 3] });
    const scores = b.add('matmul', [heads, swapLastAxes(b, heads)], {});
    b.output('scores', scores, 'result');
    b.output('result', b.add('matmul', [heads, broadcastTo(b, w, [2, 3, 8, 12])], {}), 'result');
    const graph = b.finish();
    const inputs = new Map([
      ['x', tensorOf([2, 16, 24], 1)],
      ['w', tensorOf([8, 12], 2)],
    ]);
    const given = environment({ inputs });
    const { outputs } = await runOnCpu({ graph, environment: given });
    for (const [name, expected] of interpret(graph, given))
      expect(difference(outputs.get(name)!, expected, 4e-6), name).toBeUndefined();
  });
});

describe('tiling', () => {
  it('has blocks enough for several threads where there is work enough', () => {
    const blocks = (m: number, n: number, k: number): number => {
      const t = chooseTiling(m, n, k, 1);
      return Math.ceil(m / (t.rows * t.rowTiles)) * Math.ceil(n / (t.columns * t.columnTiles));
    };
    expect(blocks(1024, 1024, 1024)).toBeGreaterThanOrEqual(16);
    expect(blocks(128, 512, 784)).toBeGreaterThanOrEqual(4);
    expect(blocks(4, 12, 4)).toBe(1);
  });
});
