/** Values that a kernel stores piece by piece: the kernel, its values on every class, and where it is not done. */
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../compiler/graph/builder.ts';
import { binary, unary } from '../../compiler/graph/convenience.ts';
import type { Graph } from '../../compiler/graph/ir.ts';
import { simplify } from '../../compiler/passes/simplify.ts';
import { classProfile } from '../support/profiles.ts';
import { expectLowered } from '../support/run-schedule.ts';
import { leavesOf } from './programs.ts';

const CLASSES = ['software', 'small', 'large', 'cpu'] as const;

type Build = (b: GraphBuilder, x: number, y: number) => number[];

const graphOf = (shape: readonly number[], build: Build): Graph => {
  const b = new GraphBuilder('pieces');
  const input = (name: string): number => b.add('state', [], { name }, { shape });
  build(b, input('x'), input('y')).forEach((value, i) => b.output(`result${i}`, value, 'result'));
  return b.finish();
};

const joined = (b: GraphBuilder, parts: number[], axis: number): number => b.add('concat', parts, { axis });

const kernelsOf = (graph: Graph, deviceClass: (typeof CLASSES)[number]): number =>
  expectLowered(graph, leavesOf(graph, 1), {
    fuse: true,
    tolerance: 1e-5,
    profile: classProfile(deviceClass),
  }).kernels.length;

const SHAPES = [[4, 8], [3, 5], [1, 127], [5, 4], [7, 1]] as const; // prettier-ignore

describe.each(CLASSES)('on %s', (deviceClass) => {
  it.each(SHAPES)('a concat is stored by the kernel that makes its parts ([%i, %i])', (rows, columns) => {
    for (const axis of [0, 1]) {
      const graph = graphOf([rows, columns], (b, x, y) => {
        const e = unary(b, 'exp', x);
        const p = binary(b, 'mul', e, y);
        return [joined(b, [p, unary(b, 'neg', e), p], axis), unary(b, 'tanh', p)];
      });
      expect(kernelsOf(graph, deviceClass)).toBe(1);
    }
  });

  it.each([
    [8, 8],
    [5, 5],
    [1, 1],
    [12, 12],
  ] as const)('behind a product ([%i, %i])', (rows, columns) => {
    // prettier-ignore
    const graph = graphOf([rows, columns], (b, x, y) => {
      const p = b.add('matmul', [x, y], {});
      return [joined(b, [unary(b, 'tanh', p), binary(b, 'mul', p, y)], 1)];
    });
    expect(kernelsOf(graph, deviceClass)).toBe(1);
  });

  it('not where the kernel reads the whole as well, or stores as many elements as that has', () => {
    const graph = graphOf([4, 6], (b, x, y) => {
      const whole = joined(b, [unary(b, 'exp', x), unary(b, 'exp', y)], 1);
      return [whole, unary(b, 'neg', whole), unary(b, 'sin', x)];
    });
    kernelsOf(graph, deviceClass);
  });
});

describe('parts padded to lie side by side and added up', () => {
  const padded = (b: GraphBuilder, x: number, before: number, after: number, value = 0): number =>
    b.add('pad', [x, b.add('constant', [], { value }, { dtype: 'f32' })], {
      before: [0, before],
      after: [0, after],
      interior: [0, 0],
    });
  const opsOf = (build: Build): string[] => {
    const graph = graphOf([2, 3], build);
    const result = simplify.run(graph);
    expectLowered(result, leavesOf(result, 1));
    const outputs = result.outputs.map(({ value }) => result.nodes[value]?.op ?? '');
    return outputs;
  };

  it('are a concat, in whichever order they are added', () => {
    expect(
      opsOf((b, x, y) => {
        const middle = binary(b, 'add', padded(b, y, 3, 3), padded(b, x, 6, 0));
        return [binary(b, 'add', middle, padded(b, x, 0, 6))];
      }),
    ).toEqual(['concat']);
  });

  it('stay a sum where they overlap, leave a gap, or are padded with something else', () => {
    expect(opsOf((b, x, y) => [binary(b, 'add', padded(b, x, 0, 2), padded(b, y, 2, 0))])).toEqual(['add']);
    expect(opsOf((b, x, y) => [binary(b, 'add', padded(b, x, 0, 4), padded(b, y, 4, 0))])).toEqual(['add']);
    expect(opsOf((b, x, y) => [binary(b, 'add', padded(b, x, 0, 3, 1), padded(b, y, 3, 0))])).toEqual([
      'add',
    ]);
  });
});
