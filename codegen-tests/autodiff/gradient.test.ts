/** Reverse mode: conventions where a function has no derivative, nested gradients, structure, refusals. */
import { describe, expect, it } from 'vitest';
import { expandGradients } from '../../compiler/autodiff/gradient.ts';
import { CompileError, type Span } from '../../compiler/diagnostics.ts';
import { GraphBuilder } from '../../compiler/graph/builder.ts';
import { binary, castTo, constantLike, sumAll, unary, withNumber } from '../../compiler/graph/convenience.ts';
import { BATCH } from '../../compiler/graph/dimension.ts';
import { hostTensor } from '../../compiler/graph/host-tensor.ts';
import { environment, interpret } from '../../compiler/graph/interpret.ts';
import type { BinaryOp, UnaryOp } from '../../compiler/graph/ir.ts';
import { verifyGraph } from '../../compiler/graph/verify.ts';
import { derive, grad, graphOf, run } from './derive.ts';

describe('conventions', () => {
  it.each<[UnaryOp, number[], number[]]>([
    ['abs', [0, 2, -2], [0, 1, -1]],
    ['sign', [0, 2], [0, 0]],
    ['floor', [1, 1.5], [0, 0]],
    ['ceil', [1, 1.5], [0, 0]],
    ['round', [0.5, 1.2], [0, 0]],
    ['sqrt', [0, 4], [Infinity, 0.25]],
  ])('%s', (op, x, expected) => {
    expect(derive([x], (b, id) => grad(b, unary(b, op, id), id))).toEqual(expected);
  });

  it.each<[BinaryOp, number[], number[], number[], number[]]>([
    ['max', [1, 2, 3], [2, 2, 2], [0, 0.5, 1], [1, 0.5, 0]],
    ['min', [1, 2, 3], [2, 2, 2], [1, 0.5, 0], [0, 0.5, 1]],
    ['mod', [5.5, -5.5, 5.5], [2, 2, -2], [1, 1, 1], [-2, 2, 2]],
    // PyTorch: 0 by the base where the exponent is 0; 0 by the exponent where the base is 0.
    ['pow', [0, 0, 0, -2, 3], [0, 1, 2, 2, 0], [0, 1, 0, -4, 0], [0, 0, 0, NaN, Math.log(3)]],
  ])('%s', (op, x, y, byX, byY) => {
    expect(derive([x, y], (b, p, q) => grad(b, binary(b, op, p, q), p))).toEqual(byX);
    expect(derive([x, y], (b, p, q) => grad(b, binary(b, op, p, q), q))).toEqual(byY);
  });

  it('divides the gradient of a maximum among equals', () => {
    const tied = (op: 'reduce_max' | 'reduce_min') =>
      derive([[3, 1, 3, 1, 1]], (b, x) => grad(b, b.add(op, [x], { axes: [0] }), x));
    expect(tied('reduce_max')).toEqual([0.5, 0, 0.5, 0, 0]);
    expect(tied('reduce_min').map((g) => g * 3)).toEqual([0, 1, 0, 1, 1]);
  });

  it('differentiates products with zeros, twice', () => {
    const product = (b: GraphBuilder, x: number) => b.add('reduce_prod', [x], { axes: [0] });
    const first = (b: GraphBuilder, x: number) => grad(b, product(b, x), x);
    expect(derive([[0, 2, 3]], first)).toEqual([6, 0, 0]);
    expect(derive([[0, 2, 0, 5]], first)).toEqual([0, 0, 0, 0]);
    // d(dP/dx0) = (0, x2 x3, x1 x3, x1 x2)
    const second = (b: GraphBuilder, x: number) => {
      const entry = b.add('slice', [first(b, x)], { starts: [0], limits: [1], steps: [1] });
      return grad(b, entry, x);
    };
    expect(derive([[0, 2, 0, 5]], second)).toEqual([0, 0, 10, 0]);
  });

  it('has no NaN in the second derivative of a square at 0, by base or exponent', () => {
    const square = (b: GraphBuilder, x: number) => binary(b, 'pow', x, constantLike(b, x, 2));
    expect(derive([[0, 1, -3]], (b, x) => grad(b, grad(b, square(b, x), x), x))).toEqual([2, 2, 2]);
    const mixed = derive([[0], [2]], (b, x, y) => {
      const p = binary(b, 'pow', x, y);
      return b.add('concat', [grad(b, grad(b, p, y), y), grad(b, grad(b, p, y), x)], { axis: 0 });
    });
    expect(mixed).toEqual([0, 0]);
  });

  it('stops at detach', () => {
    const found = derive([[3]], (b, x) => grad(b, binary(b, 'mul', x, b.add('detach', [x], {})), x));
    expect(found).toEqual([3]);
  });

  it('passes casts between floats', () => {
    const found = derive([[3, 4]], (b, x) => {
      const half = castTo(b, x, 'f16');
      return grad(b, binary(b, 'mul', half, half), x);
    });
    expect(found).toEqual([6, 8]);
  });
});

describe('nested gradients', () => {
  it('differentiates x^5 three and four times', () => {
    const power = (b: GraphBuilder, x: number) => binary(b, 'pow', x, constantLike(b, x, 5));
    const third = (b: GraphBuilder, x: number) => grad(b, grad(b, grad(b, power(b, x), x), x), x);
    expect(derive([[2, -1]], third)).toEqual([240, 60]);
    expect(derive([[2, -1]], (b, x) => grad(b, third(b, x), x))).toEqual([240, -120]);
  });

  it('differentiates tanh and sin three times', () => {
    const third = (op: UnaryOp) => (b: GraphBuilder, x: number) =>
      grad(b, grad(b, grad(b, unary(b, op, x), x), x), x);
    const [t, s, c] = [Math.tanh(0.7), Math.sin(0.7), Math.cos(0.7)];
    expect(s).toBeGreaterThan(0);
    expect(derive([[0.7]], third('sin'))[0]).toBeCloseTo(-c, 14);
    expect(derive([[0.7]], third('tanh'))[0]).toBeCloseTo((1 - t * t) * (6 * t * t - 2), 14);
  });

  it('takes the gradient of a penalty on a gradient', () => {
    // y = sum(w x^2), slope = 2 w x, penalty = sum(slope^2) = 4 w^2 x^2, d penalty / dw = 8 w x^2
    const found = derive([[1, 2], [3, -1]], (b, x, w) => {
      const slope = grad(b, sumAll(b, binary(b, 'mul', w, binary(b, 'mul', x, x))), x);
      return grad(b, sumAll(b, binary(b, 'mul', slope, slope)), w);
    }); // prettier-ignore
    expect(found).toEqual([24, -32]);
  });

  it('gives zeros, not an error, where a second derivative vanishes behind a comparison', () => {
    const relu = (b: GraphBuilder, x: number) => binary(b, 'max', x, constantLike(b, x, 0));
    expect(derive([[1, -1]], (b, x) => grad(b, grad(b, relu(b, x), x), x))).toEqual([0, 0]);
    const masked = (b: GraphBuilder, x: number) =>
      binary(b, 'mul', x, castTo(b, binary(b, 'gt', x, constantLike(b, x, 0)), 'f32'));
    expect(derive([[1, -1]], (b, x) => grad(b, grad(b, masked(b, x), x), x))).toEqual([0, 0]);
  });
});

describe('what is differentiated by what', () => {
  it('takes an intermediate value as the variable', () => {
    // h = 2 x, y = h^2 + x: d y / d h = 2 h, d y / d x = 8 x + 1
    const build = (wanted: 'h' | 'x') => (b: GraphBuilder, x: number) => {
      const h = withNumber(b, 'mul', x, 2);
      const y = binary(b, 'add', binary(b, 'mul', h, h), x);
      const [byH, byX] = [grad(b, y, h), grad(b, y, x)];
      return wanted === 'h' ? byH : byX;
    };
    expect(derive([[3]], build('h'))).toEqual([12]);
    expect(derive([[3]], build('x'))).toEqual([25]);
  });

  it('gives zeros by what a value does not depend on, and ones by itself', () => {
    expect(derive([[1, 2], [3, 4]], (b, x, y) => grad(b, unary(b, 'exp', x), y))).toEqual([0, 0]); // prettier-ignore
    expect(derive([[1, 2]], (b, x) => grad(b, x, x))).toEqual([1, 1]);
    // A value that comes after y cannot be part of it.
    expect(derive([[1, 2]], (b, x) => grad(b, x, unary(b, 'exp', x)))).toEqual([0, 0]);
  });

  it('differentiates the sum of a tensor, over a batch of any size', () => {
    const b = new GraphBuilder('batch');
    const x = b.add('input', [], { name: 'x', storage: 'f32' }, { shape: [BATCH, 3] });
    const w = b.add('parameter', [], { name: 'w' }, { shape: [3, 2] });
    b.output('dw', grad(b, b.add('matmul', [x, w], {}), w), 'gradient');
    const graph = expandGradients(b.finish());
    verifyGraph(graph);
    const inputs = new Map([['x', hostTensor([2, 3], [1, 2, 3, 4, 5, 6])]]);
    const parameters = new Map([['w', hostTensor([3, 2], [0, 0, 0, 0, 0, 0])]]);
    const found = interpret(graph, environment({ batch: 2, inputs, parameters })).get('dw');
    expect([...(found?.data ?? [])]).toEqual([5, 5, 7, 7, 9, 9]);
  });
});

describe('structure', () => {
  const span = (line: number): Span => ({ file: 'a.net', line, column: 1, endLine: line, endColumn: 5 });

  function network(): { graph: ReturnType<GraphBuilder['finish']> } {
    const b = new GraphBuilder('net');
    b.source = [span(1)];
    const x = b.add('input', [], { name: 'x', storage: 'f32' }, { shape: [4, 3] });
    const w = b.add('parameter', [], { name: 'w' }, { shape: [3, 5] });
    const v = b.add('parameter', [], { name: 'v' }, { shape: [5, 2] });
    b.source = [span(2)];
    const h = unary(b, 'tanh', b.add('matmul', [x, w], {}));
    b.source = [span(3)];
    const y = sumAll(b, b.add('matmul', [h, v], {}));
    b.label(y, 'loss');
    b.source = [span(4)];
    b.output('loss', y, 'result');
    b.output('w', grad(b, y, w), 'gradient');
    b.output('v', grad(b, y, v), 'gradient');
    return { graph: b.finish() };
  }

  it('shares one walk among the gradients of a value and keeps to the paths', () => {
    const { graph } = network();
    const expanded = expandGradients(graph);
    const backward = expanded.nodes.filter(({ phase }) => phase === 'backward');
    expect(expanded.nodes.some(({ op }) => op === 'gradient')).toBe(false);
    // One product each for v, h and w; none for x.
    expect(backward.filter(({ op }) => op === 'matmul')).toHaveLength(3);
  });

  it('keeps forward nodes in order, outputs with their roles, and gives new nodes the place of the old', () => {
    const { graph } = network();
    const expanded = expandGradients(graph);
    const forward = expanded.nodes.filter(({ phase }) => phase === 'forward');
    expect(forward.map(({ op, label }) => [op, label])).toEqual(
      graph.nodes.filter(({ op }) => op !== 'gradient').map(({ op, label }) => [op, label]),
    );
    expect(expanded.outputs.map(({ name, role }) => [name, role])).toEqual([
      ['loss', 'result'],
      ['w', 'gradient'],
      ['v', 'gradient'],
    ]);
    const products = expanded.nodes.filter(({ op, phase }) => op === 'matmul' && phase === 'backward');
    expect(products.map(({ source }) => source[0]?.line)).toEqual([3, 3, 2]);
  });

  it('leaves a graph without gradients as it is', () => {
    const graph = graphOf([hostTensor([2], [1, 2])], (b, x) => unary(b, 'exp', x));
    expect(expandGradients(graph)).toEqual(graph);
  });
});

describe('refusals', () => {
  const at = (line: number): Span => ({ file: 'a.net', line, column: 3, endLine: line, endColumn: 9 });

  function refusal(build: (b: GraphBuilder, x: number, label: number) => number): CompileError {
    const b = new GraphBuilder('net');
    const x = b.add('parameter', [], { name: 'net.w' }, { shape: [4, 3] });
    const label = b.add('input', [], { name: 'label', storage: 'u32' }, { shape: [4] });
    b.output('g', build(b, x, label), 'gradient');
    try {
      expandGradients(b.finish());
    } catch (error) {
      if (error instanceof CompileError) return error;
      throw error;
    }
    throw new Error('nothing was refused');
  }

  it('refuses a loss that depends on the weights only through integers, at the line that loses them', () => {
    const { diagnostics } = refusal((b, x, label) => {
      b.source = [at(7)];
      const hit = binary(b, 'eq', b.add('argmax', [x], { axis: 1 }), label);
      b.source = [at(8)];
      const accuracy = sumAll(b, castTo(b, hit, 'f32'));
      b.label(accuracy, 'accuracy');
      b.source = [at(9)];
      return grad(b, accuracy, x);
    });
    expect(diagnostics).toHaveLength(1);
    expect(diagnostics[0]).toMatchObject({ code: 'E0302', span: at(7), related: [{ span: at(9) }] });
    expect(diagnostics[0]?.message).toBe(
      'no derivative: accuracy depends on net.w only through `argmax`, which has none',
    );
  });

  it('refuses integers on either side, where the derivative is asked for', () => {
    const bySomething = refusal((b, x, label) => {
      b.source = [at(5)];
      return grad(b, x, label);
    });
    expect(bySomething.diagnostics[0]).toMatchObject({ code: 'E0302', span: at(5) });
    expect(bySomething.diagnostics[0]?.message).toBe('no derivative: label is u32');
    const ofSomething = refusal((b, x) => {
      b.source = [at(6)];
      return grad(b, b.add('argmax', [x], { axis: 1 }), x);
    });
    expect(ofSomething.diagnostics[0]).toMatchObject({ code: 'E0302', span: at(6) });
  });

  it('names comparisons and casts as they are written', () => {
    const message = (build: (b: GraphBuilder, x: number) => number): string | undefined =>
      refusal((b, x) => grad(b, castTo(b, build(b, x), 'f32'), x)).diagnostics[0]?.message;
    expect(message((b, x) => binary(b, 'le', x, constantLike(b, x, 0)))).toContain('only through `<=`');
    expect(message((b, x) => castTo(b, x, 'i32'))).toContain('only through a cast to i32');
    expect(message((b, x) => unary(b, 'is_nan', x))).toContain('only through `is_nan`');
  });

  it('accepts a condition on the weights beside another path', () => {
    const found = run(
      graphOf([hostTensor([2], [1, -1])], (b, x) => {
        const isPositive = binary(b, 'gt', x, constantLike(b, x, 0));
        return grad(b, b.add('select', [isPositive, x, withNumber(b, 'mul', x, 0.01)], {}), x);
      }),
      [hostTensor([2], [1, -1])],
    );
    expect(found).toEqual([1, 0.01]);
  });

  it('names what is not supported: a product over a batch of unknown size', () => {
    const b = new GraphBuilder('net');
    const x = b.add('input', [], { name: 'x', storage: 'f32' }, { shape: [BATCH] });
    b.source = [at(2)];
    b.output('g', grad(b, b.add('reduce_prod', [x], { axes: [0] }), x), 'result');
    expect(() => expandGradients(b.finish())).toThrow(/E0901: the derivative of a product/);
  });
});
