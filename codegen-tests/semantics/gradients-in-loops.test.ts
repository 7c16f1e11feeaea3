/** `grad` in a turn by values from around the loop: held against the turns written out, and against closed forms. */
import { describe, expect, it } from 'vitest';
import { expandGradients } from '../../compiler/autodiff/gradient.ts';
import type { Graph } from '../../compiler/graph/ir.ts';
import { optimizeGraph } from '../../compiler/passes/pipeline.ts';
import { expectLowered } from '../support/run-schedule.ts';
import { calculate, environmentOf, gradientsOf, random, type Calculation } from './calculating.ts';
import { expectNear } from './near.ts';

const x = random([2, 4, 3], 85);
const values = { 'a.it.w': random([3], 86), 'b.it.w': random([3], 86) };

/** A loop and its turns written out, in which what a turn is given (`h`, `xt`) is cut off by `detach`. */
const both = (before: string, turn: string): string => `layer looped: x[B, T, D] -> [B, D] {
  param w[D] = ones()
  ${before}
  scan xt in x along T, h[B, D] = ones() {
    given = h
    ${turn}
  }
  return h
}
layer written_out: x[B, T, D] -> [B, D] {
  param w[D] = ones()
  ${before}
  h = ones(B, D)
  repeat T as t {
    xt = x[:, t]
    given = detach(h)
    ${turn}
  }
  return h
}
model a: x[B, T, D] -> [B, D] { return x -> it: looped }
model b: x[B, T, D] -> [B, D] { return x -> it: written_out }
`;

const CASES: readonly (readonly [name: string, before: string, turn: string])[] = [
  ['by a weight', '', 'h = 0.5 * h + grad(sum(sin(given * w) * xt), w)'],
  [
    'by a weight, through what was computed from it before the loop',
    'p = tanh(2 * w)\n  q = sum(p) * w',
    'h = 0.5 * h + grad(sum(given * p * xt * w) + sum(q ^ 2 * xt), w)',
  ],
  [
    'by two values, one made of the other',
    'p = w ^ 2',
    'y = sum(given * sin(p) * w)\n    h = 0.5 * h + xt * grad(y, p) + 0.25 * grad(y, w)',
  ],
  ['of a value from around', 'y = sum(w ^ 3)', 'h = h * 0.5 + xt * grad(y * sum(xt), w)'],
  [
    'a derivative of a derivative',
    '',
    'g = grad(sum(sin(given * w) * xt), w)\n    h = 0.5 * h + 0.1 * grad(sum(g ^ 2), w)',
  ],
  [
    'in a loop in the loop',
    'p = sin(w)',
    `scan e in xt along D, k[B, D] = h {
      k = 0.5 * k + 0.1 * grad(sum(unsqueeze(e, 1) * p * w), w)
    }
    h = 0.5 * h + k`,
  ],
];

const given = (declarations: string, body: string): Calculation => ({
  declarations,
  body,
  columns: { x },
  values,
});

describe.each(CASES)('a gradient in a turn %s', (_name, before, turn) => {
  const declarations = both(before, turn);

  it('is that of the turns written out', () => {
    const { get } = calculate(given(declarations, '    found = a(x) * 1\n    due = b(x) * 1'));
    for (const mode of ['train', 'evaluate'] as const) expectNear(get('found', mode), get('due', mode));
    expect(get('found').data.some((value) => Math.abs(value) > 1e-3)).toBe(true);
  });

  it('can be differentiated again, twice', () => {
    const reports = gradientsOf(given(declarations, '    loss = sum(a(x) ^ 2)'), { orders: 2 });
    expect(reports.filter(({ passed }) => !passed)).toEqual([]);
    expect(reports.map((report) => report.name)).toContain('a.it.w');
  });

  it('is the same as kernels', () => {
    const calculation = given(declarations, '    loss = sum(a(x) ^ 2)\n    minimize loss with sgd(0.1)');
    const { program } = calculate(calculation);
    const graph = optimizeGraph(expandGradients(program.steps[0]?.train as Graph));
    expectLowered(graph, environmentOf(calculation, program), { tolerance: 2e-5, fuse: true });
  });
});

describe('an inner loop that learns', () => {
  it('is differentiated through its updates, by what it starts from', () => {
    // MAML: a few steps of gradient descent from the weights, and the gradient of the loss after them.
    const declarations = `fn error(w, x, y) = mean((x @ w - y) ^ 2)
layer adapted: x[B, T, D], y[B, T] -> [1] {
  param w[D] = ones()
  scan xt in x, yt in y along T, fast[D] = w { fast = fast - 0.1 * grad(error(fast, xt, yt), fast) }
  return reshape(error(fast, x[:, -1], y[:, -1]), 1)
}
layer written_out: x[B, T, D], y[B, T] -> [1] {
  param w[D] = ones()
  fast = w
  repeat T as t { fast = fast - 0.1 * grad(error(fast, x[:, t], y[:, t]), fast) }
  return reshape(error(fast, x[:, -1], y[:, -1]), 1)
}
model a: x[B, T, D], y[B, T] -> [1] {
  it = adapted()
  return it(x, y)
}
model b: x[B, T, D], y[B, T] -> [1] {
  it = written_out()
  return it(x, y)
}
`;
    const columns = { x, y: random([2, 4], 87) };
    const body = '    p = sum(a(x, y))\n    q = sum(b(x, y))\n    g = grad(p, a.it.w) * 1\n    k = grad(q, b.it.w) * 1'; // prettier-ignore
    const { get } = calculate({ declarations, columns, values, body });
    expectNear(get('p'), get('q'));
    expectNear(get('g'), get('k'));
    const reports = gradientsOf(
      { declarations, columns, values, body: '    loss = sum(a(x, y))' },
      { orders: 2 },
    );
    expect(reports.filter(({ passed }) => !passed)).toEqual([]);
  });
});
