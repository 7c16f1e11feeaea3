/** Each rule of the passes on the smallest graph that shows it. */
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../compiler/graph/builder.ts';
import {
  binary,
  castTo,
  constantLike,
  full,
  sumAll,
  unary,
  withNumber,
} from '../../compiler/graph/convenience.ts';
import { BATCH, type Dimension } from '../../compiler/graph/dimension.ts';
import { environment, interpret } from '../../compiler/graph/interpret.ts';
import type { BinaryOp, DType, Graph } from '../../compiler/graph/ir.ts';
import { verifyGraph } from '../../compiler/graph/verify.ts';
import { optimizeGraph } from '../../compiler/passes/pipeline.ts';
import { tensorOf } from '../ops/sample.ts';
import { expectSameValues } from './same-values.ts';

type Build = (b: GraphBuilder, x: number) => number;

function graphOf(build: Build, shape: readonly Dimension[] = [2, 3], dtype: DType = 'f32'): Graph {
  const b = new GraphBuilder('rule');
  const storage = dtype === 'bool' || dtype === 'f16' ? 'u32' : dtype;
  const x = b.add('input', [], { name: 'x', storage }, { shape, dtype });
  b.output('y', build(b, x), 'result');
  return b.finish();
}

/** What is left, one operator a node, after all passes, which must keep the value. */
function optimized(build: Build, shape: readonly number[] = [2, 3], dtype: DType = 'f32'): string {
  const graph = graphOf(build, shape, dtype);
  const integer = (u: number): number => Math.floor(u * 10) - (dtype === 'i32' ? 5 : 0);
  const x = dtype === 'f32' ? tensorOf(shape, 1) : tensorOf(shape, 1, integer, dtype);
  const given = environment({ inputs: new Map([['x', x]]) });
  const result = optimizeGraph(graph, { observe: (_name, current) => verifyGraph(current) });
  expectSameValues(interpret(result, given), interpret(graph, given));
  return result.nodes.map((node) => node.op).join(' ');
}

const withConstant =
  (op: BinaryOp, value: number): Build =>
  (b, x) =>
    withNumber(b, op, x, value);
const constantFirst = (op: BinaryOp, value: number): Build => (b, x) => binary(b, op, constantLike(b, x, value), x); // prettier-ignore

describe('simplify', () => {
  it.each<[string, Build]>([
    ['x + 0', withConstant('add', 0)],
    ['0 + x', constantFirst('add', 0)],
    ['x - 0', withConstant('sub', 0)],
    ['x * 1', withConstant('mul', 1)],
    ['1 * x', constantFirst('mul', 1)],
    ['x / 1', withConstant('div', 1)],
    ['x ^ 1', withConstant('pow', 1)],
    ['-(-x)', (b, x) => unary(b, 'neg', unary(b, 'neg', x))],
    ['detach', (b, x) => b.add('detach', [x], {})],
    ['cast to the same', (b, x) => b.add('cast', [x], {}, { dtype: 'f32' })],
    ['reshape to the same', (b, x) => b.add('reshape', [x], {}, { shape: [2, 3] })],
    ['reshape there and back', (b, x) => b.add('reshape', [b.add('reshape', [x], {}, { shape: [6] })], {}, { shape: [2, 3] })],
    ['transpose by the identity', (b, x) => b.add('transpose', [x], { permutation: [0, 1] })],
    ['transpose twice', (b, x) => b.add('transpose', [b.add('transpose', [x], { permutation: [1, 0] })], { permutation: [1, 0] })],
    ['broadcast to the same', (b, x) => b.add('broadcast', [x], {}, { shape: [2, 3] })],
    ['a slice of all', (b, x) => b.add('slice', [x], { starts: [0, 0], limits: [2, 3], steps: [1, 1] })],
    ['reverse twice', (b, x) => b.add('reverse', [b.add('reverse', [x], { axes: [1] })], { axes: [1] })],
    ['pad by nothing', (b, x) => b.add('pad', [x, b.add('constant', [], { value: 0 })], { before: [0, 0], after: [0, 0], interior: [0, 0] })],
    ['concat of one', (b, x) => b.add('concat', [x], { axis: 1 })],
    ['select of equals', (b, x) => b.add('select', [binary(b, 'gt', x, constantLike(b, x, 0)), x, x], {})],
    ['select by a constant', (b, x) => b.add('select', [full(b, 1, [2, 3], 'bool'), x, unary(b, 'exp', x)], {})],
  ])('%s is x', (_name, build) => {
    expect(optimized(build)).toBe('input');
  }); // prettier-ignore

  it.each<[string, string, Build]>([
    ['x * -1', 'input neg', withConstant('mul', -1)],
    ['x ^ 2', 'input mul', withConstant('pow', 2)],
    ['x ^ 3', 'input mul mul', withConstant('pow', 3)],
    ['x ^ -1', 'input constant reshape broadcast div', withConstant('pow', -1)],
    ['x / 4 as a product', 'input constant reshape broadcast mul', withConstant('div', 4)],
    ['x / 3 as it is', 'input constant reshape broadcast div', withConstant('div', 3)],
    ['x * 0 as it is', 'input constant reshape broadcast mul', withConstant('mul', 0)],
    ['x + (-y)', 'input exp sub', (b, x) => binary(b, 'add', x, unary(b, 'neg', unary(b, 'exp', x)))],
    ['x - (-y)', 'input exp add', (b, x) => binary(b, 'sub', x, unary(b, 'neg', unary(b, 'exp', x)))],
    ['three reshapes', 'input reshape', (b, x) => [[6], [3, 2], [1, 6]].reduce((v, shape) => b.add('reshape', [v], {}, { shape }), x)],
    ['a sum over an axis of one', 'input', (b, x) => b.add('reduce_sum', [b.add('reshape', [x], {}, { shape: [2, 1, 3] })], { axes: [1] })],
    ['a transpose of an axis of one', 'input reshape', (b, x) => b.add('transpose', [b.add('reshape', [x], {}, { shape: [2, 1, 3] })], { permutation: [1, 0, 2] })],
    ['not (not c)', 'input constant reshape broadcast gt', (b, x) => unary(b, 'not', unary(b, 'not', binary(b, 'gt', x, constantLike(b, x, 0))))],
  ])('%s', (_name, expected, build) => {
    expect(optimized(build)).toBe(expected);
  }); // prettier-ignore

  it('composes transposes and reversals', () => {
    const turn = (b: GraphBuilder, x: number, permutation: number[]) =>
      b.add('transpose', [x], { permutation });
    const twice: Build = (b, x) => turn(b, turn(b, x, [1, 2, 0]), [0, 2, 1]);
    expect(optimized(twice, [2, 3, 5])).toBe('input transpose');
    const around: Build = (b, x) => turn(b, turn(b, turn(b, x, [1, 2, 0]), [1, 2, 0]), [1, 2, 0]);
    expect(optimized(around, [2, 3, 5])).toBe('input');
    const reversed: Build = (b, x) =>
      b.add('reverse', [b.add('reverse', [x], { axes: [0, 1] })], { axes: [1, 2] });
    expect(optimized(reversed, [2, 3, 5])).toBe('input reverse');
    const broadcast: Build = (b, x) =>
      [[2, 3, 1], [2, 3, 5]].reduce((v, shape) => b.add('broadcast', [v], {}, { shape }), x); // prettier-ignore
    expect(optimized(broadcast, [1, 3, 1])).toBe('input broadcast');
  });

  it('keeps integer division', () => {
    expect(optimized(withConstant('div', 4), [7], 'i32')).toContain('div');
    expect(optimized(withConstant('pow', 2), [7], 'u32')).toBe('input mul');
  });

  it('keeps names and places of what it replaces', () => {
    const graph = graphOf((b, x) => {
      b.source = [{ file: 'a.net', line: 3, column: 1, endLine: 3, endColumn: 2 }];
      b.phase = 'backward';
      const y = withNumber(b, 'pow', x, 2);
      b.label(y, 'square');
      return y;
    });
    const square = optimizeGraph(graph).nodes.at(-1);
    expect(square).toMatchObject({ op: 'mul', label: 'square', phase: 'backward', source: [{ line: 3 }] });
  });
});

describe('constant folding', () => {
  const numbers = (build: (b: GraphBuilder, number: (value: number) => number) => number): string => {
    const b = new GraphBuilder('numbers');
    b.output(
      'y',
      build(b, (value) => b.add('constant', [], { value })),
      'result',
    );
    const result = optimizeGraph(b.finish());
    return result.nodes
      .map((n) => (n.op === 'constant' ? String(n.attributes.value as number) : n.op))
      .join(' ');
  };

  it('computes what depends on numbers alone', () => {
    expect(numbers((b, n) => binary(b, 'add', n(1), binary(b, 'mul', n(2), n(3))))).toBe('7');
    expect(numbers((b, n) => castTo(b, binary(b, 'lt', n(1), n(2)), 'u32'))).toBe('1');
    expect(numbers((b, n) => sumAll(b, full(b, 0.5, [3, 5])) + 0 * n(0))).toBe('7.5');
    expect(numbers((b, n) => unary(b, 'neg', n(Infinity)))).toBe('-Infinity');
  });

  it('spreads what it computes', () => {
    expect(optimized((b, x) => unary(b, 'sqrt', constantLike(b, x, 4)))).toBe('constant reshape broadcast');
    const swapped: Build = (b, x) => b.add('transpose', [constantLike(b, x, 4)], { permutation: [1, 0] });
    expect(optimized(swapped)).toBe('constant reshape broadcast');
  });

  it.each<[string, string, (b: GraphBuilder, number: (value: number) => number) => number]>([
    ['an overflow of f32', '1e+30 mul', (b, n) => binary(b, 'mul', n(1e30), n(1e30))],
    ['a NaN', '0 div', (b, n) => binary(b, 'div', n(0), n(0))],
    ['an infinity out of numbers', '0 log', (b, n) => unary(b, 'log', n(0))],
    ['an underflow', '1e-30 mul', (b, n) => binary(b, 'mul', n(1e-30), n(1e-30))],
  ])('leaves %s to the device', (_name, expected, build) => {
    expect(numbers(build)).toBe(expected);
  });

  it('leaves numbers that depend on the batch', () => {
    expect(numbers((b) => withNumber(b, 'mul', b.add('constant', [], { value: BATCH }), 2))).toContain('mul');
  });
});

describe('sharing', () => {
  it('joins equal nodes, operands in either order', () => {
    const twice: Build = (b, x) => {
      const [p, q] = [unary(b, 'exp', x), unary(b, 'sin', x)];
      const left = binary(b, 'mul', p, q);
      const right = binary(b, 'mul', unary(b, 'sin', x), unary(b, 'exp', x));
      return binary(b, 'sub', left, unary(b, 'tanh', right));
    };
    expect(optimized(twice)).toBe('input exp sin mul tanh sub');
  });

  it('keeps what differs: order, attributes, signs of zero, random streams', () => {
    const differing: Build = (b, x) =>
      binary(b, 'mul', binary(b, 'sub', x, unary(b, 'exp', x)), binary(b, 'sub', unary(b, 'exp', x), x));
    expect(optimized(differing)).toBe('input exp sub sub mul');
    const random = (stream: number) => (b: GraphBuilder) =>
      castTo(b, b.add('random_bits', [], { stream }, { shape: [2, 3] }), 'f32');
    expect(optimized((b) => binary(b, 'max', random(1)(b), random(2)(b)))).toBe(
      'random_bits cast random_bits cast max',
    );
    expect(optimized((b) => binary(b, 'max', random(1)(b), random(1)(b)))).toBe('random_bits cast max');
    const zeros: Build = (b, x) =>
      binary(b, 'max', binary(b, 'div', x, constantLike(b, x, 0)), binary(b, 'div', x, constantLike(b, x, -0)));
    expect(optimized(zeros).split(' ').filter((op) => op === 'constant')).toHaveLength(2);
  }); // prettier-ignore
});

describe('long reductions', () => {
  const reduce =
    (op: 'reduce_sum' | 'reduce_max' | 'reduce_min' | 'reduce_prod', axes: number[]): Build =>
    (b, x) =>
      b.add(op, [x], { axes });

  it.each<[string, number[], number[], string]>([
    ['divides by a divisor', [4096], [0], 'input reshape reduce_sum reduce_sum'],
    ['pads where there is none', [4099], [0], 'input constant pad reshape reduce_sum reduce_sum'],
    ['flattens several axes', [64, 3, 64], [0, 1, 2], 'input reshape reduce_sum reduce_sum'],
    ['keeps the axes before and after', [3, 2500, 5], [1], 'input reshape reduce_sum reduce_sum'],
    ['takes axes apart', [70, 3, 50], [0, 2], 'input reduce_sum reduce_sum'],
    ['leaves short ones', [2047], [0], 'input reduce_sum'],
    ['leaves those with many results', [2048, 256], [0], 'input reduce_sum'],
  ])('%s', (_name, shape, axes, expected) => {
    expect(optimized(reduce('reduce_sum', axes), shape)).toBe(expected);
  }); // prettier-ignore

  it.each(['reduce_max', 'reduce_min', 'reduce_prod', 'reduce_sum'] as const)('pads %s rightly', (op) => {
    const small: Build = (b, x) => reduce(op, [0])(b, op === 'reduce_prod' ? unary(b, 'cos', withNumber(b, 'mul', x, 0.01)) : x); // prettier-ignore
    for (const sign of [-3, 3]) {
      const shifted: Build = (b, x) => small(b, withNumber(b, 'add', x, sign));
      expect(optimized(op === 'reduce_prod' ? small : shifted, [4099, 3])).toContain('pad');
    }
    expect(optimized(reduce(op, [0]), [4099], 'i32')).toContain('pad');
    expect(optimized(reduce(op, [0]), [4099], 'u32')).toContain('pad');
  });

  it('goes twice where once is not enough', () => {
    const graph = optimizeGraph(graphOf(reduce('reduce_sum', [0]), [2 ** 24]));
    verifyGraph(graph);
    expect(graph.nodes.map(({ op, type }) => [op, type.shape])).toEqual([
      ['input', [2 ** 24]],
      ['reshape', [4096, 4096]],
      ['reduce_sum', [4096]],
      ['reshape', [64, 64]],
      ['reduce_sum', [64]],
      ['reduce_sum', []],
    ]);
  });

  it('leaves sizes with the batch in them', () => {
    const graph = graphOf(reduce('reduce_sum', [0, 1]), [BATCH, 4096]);
    expect(optimizeGraph(graph).nodes.map(({ op }) => op)).toEqual(['input', 'reduce_sum']);
  });
});

describe('removal', () => {
  it('keeps what outputs need and nothing else', () => {
    const graph = graphOf((b, x) => {
      unary(b, 'exp', x);
      b.add('parameter', [], { name: 'unused' }, { shape: [3] });
      return unary(b, 'sin', x);
    });
    expect(optimizeGraph(graph).nodes.map(({ op }) => op)).toEqual(['input', 'sin']);
  });

  it('keeps outputs that are leaves, or one value under two names', () => {
    const b = new GraphBuilder('leaves');
    const w = b.add('parameter', [], { name: 'w' }, { shape: [3] });
    b.output('a', w, 'result');
    b.output('w', withNumber(b, 'mul', w, 1), 'gradient');
    const result = optimizeGraph(b.finish());
    expect(result.outputs).toEqual([
      { name: 'a', value: 0, role: 'result' },
      { name: 'w', value: 0, role: 'gradient' },
    ]);
  });
});

it('refuses gradients that are not expanded', () => {
  const graph = graphOf((b, x) => b.add('gradient', [x, x], {}));
  expect(() => optimizeGraph(graph)).toThrow(/expanded before passes/);
});
