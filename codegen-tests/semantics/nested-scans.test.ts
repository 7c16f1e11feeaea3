/** A `scan` in a `scan`: held against the turns written out, in values, derivatives and as kernels. */
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
  random,
  valueOf,
  type Calculation,
} from './calculating.ts';
import { expectNear } from './near.ts';

const x = random([2, 3, 4, 2], 95);
const values = { 'a.it.w': random([2, 2], 96), 'b.it.w': random([2, 2], 96) };

/** Rows from above and columns from the left: each cell sees the two before it. */
const GRID = `layer looped: x[B, H, W, D] -> [B, H, W, D] {
  param w[D, D] = glorot()
  scan row in x along H, above[B, W, D] = zeros() {
    above = cells(row, above, w)
    emit above
  }
}
fn cells(row, above, w) {
  (B, W, D) = row.shape
  scan cell in row, up in above along W, left[B, D] = zeros() {
    left = tanh(cell + left @ w - 0.5 * up)
    emit left
  }
}
layer written_out: x[B, H, W, D] -> [B, H, W, D] {
  param w[D, D] = glorot()
  rows = zeros(B, 0 + 1, W, D)
  repeat H as i {
    left = zeros(B, D)
    row = zeros(B, 0 + 1, D)
    repeat W as j {
      left = tanh(x[:, i, j] + left @ w - 0.5 * rows[:, i, j])
      row = concat(row, unsqueeze(left, 1), axis = 1)
    }
    rows = concat(rows, unsqueeze(row[:, 1:], 1), axis = 1)
  }
  return rows[:, 1:]
}
`;

/** An inner loop by its carry alone, with a value of the outer turn and one from outside of both. */
const CARRIED = `layer looped: x[B, H, W, D] -> [B, D] {
  param w[D, D] = glorot()
  state seen[D] = ones()
  scan row in x along H, h[B, D] = ones() {
    first = h @ w
    scan cell in row along W, k[B, D] = first {
      k = 0.5 * k + cell * seen - 0.1 * first * h
      update seen = 0.75 * seen + 0.25 * mean(k ^ 2, axis = 0)
    }
    h = tanh(k) + 0.25 * h * seen
  }
  return h
}
layer written_out: x[B, H, W, D] -> [B, D] {
  param w[D, D] = glorot()
  state seen[D] = ones()
  h = ones(B, D)
  repeat H as i {
    first = h @ w
    k = first
    repeat W as j {
      k = 0.5 * k + x[:, i, j] * seen - 0.1 * first * h
      update seen = 0.75 * seen + 0.25 * mean(k ^ 2, axis = 0)
    }
    h = tanh(k) + 0.25 * h * seen
  }
  return h
}
`;

const MODELS = `model a: x[...] -> [...] { return x -> it: looped }
model b: x[...] -> [...] { return x -> it: written_out }
`;

const CASES = [
  ['that emits, of what the outer one emits', GRID, false],
  ['that carries, with a state of its layer', CARRIED, true],
] as const;

const given = (declarations: string, body: string): Calculation => ({
  declarations: declarations + MODELS,
  body,
  columns: { x },
  values,
});

describe.each(CASES)('an inner loop %s', (_name, declarations, states) => {
  it('computes what the turns written out do, with their gradient', () => {
    const body =
      '    y = a(x) * 1\n    z = b(x) * 1\n    p = grad(sum(a(x) ^ 3), x)\n    q = grad(sum(b(x) ^ 3), x)';
    const { get, after } = calculate(given(declarations, body));
    for (const mode of ['train', 'evaluate'] as const) {
      expectNear(get('y', mode), get('z', mode));
      expectNear(get('p', mode), get('q', mode));
    }
    if (states) expectNear(after('a.it.seen'), after('b.it.seen'));
    else expect(after('a.it.seen')).toBeUndefined();
  });

  it('has derivatives of the first and second order', () => {
    // In training differences would go through the updates of the state, which gradients do not.
    const graph = states ? 'evaluate' : 'train';
    const reports = gradientsOf(given(declarations, '    loss = sum(a(x) ^ 2)'), { orders: 2, graph });
    expect(reports.filter(({ passed }) => !passed)).toEqual([]);
    expect(reports.map(({ name }) => name)).toContain('a.it.w');
  });

  it('is the same as kernels, with the derivatives of its gradient', () => {
    const body = `    loss = sum(a(x) ^ 2)
    penalty = sum(grad(loss, x) ^ 2)
    minimize loss + 0.1 * penalty with sgd(0.1)`;
    const calculation = given(declarations, body);
    const { program } = calculate(calculation);
    const graph = optimizeGraph(expandGradients(program.steps[0]?.train as Graph));
    expectLowered(graph, environmentOf(calculation, program), { tolerance: 2e-5, fuse: true });
  });
});

describe('a loop in a loop', () => {
  it('takes recurrent layers into its body', () => {
    const declarations = `layer sentences: x[B, S, T, D] -> [B, 3] {
  scan words in x along S, h[B, 3] = zeros() {
    h = h + (words -> word: lstm(3))[:, -1]
  }
  return h
}
layer written_out: x[B, S, T, D] -> [B, 3] {
  h = zeros(B, 3)
  word = lstm(3)
  repeat S as i { h = h + (x[:, i] -> word)[:, -1] }
  return h
}
model a: x[...] -> [...] { return x -> it: sentences }
model b: x[...] -> [...] { return x -> it: written_out }
`;
    const [Wx, Wh, b] = [random([2, 12], 97), random([3, 12], 98), random([12], 99)];
    const weights = ['a', 'b'].flatMap((model) => [
      [`${model}.it.word.Wx`, Wx] as const,
      [`${model}.it.word.Wh`, Wh] as const,
      [`${model}.it.word.b`, b] as const,
    ]);
    const calculation = { declarations, columns: { x }, values: Object.fromEntries(weights) };
    const { get, program } = calculate({ ...calculation, body: '    y = a(x) * 1\n    z = b(x) * 1' });
    expectNear(get('y'), get('z'));
    expect(program.parameters.map(({ name }) => name).filter((name) => name.startsWith('a.'))).toEqual([
      'a.it.word.Wx',
      'a.it.word.Wh',
      'a.it.word.b',
    ]);
  });

  it('draws anew in every turn of both', () => {
    const declarations = `fn f(x) {
  (B, S, T) = x.shape
  scan row in x along S, h[B] = zeros() { emit inner(row) }
}
fn inner(row) {
  (B, T) = row.shape
  scan cell in row along T, h[B] = zeros() { emit random.uniform(B) + 0 * (cell + h) }
}
`;
    const columns = { x: array([[[0, 0, 0], [0, 0, 0]]]) }; // prettier-ignore
    const drawn = listOf('f(x)', { declarations, columns }) as number[][][];
    expect(drawn.map((rows) => rows.map((row) => row.length))).toEqual([[3, 3]]);
    expect(new Set(drawn.flat(2)).size).toBe(6);
  });

  it('runs along two axes of one size, each by its name', () => {
    const declarations = `layer f: x[B, T, D] -> [B] {
  scan xt in x along T, h[B] = zeros() {
    scan e in xt along D, k[B] = h { k = 0.5 * k + e }
    h = k
  }
  return h
}
model net: x[B, T, D] -> [B] { return x -> f }
`;
    const square = random([2, 3, 3], 72);
    const due = [0, 1].map((b) =>
      [...square.data.subarray(9 * b, 9 * b + 9)].reduce((k, e) => 0.5 * k + e, 0),
    );
    expectNear(valueOf('net(x) * 1', { declarations, columns: { x: square } }), array(due));
  });

  it('takes the derivative of an inner turn by its carry', () => {
    const declarations = `fn f(x) {
  (B, S, T) = x.shape
  scan row in x along S, h[B] = ones() {
    scan cell in row along T, k[B] = h { k = k - 0.1 * grad(sum(k ^ 3 * cell), k) }
    h = k
  }
  return h
}
fn g(x) {
  (B, S, T) = x.shape
  h = ones(B)
  repeat S as i {
    repeat T as j { h = h - 0.3 * h ^ 2 * x[:, i, j] }
  }
  return h
}
`;
    const calculation = { declarations, columns: { x: random([2, 2, 3], 73) } };
    expectNear(valueOf('f(x) * 1', calculation), valueOf('g(x) * 1', calculation));
  });
});
