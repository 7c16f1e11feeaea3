/** Samples of conversion, selection, and what autodiff removes. */
import type { GraphBuilder } from '../../compiler/graph/builder.ts';
import { castTo, constantLike } from '../../compiler/graph/convenience.ts';
import type { DType } from '../../compiler/graph/ir.ts';
import { positive, sample, SHAPES, tensorOf, vector, type OpSample } from './sample.ts';

function castOf(from: DType, to: DType, values: readonly number[], expected: readonly number[]): OpSample {
  const data = from === 'f32' ? values.map(Math.fround) : values;
  const build = (b: GraphBuilder, x: number): number => b.add('cast', [x], {}, { dtype: to });
  return sample(`cast of ${from} to ${to}`, { x: vector(data, from) }, build, { expected, variables: [] });
}

function castOfTruths(to: DType): OpSample {
  const build = (b: GraphBuilder, x: number): number => castTo(b, positive(b, x), to);
  return sample(`cast of bool to ${to}`, { x: vector([1, -1]) }, build, { expected: [1, 0], variables: [] });
}

const choose = (b: GraphBuilder, c: number, x: number, y: number): number =>
  b.add('select', [positive(b, c), x, y], {});

const grad = (b: GraphBuilder, y: number, x: number): number => b.add('gradient', [y, x], {});

export const SELECTION_SAMPLES = {
  cast: [
    castOf('f32', 'i32', [1.875, -1.875, 0.5, -7], [1, -1, 0, -7]),
    castOf('f32', 'u32', [1.875, 300.5, 0], [1, 300, 0]),
    castOf('i32', 'f32', [-5, 7, 0], [-5, 7, 0]),
    castOf('u32', 'f32', [5, 65536, 0], [5, 65536, 0]),
    castOf('i32', 'u32', [-1, 7], [2 ** 32 - 1, 7]),
    castOf('u32', 'i32', [2 ** 32 - 1, 7], [-1, 7]),
    castOf('f32', 'bool', [0, 0.5, -1], [0, 1, 1]),
    castOf('u32', 'bool', [0, 2], [0, 1]),
    castOfTruths('f32'),
    castOfTruths('u32'),
    sample(
      'cast of f32 to f32',
      { x: vector([1.5, -1]) },
      (b, x) => b.add('cast', [x], {}, { dtype: 'f32' }),
      { expected: [1.5, -1] },
    ),
  ],
  select: [
    sample('select by hand', { c: vector([1, -1, 1]), x: vector([1, 2, 3]), y: vector([4, 5, 6]) }, choose, {
      expected: [1, 5, 3],
      variables: ['x', 'y'],
    }),
    sample(
      'select of u32',
      { c: vector([1, -1]), x: vector([1, 2], 'u32'), y: vector([4, 5], 'u32') },
      choose,
      { expected: [1, 5], variables: [] },
    ),
    ...SHAPES.map((shape, i) => {
      const [c, x, y] = [tensorOf(shape, 400 + i), tensorOf(shape, 410 + i), tensorOf(shape, 420 + i)];
      return sample(`select of [${shape.join(', ')}]`, { c, x, y }, choose, { variables: ['x', 'y'] });
    }),
  ],
  detach: [
    sample(
      'detach by hand',
      { x: vector([1, 2]) },
      (b, x) => b.add('mul', [x, b.add('detach', [x], {})], {}),
      { expected: [1, 4] },
    ),
  ],
  gradient: [
    sample(
      'gradient of a cube',
      { x: vector([1, -2, 0.5]) },
      (b, x) => grad(b, b.add('pow', [x, constantLike(b, x, 3)], {}), x),
      { expected: [3, 12, 0.75] },
    ),
    sample(
      'gradient by what it does not depend on',
      { x: vector([1, 2]), y: vector([3, 4]) },
      (b, x, y) => grad(b, b.add('exp', [x], {}), y),
      { expected: [0, 0] },
    ),
  ],
} satisfies Record<'cast' | 'select' | 'detach' | 'gradient', readonly OpSample[]>;
