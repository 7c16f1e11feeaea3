/** Views composed in every way, read as index arithmetic by one kernel, against the interpreter. */
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../compiler/graph/builder.ts';
import { broadcastTo, castTo, unary } from '../../compiler/graph/convenience.ts';
import { BATCH, dimensionAt, shapeProduct, type Dimension } from '../../compiler/graph/dimension.ts';
import { environment } from '../../compiler/graph/interpret.ts';
import { printGraph } from '../../compiler/graph/print.ts';
import type { Kernel } from '../../compiler/kernel/ir.ts';
import { tensorOf, uniforms } from '../ops/sample.ts';
import { expectLowered } from '../support/run-schedule.ts';

/** Whole numbers from a seed: next(n) is 0 to n - 1. */
function dice(seed: number): (n: number) => number {
  const numbers = uniforms(400, seed);
  let at = 0;
  return (n) => Math.floor((numbers[at++ % numbers.length] as number) * n);
}

const element = <T>(list: readonly T[], next: (n: number) => number): T => list[next(list.length)] as T;

/** One random view of `x`; undefined where the one drawn does not fit. */
function randomView(b: GraphBuilder, x: number, next: (n: number) => number): number | undefined {
  const { shape } = b.type(x);
  const rank = shape.length;
  const fixed = (d: Dimension): d is number => typeof d === 'number';
  switch (next(9)) {
    case 0: {
      const order = [...shape.keys()].map((axis) => ({ axis, key: next(1000) }));
      return b.add('transpose', [x], {
        permutation: order.sort((p, q) => p.key - q.key).map(({ axis }) => axis),
      });
    }
    case 1: {
      // Joins two neighbours or cuts one in two.
      const axis = next(rank);
      const [size, neighbour] = [shape[axis], shape[axis + 1]];
      if (size === undefined) return undefined;
      if (neighbour !== undefined && next(2) === 0) {
        const joined = shapeProduct([size, neighbour]);
        if (joined === undefined) return undefined;
        return b.add(
          'reshape',
          [x],
          {},
          { shape: [...shape.slice(0, axis), joined, ...shape.slice(axis + 2)] },
        );
      }
      const factor = element([2, 3, 4, 5], next);
      if (!fixed(size) || size % factor !== 0) return undefined;
      const cut = [...shape.slice(0, axis), size / factor, factor, ...shape.slice(axis + 1)];
      return b.add('reshape', [x], {}, { shape: cut });
    }
    case 2:
      return b.add('reverse', [x], { axes: [...shape.keys()].filter(() => next(2) === 0) });
    case 3: {
      const steps = shape.map((d) => (fixed(d) ? 1 + next(2) : 1));
      const starts = shape.map((d) => (fixed(d) && d > 2 ? next(2) : 0));
      return b.add('slice', [x], { starts, limits: shape, steps });
    }
    case 4: {
      const zero = b.add('constant', [], { value: 0.5 });
      const some = () => shape.map(() => (next(3) === 0 ? 1 + next(2) : 0));
      return b.add('pad', [x, zero], { before: some(), after: some(), interior: some() });
    }
    case 5: {
      const added = [...shape.slice(0, 1), 1, ...shape.slice(1)];
      const wide = [...shape.slice(0, 1), element([2, 3, 4], next), ...shape.slice(1)];
      return b.add('broadcast', [b.add('reshape', [x], {}, { shape: added })], {}, { shape: wide });
    }
    case 6: {
      const axis = next(rank);
      const [size, stride, dilation] = [1 + next(3), 1 + next(2), 1 + next(2)];
      const length = shape[axis];
      if (length === undefined || !fixed(length) || length < (size - 1) * dilation + 1) return undefined;
      return b.add('windows', [x], { axes: [axis], sizes: [size], strides: [stride], dilations: [dilation] });
    }
    case 7: {
      const pairs = shape.flatMap((d, first) =>
        [...shape.keys()]
          .filter((second) => second > first && shape[second] === d)
          .map((second) => ({ first, second })),
      );
      return pairs.length === 0 ? undefined : b.add('diagonal', [x], element(pairs, next));
    }
    default:
      return b.add('concat', [x, x], { axis: next(rank) });
  }
}

/** A chain of random views of random length over one tensor, kept small. */
function chain(seed: number, shape: readonly Dimension[], batch: number, largest: number): readonly Kernel[] {
  const next = dice(seed);
  const b = new GraphBuilder(`chain_${seed}`);
  let x = b.add('input', [], { name: 'x', storage: 'f32' }, { shape });
  const length = 2 + next(5);
  for (let i = 0; i < length; i++) {
    const viewed = randomView(b, x, next);
    if (viewed === undefined) continue;
    const after = b.type(viewed).shape;
    const count = after.reduce<number>((n, d) => n * dimensionAt(d, largest), 1);
    if (count > 3000 || after.length > 8) break;
    x = viewed;
  }
  b.output('result', unary(b, 'neg', x), 'result');
  const graph = b.finish();
  const sizes = shape.map((d) => dimensionAt(d, batch));
  const given = environment({ batch, inputs: new Map([['x', tensorOf(sizes, seed)]]) });
  try {
    return expectLowered(graph, given, { batch: largest, tolerance: 0 }).kernels;
  } catch (error) {
    throw new Error(`${printGraph(graph)}\n${String(error)}`, { cause: error });
  }
}

describe('random chains of views', () => {
  const shapes = [[6], [4, 6], [3, 5], [2, 3, 4], [8, 4], [5, 1, 12]];
  it.each(Array.from({ length: 40 }, (_, i) => i))('of fixed sizes, round %i', (round) => {
    shapes.forEach((shape, i) => expect(chain(100 * round + i, shape, 1, 1).length).toBeGreaterThan(0));
  });

  const dynamic: Dimension[][] = [
    [BATCH, 6],
    [4, BATCH],
    [BATCH, 2, 4],
    [{ times: 2, plus: 1 }, 3],
  ];
  it.each(Array.from({ length: 25 }, (_, i) => i))('over a batch, round %i', (round) => {
    dynamic.forEach((shape, i) => {
      for (const batch of [1, 3, 4]) {
        expect(chain(7000 + 100 * round + i, shape, batch, 4).length).toBeGreaterThan(0);
      }
    });
  });
});

describe('vec4', () => {
  const widths = (build: (b: GraphBuilder, x: number) => number, shape: readonly Dimension[]): number[] => {
    const b = new GraphBuilder('widths');
    const x = b.add('input', [], { name: 'x', storage: 'f32' }, { shape });
    b.output('result', build(b, x), 'result');
    const sizes = shape.map((d) => dimensionAt(d, 3));
    const given = environment({ batch: 3, inputs: new Map([['x', tensorOf(sizes, 5)]]) });
    const { kernels } = expectLowered(b.finish(), given, { batch: 4 });
    return kernels.flatMap((kernel) => kernel.bindings.map((binding) => binding.width));
  };
  const neg = (b: GraphBuilder, x: number) => unary(b, 'neg', x);

  it('is used wherever the elements lie side by side', () => {
    expect(widths(neg, [12])).toEqual([4, 4]);
    expect(widths(neg, [3, 4])).toEqual([4, 4]);
    expect(widths(neg, [2, 2, 3])).toEqual([4, 4]);
    expect(widths(neg, [BATCH, 8])).toEqual([4, 4]);
    expect(widths((b, x) => neg(b, b.add('reshape', [x], {}, { shape: [6, 2] })), [3, 4])).toEqual([4, 4]);
    expect(widths((b, x) => neg(b, broadcastTo(b, x, [3, 8])), [8])).toEqual([4, 4]);
    const transposed = (b: GraphBuilder, x: number) =>
      neg(b, b.add('transpose', [x], { permutation: [1, 0, 2] }));
    expect(widths(transposed, [3, 5, 4])).toEqual([4, 4]);
  });

  it('spreads what is the same in all lanes', () => {
    expect(widths((b, x) => neg(b, broadcastTo(b, x, [3, 8])), [3, 1])).toEqual([1, 4]);
  });

  it('is not used where the number of elements is no multiple of four', () => {
    expect(widths(neg, [5])).toEqual([1, 1]);
    expect(widths(neg, [BATCH, 6])).toEqual([1, 1]);
  });

  it('gathers what lies apart', () => {
    const transposed = (b: GraphBuilder, x: number) =>
      neg(b, b.add('transpose', [x], { permutation: [1, 0] }));
    expect(widths(transposed, [8, 3])).toEqual([1, 4]);
  });
});

describe('inputs', () => {
  it.each([1, 3, 4, 12, 127])('reads %i bytes, one an element', (count) => {
    for (const dtype of ['u32', 'i32', 'f32'] as const) {
      const b = new GraphBuilder('bytes');
      const x = b.add('input', [], { name: 'x', storage: 'u8' }, { shape: [count], dtype });
      b.output('result', castTo(b, x, 'f32'), 'result');
      b.output('twice', b.add('add', [x, x], {}), 'result');
      const inputs = new Map([['x', tensorOf([count], 3, (u) => Math.floor(u * 256), dtype)]]);
      const { kernels } = expectLowered(b.finish(), environment({ inputs }));
      expect(kernels.flatMap(({ bindings }) => bindings.filter((x) => x.reads).map((x) => x.storage))).toEqual(['u8', 'u8']); // prettier-ignore
    }
  });

  it('keeps truth values as u32 in memory', () => {
    const b = new GraphBuilder('truth');
    const x = b.add('input', [], { name: 'x', storage: 'f32' }, { shape: [3, 4] });
    const above = b.add('gt', [x, broadcastTo(b, b.add('constant', [], { value: 0 }), [3, 4])], {});
    b.output('result', b.add('not', [above], {}), 'result');
    const { kernels } = expectLowered(
      b.finish(),
      environment({ inputs: new Map([['x', tensorOf([3, 4], 1)]]) }),
    );
    expect(kernels[0]?.bindings[1]?.storage).toBe('bool');
  });
});

/** Four elements read as one vec4, and once more the other way round: the second read must be seen too. */
it('reads one tensor along and against its order', () => {
  const b = new GraphBuilder('g');
  const x = b.add('input', [], { name: 'x', storage: 'f32' }, { shape: [1, 4], dtype: 'f32' });
  b.output('y', b.add('concat', [x, b.add('reverse', [x], { axes: [1] })], { axis: 0 }), 'result');
  expectLowered(b.finish(), environment({ inputs: new Map([['x', tensorOf([1, 4], 3)]]) }));
});
