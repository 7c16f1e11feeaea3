/** `scan`: what it computes, in training and in evaluation; what may stand in its body. */
import { describe, expect, it } from 'vitest';
import { expandGradients } from '../../compiler/autodiff/gradient.ts';
import type { Graph } from '../../compiler/graph/ir.ts';
import { optimizeGraph } from '../../compiler/passes/pipeline.ts';
import { expectLowered } from '../support/run-schedule.ts';
import {
  array,
  calculate,
  environmentOf,
  gradientsOf,
  listOf,
  nested,
  random,
  type Nested,
} from './calculating.ts';
import { at, build } from './reference.ts';

const x = random([2, 4, 3], 71);
const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** A function of x[B, T, D] with this scan for its body. */
const over = (scan: string): string => `fn f(x) {
  (B, T, D) = x.shape
  ${scan}
}
`;

describe('scan', () => {
  it('sums along time, stacked where the sequence has its time', () => {
    const declarations = over(
      'scan xt in x along T, total[B, D] = zeros() { total = total + xt\n    emit total }',
    );
    const due = build([2, 4, 3], ([b = 0, t = 0, d = 0]) =>
      range(t + 1).reduce((sum, s) => sum + at(x, [b, s, d]), 0),
    );
    expect(listOf('f(x)', { declarations, columns: { x } })).toEqual(nested(due));
  });

  it('knows carries by their newest binding in a turn, and by their last value afterwards', () => {
    const declarations = `fn f(x) {
  (B, T) = x.shape
  scan xt in x along T, a[B] = ones(), b[B] = 2 {
    a = a + xt
    b = b * a
    a = a * 2
  }
  return (a, b)
}
`;
    const columns = { x: array([[1, 2, 3]]) };
    const { list } = calculate({
      declarations,
      columns,
      body: '    (a, b) = f(x)\n    p = a * 1\n    q = b * 1',
    });
    // a: 1 -> 2 | 4 -> 6 | 12 -> 15 | 30; b: 2 * 2 * 6 * 15.
    for (const mode of ['train', 'evaluate'] as const) {
      expect(list('p', mode)).toEqual([30]);
      expect(list('q', mode)).toEqual([2 * 2 * 6 * 15]);
    }
  });

  it('runs over several sequences along one axis and emits several values', () => {
    const declarations = `fn f(x, y) {
  (B, D, T) = x.shape
  scan xt in x, yt in y along T, h[B, D] = zeros() {
    h = 0.5 * h + xt
    emit (h, h * unsqueeze(yt, 1))
  }
}
`;
    // Time is the last axis of x and the second of y.
    const [u, v] = [array([[[1, 2, 3]]]), array([[10, 20, 30]])];
    const { list } = calculate({ declarations, columns: { u, v }, body: '    (h, g) = f(u, v)\n    p = h * 1\n    q = g * 1' }); // prettier-ignore
    expect(list('p')).toEqual([[[1, 2.5, 4.25]]]);
    expect(list('q')).toEqual([[[10, 50, 127.5]]]);
  });

  it('finds the axis by the name of its size where several have the same', () => {
    const declarations = `layer f: x[B, T, D] -> [B, T, D] {
  scan xt in x along D, h[B, T] = zeros() {
    h = h + xt
    emit h
  }
}
model net: x[B, T, D] -> [B, T, D] { return x -> f }
`;
    const square = random([2, 3, 3], 72);
    const due = build([2, 3, 3], ([b = 0, t = 0, d = 0]) =>
      range(d + 1).reduce((sum, s) => sum + at(square, [b, t, s]), 0),
    );
    // Stacked where D was: last.
    expect(listOf('net(x) * 1', { declarations, columns: { x: square } })).toEqual(nested(due));
  });

  it('makes one instance of a layer in its body, shared by all turns', () => {
    const declarations = `layer f: x[B, T, D] -> [B, T, 2] {
  scan xt in x along T, h[B, 2] = zeros() {
    h = tanh((xt -> dense(2)) + (h -> again: dense(2, bias = false)))
    emit h
  }
}
model net: x[B, T, D] -> [B, T, 2] { return x -> f }
`;
    const { program } = calculate({ declarations, columns: { x }, body: '    y = net(x)' });
    expect(program.parameters.map(({ name, shape }) => [name, shape])).toEqual([
      ['net.f_1.dense_1.weight', [3, 2]],
      ['net.f_1.dense_1.bias', [2]],
      ['net.f_1.again.weight', [2, 2]],
    ]);
  });

  it('draws anew in every turn', () => {
    const declarations = over(
      'scan xt in x along T, h[B, D] = zeros() { emit random.uniform(B, D) + 0 * (xt + h) }',
    );
    const [first, second, ...others] =
      (listOf('f(x)', { declarations, columns: { x } }) as Nested[][])[0] ?? [];
    expect(others).toHaveLength(2);
    expect(second).not.toEqual(first);
    expect(others[0]).not.toEqual(second);
  });

  it('drops out in training mode alone', () => {
    const declarations = `layer f: x[B, T, D] -> [B, T, D] {
  scan xt in x along T, h[B, D] = zeros() {
    h = h + (xt -> dropout(0.5))
    emit h
  }
}
model net: x[B, T, D] -> [B, T, D] { return x -> f }
`;
    const ones = build([2, 4, 3], () => 1);
    const { get } = calculate({ declarations, columns: { x: ones }, body: '    y = net(x) * 1' });
    expect([...get('y', 'evaluate').data].slice(0, 6)).toEqual([1, 1, 1, 2, 2, 2]);
    const trained = [...get('y').data];
    expect(trained.every((value) => value % 2 === 0)).toBe(true);
    expect(new Set(trained).size).toBeGreaterThan(2);
  });

  it('takes convolutions, pools and normalizations into its body', () => {
    const step = (h: string, xt: string): string =>
      `tanh(conv(pool_max(${h} + ${xt}, 3, stride = 1, pad = 1), w, pad = 1)) -> normalize(axis = 2)`;
    const declarations = `fn looped(x, w) {
  (B, T, C, W) = x.shape
  scan xt in x along T, h[B, C, W] = zeros() {
    h = ${step('h', 'xt')}
  }
  return h
}
fn written_out(x, w) {
  (B, T, C, W) = x.shape
  h = zeros(B, C, W)
  repeat T as t { h = ${step('h', 'x[:, t]')} }
  return h
}
`;
    const given = {
      declarations,
      columns: { x: random([2, 3, 2, 5], 76) },
      weights: { w: random([2, 2, 3], 77) },
    };
    const [found, due] = [listOf('looped(x, w) * 1', given), listOf('written_out(x, w) * 1', given)];
    (due as number[][][]).flat(2).forEach((value, i) => {
      expect(((found as number[][][]).flat(2)[i] ?? NaN) - value).toBeCloseTo(0, 12);
    });
    const reports = gradientsOf(
      { ...given, body: '    loss = sum(looped(x, w) ^ 2 * x[:, 0])' },
      { orders: 1 },
    );
    expect(reports.map(({ passed }) => passed)).toEqual([true]);
    // As kernels, with the weight's gradient.
    const calculation = {
      ...given,
      body: '    loss = sum(looped(x, w) ^ 2 * x[:, 0])\n    minimize loss with sgd(0.1)',
    };
    const { program } = calculate(calculation);
    const graph = optimizeGraph(expandGradients(program.steps[0]?.train as Graph));
    expectLowered(graph, environmentOf(calculation, program), { tolerance: 1e-5 });
  });

  it('takes the derivative of a turn by what belongs to it', () => {
    const declarations = over(
      'scan xt in x along T, h[B, D] = ones() { h = h - 0.1 * grad(sum(h ^ 3 * xt), h)\n    emit h }',
    );
    const due = build([2, 4, 3], ([b = 0, t = 0, d = 0]) =>
      range(t + 1).reduce((h, s) => h - 0.3 * h * h * at(x, [b, s, d]), 1),
    );
    const found = listOf('f(x)', { declarations, columns: { x } });
    (nested(due) as number[][][]).flat(2).forEach((value, i) => {
      expect(((found as number[][][]).flat(2)[i] ?? NaN) - value).toBeCloseTo(0, 12);
    });
  });
});

describe('the recurrent layer of the language page', () => {
  const declarations = `layer gru_cell_loop(U: int): x[B, T, D] -> [B, T, U] {
  param Wx[D, 3 * U] = glorot(), Wh[U, 3 * U] = orthogonal(), b[3 * U] = zeros()
  scan xt in x along T, h[B, U] = zeros() {
    (xr, xz, xn) = split(xt @ Wx + b, 3)
    (hr, hz, hn) = split(h @ Wh, 3)
    r = sigmoid(xr + hr)
    z = sigmoid(xz + hz)
    n = tanh(xn + r * hn)
    h = (1 - z) * n + z * h
    emit h
  }
}
model own: x[B, T, D] -> [B, T, 5] { return x -> it: gru_cell_loop(5) }
model library: x[B, T, D] -> [B, T, 5] { return x -> it: gru(5) }
`;
  const [Wx, Wh, b] = [random([3, 15], 73), random([5, 15], 74), random([15], 75)];
  const values = {
    'own.it.Wx': Wx,
    'own.it.Wh': Wh,
    'own.it.b': b,
    'library.it.Wx': Wx,
    'library.it.Wh': Wh,
    'library.it.bx': b,
    'library.it.bh': build([15], () => 0),
  };

  it('computes what gru does without the second bias', () => {
    const found = listOf('own(x) * 1', { declarations, columns: { x }, values });
    expect(found).toEqual(listOf('library(x) * 1', { declarations, columns: { x }, values }));
  });

  it('has derivatives of the first and second order', () => {
    const reports = gradientsOf(
      { declarations, columns: { x }, values, body: '    loss = sum(own(x) ^ 2)' },
      { orders: 2 },
    );
    expect(reports.filter(({ passed }) => !passed)).toEqual([]);
    expect(reports).toHaveLength(6);
  });
});
