/**
 * Random graphs over all kinds of primitives, the same for a seed: the subject of the property tests. Values
 * stay of moderate size, and no function with jumps takes computed values, so that a change of rounding
 * cannot flip a result.
 */
import { GraphBuilder } from '../../compiler/graph/builder.ts';
import {
  binary,
  broadcastTo,
  castTo,
  constantLike,
  full,
  keepAxes,
  sumAll,
  unary,
} from '../../compiler/graph/convenience.ts';
import type { HostTensor } from '../../compiler/graph/host-tensor.ts';
import { environment, type Environment } from '../../compiler/graph/interpret.ts';
import type { Graph, UnaryOp } from '../../compiler/graph/ir.ts';
import { tensorOf, uniforms } from '../ops/sample.ts';

class Generator {
  readonly b: GraphBuilder;
  private readonly chances: number[];
  private next = 0;
  /** f32 values to draw operands from. */
  readonly pool: number[] = [];

  constructor(seed: number) {
    this.b = new GraphBuilder(`random_${seed}`);
    this.chances = uniforms(5000, seed);
  }

  below(n: number): number {
    return Math.floor((this.chances[this.next++ % this.chances.length] as number) * n);
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }

  shape(id: number): number[] {
    return this.b.type(id).shape.map((d) => d as number);
  }

  /** A value of the shape, from the pool or made. */
  likeShape(id: number): number {
    const shape = this.shape(id);
    const same = this.pool.filter((other) => this.shape(other).join() === shape.join());
    if (this.below(3) > 0) return this.pick(same);
    return full(this.b, this.pick([0, 1, -1, 2, 0.5, 0.25, 3]), shape);
  }
}

type Step = (g: Generator, x: number) => number;

/** Each keeps values bounded: sums are halved, products of two are squashed. */
const STEPS: readonly Step[] = [
  (g, x) => binary(g.b, g.pick(['add', 'sub', 'max', 'min']), x, g.likeShape(x)),
  (g, x) => unary(g.b, 'tanh', binary(g.b, 'mul', x, g.likeShape(x))),
  (g, x) => binary(g.b, 'mul', x, constantLike(g.b, x, g.pick([1, -1, 0.5]))),
  (g, x) => binary(g.b, 'div', x, constantLike(g.b, x, g.pick([1, 2, 4, 3]))),
  (g, x) => binary(g.b, 'add', x, constantLike(g.b, x, g.pick([0, 1]))),
  (g, x) => unary(g.b, g.pick<UnaryOp>(['neg', 'tanh', 'sin', 'cos', 'erf', 'atan', 'abs']), x),
  (g, x) => unary(g.b, 'neg', unary(g.b, 'neg', x)),
  (g, x) => binary(g.b, 'pow', unary(g.b, 'tanh', x), constantLike(g.b, x, g.pick([0, 1, 2, 3]))),
  (g, x) => unary(g.b, 'log', binary(g.b, 'add', binary(g.b, 'mul', x, x), constantLike(g.b, x, 1))),
  (g, x) => {
    const condition = binary(g.b, 'gt', x, g.likeShape(x));
    const either = g.pick([condition, unary(g.b, 'not', condition)]);
    return g.b.add('select', [either, x, g.likeShape(x)], {});
  },
  (g, x) => {
    const shape = g.shape(x);
    return g.b.add(
      'reshape',
      [x],
      {},
      { shape: g.pick([[shape.reduce((n, d) => n * d, 1)], [1, ...shape], shape]) },
    );
  },
  (g, x) => {
    const axes = [...g.shape(x).keys()];
    return g.b.add('transpose', [x], { permutation: g.pick([axes, [...axes].reverse()]) });
  },
  (g, x) => (g.shape(x).length === 0 ? x : g.b.add('reverse', [x], { axes: [g.below(g.shape(x).length)] })),
  (g, x) => {
    const shape = g.shape(x);
    const starts = shape.map((d) => g.below(Math.min(d, 2)));
    const steps = shape.map(() => 1 + g.below(2));
    return g.b.add('slice', [x], { starts, limits: shape, steps });
  },
  (g, x) => {
    const amounts = g.shape(x).map(() => g.below(2));
    const value = g.b.add('constant', [], { value: g.pick([0, 1]) });
    return g.b.add('pad', [x, value], { before: amounts, after: amounts.map(() => 0), interior: amounts });
  },
  (g, x) => {
    const rank = g.shape(x).length;
    return rank === 0 ? x : g.b.add('concat', g.pick([[x], [x, x]]), { axis: g.below(rank) });
  },
  (g, x) => {
    const shape = g.shape(x);
    if (shape.length === 0) return x;
    const axes = [g.below(shape.length)];
    const op = g.pick(['reduce_sum', 'reduce_max', 'reduce_min', 'reduce_prod'] as const);
    const reduced = unary(g.b, 'tanh', g.b.add(op, [x], { axes }));
    return g.below(2) === 0 ? reduced : broadcastTo(g.b, keepAxes(g.b, reduced, shape, axes), shape);
  },
  (g, x) => {
    const shape = g.shape(x);
    if (shape.length !== 2) return x;
    return unary(g.b, 'sin', g.b.add('matmul', [x, g.b.add('transpose', [x], { permutation: [1, 0] })], {}));
  },
  (g, x) => {
    const shape = g.shape(x);
    if (shape.length === 0) return x;
    const index = g.b.add('iota', [], { axis: 0 }, { shape: [Math.min(3, shape[0] as number)] });
    return g.b.add('take', [x, index], { axis: 0 });
  },
  (g, x) => binary(g.b, 'mul', castTo(g.b, binary(g.b, 'le', x, g.likeShape(x)), 'f32'), x),
  (g, x) => g.b.add('detach', [x], {}),
];

const SHAPES = [[], [3], [1, 5], [3, 5], [2, 3, 1]];

/**
 * A graph with outputs `a`, `b`, `loss` and the gradients of the loss by its inputs. Each of its `steps` takes one of the
 * `recent` last values: the fewer, the deeper is the graph.
 */
export function randomGraph(
  seed: number,
  { steps = 14, recent = Infinity }: { readonly steps?: number; readonly recent?: number } = {},
): { graph: Graph; environment: Environment } {
  const g = new Generator(seed);
  const tensors = new Map<string, HostTensor>();
  const inputs = SHAPES.map((shape, i) => {
    tensors.set(`x${i}`, tensorOf(shape, 1000 * seed + i));
    return g.b.add('input', [], { name: `x${i}`, storage: 'f32' }, { shape });
  });
  g.pool.push(...inputs);
  for (let i = 0; i < steps; i++) {
    const made = g.pick(STEPS)(g, g.pick(g.pool.slice(-recent)));
    const isSmall = g.shape(made).reduce((n, d) => n * d, 1) <= 300;
    if (isSmall) g.pool.push(made);
  }
  const [a, b] = [g.pick(g.pool.slice(-6)), g.pick(g.pool.slice(-3))];
  // By the squares every input has a derivative, also one that is only compared otherwise.
  const squares = inputs.map((x) => sumAll(g.b, binary(g.b, 'mul', x, x)));
  const loss = [sumAll(g.b, a), sumAll(g.b, b), ...squares].reduce((x, y) => binary(g.b, 'add', x, y));
  g.b.output('a', a, 'result');
  g.b.output('b', b, 'result');
  g.b.output('loss', loss, 'result');
  inputs.forEach((x, i) => g.b.output(`x${i}`, g.b.add('gradient', [loss, x], {}), 'gradient'));
  return { graph: g.b.finish(), environment: environment({ inputs: tensors }) };
}
