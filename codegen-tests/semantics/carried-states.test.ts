/** States that a loop over time updates: held against the turns written out, in training and in evaluation. */
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
  type Calculation,
} from './calculating.ts';
import { expectNear } from './near.ts';

const x = random([3, 4, 2], 91);

/** The same turns as a loop and written out; `turn` makes the new h of h and xt. */
const both = (members: string, turn: string): string => `layer looped: x[B, T, D] -> [B, D] {
  ${members}
  scan xt in x along T, h[B, D] = zeros() {
    ${turn}
  }
  return h
}
layer written_out: x[B, T, D] -> [B, D] {
  ${members}
  h = zeros(B, D)
  repeat T as t {
    xt = x[:, t]
    ${turn}
  }
  return h
}
model a: x[B, T, D] -> [B, D] { return x -> it: looped }
model b: x[B, T, D] -> [B, D] { return x -> it: written_out }
`;

const COUNTED = 'state mean[D] = ones(), count[1] = zeros()';

/** Declarations, and the states that the layer has. */
const CASES: readonly (readonly [name: string, declarations: string, states: readonly string[]])[] = [
  [
    'an update that the turn reads before and after',
    both(
      COUNTED,
      `h = tanh(h * mean + xt)
    update mean = 0.9 * mean + 0.1 * sum(h, axis = 0)
    update count = count + 1
    h = h - 0.1 * mean / (1 + count)`,
    ),
    ['it.mean', 'it.count'],
  ],
  [
    'an update whose value no turn reads',
    both(COUNTED, 'h = 0.5 * h + xt * mean\n    update count = sum(xt)'),
    ['it.count'],
  ],
  [
    'normalization in a turn',
    both('n = batchnorm(momentum = 0.6)', 'h = tanh(0.5 * (h -> n) + xt)'),
    ['it.n.mean', 'it.n.var'],
  ],
  [
    'one normalization called twice in a turn, frozen between',
    both(
      'n = batchnorm(momentum = 0.6)',
      'h = tanh((xt -> n) + 0.3 * frozen(n)(xt))\n    h = h + (2 * h -> n)',
    ),
    ['it.n.mean', 'it.n.var'],
  ],
  [
    'a name for the state as it was before the loop',
    both(
      `${COUNTED}\n  before = mean`,
      'update mean = mean + sum(xt, axis = 0)\n    h = h + xt * mean - before',
    ),
    ['it.mean'],
  ],
];

const given = (declarations: string, body: string): Calculation => ({
  declarations,
  body,
  columns: { x },
  values: { 'a.it.n.weight': array([0.5, -2]), 'b.it.n.weight': array([0.5, -2]), 'a.it.n.bias': array([1, 0.25]), 'b.it.n.bias': array([1, 0.25]) }, // prettier-ignore
  states: { 'a.it.mean': array([0.5, 2]), 'b.it.mean': array([0.5, 2]) },
});

describe.each(CASES)('%s', (_name, declarations, states) => {
  // Two calls of a step: the second sees what the first one left.
  const calculation = given(declarations, '    y = a(x) * a(0.5 * x)\n    z = b(x) * b(0.5 * x)');

  it('is carried from turn to turn in training', () => {
    const { get, after } = calculate(calculation);
    expectNear(get('y'), get('z'));
    for (const state of states) {
      expect(after(`b.${state}`)).toBeDefined();
      expectNear(after(`a.${state}`), after(`b.${state}`));
    }
  });

  it('is read in evaluation', () => {
    const { get } = calculate(calculation);
    expectNear(get('y', 'evaluate'), get('z', 'evaluate'));
  });

  it('passes gradients as the written-out turns do', () => {
    const body = '    y = grad(sum(a(x) ^ 2), x)\n    z = grad(sum(b(x) ^ 2), x)';
    const { get } = calculate(given(declarations, body));
    expectNear(get('y'), get('z'));
    expectNear(get('y', 'evaluate'), get('z', 'evaluate'));
  });

  it('is the same as kernels', () => {
    const trained = given(declarations, '    loss = sum(a(x) ^ 2)\n    minimize loss with sgd(0.1)');
    const frozen = given(declarations, '    loss = sum(a(x) ^ 2)');
    const { program } = calculate(declarations.includes('batchnorm') ? trained : frozen);
    const graph = optimizeGraph(expandGradients(program.steps[0]?.train as Graph));
    for (const fuse of [false, true]) {
      expectLowered(graph, environmentOf(trained, program), { tolerance: 1e-5, fuse });
    }
  });
});

describe('a state in a loop', () => {
  it('has derivatives of the first and second order', () => {
    const declarations = CASES[2]?.[1] ?? '';
    const reports = gradientsOf(given(declarations, '    loss = sum(a(x) ^ 2 * x[:, 0])'), { orders: 2 });
    expect(reports.filter(({ passed }) => !passed)).toEqual([]);
    expect(reports.map(({ name }) => name)).toContain('a.it.n.weight');
  });

  it('may be all that a loop is for', () => {
    const declarations = `layer seen: x[B, T, D] -> [B, T, D] {
  state sum[1] = zeros()
  scan xt in x along T { update sum = 0.5 * sum + mean(xt) }
  return x * sum
}
model a: x[B, T, D] -> [B, T, D] { return x -> it: seen }
`;
    const columns = { x: array([[[1], [2], [4]]]) };
    const { list, after } = calculate({ declarations, columns, body: '    y = a(x) * 1' });
    expect(list('y')).toEqual([[[5.25], [10.5], [21]]]);
    expect(after('a.it.sum')).toMatchObject({ data: Float64Array.of(5.25) });
    expect(list('y', 'evaluate')).toEqual([[[0], [0], [0]]]);
    expect(listOf('frozen(a)(x) * 1', { declarations, columns })).toEqual([[[0], [0], [0]]]);
  });
});
