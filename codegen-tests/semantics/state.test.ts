/** `state` and `update`: when they happen, in which order, what reads them; batch normalization by its formula. */
import { describe, expect, it } from 'vitest';
import type { HostTensor } from '../../compiler/graph/host-tensor.ts';
import { array, calculate, gradientsOf, random, type Calculation } from './calculating.ts';
import { at, average, build, total } from './reference.ts';
import { expectNear } from './near.ts';

const COUNTER = `
layer counter: x[B] -> [B] {
  state count[1] = zeros()
  update count = count + 1
  return x + count
}
model a: x[B] -> [B] { return x -> it: counter }
`;

const x = array([10, 20]);
const counting = (body: string): Calculation => ({ declarations: COUNTER, columns: { x }, body });
const counted = (value: number): HostTensor => array([value]);

describe('state', () => {
  it('starts as the layer says, and is declared beside the weights', () => {
    const { program } = calculate(counting('    y = a(x)'));
    expect(program.states).toMatchObject([
      { name: 'a.it.count', shape: [1], initializer: { kind: 'zeros' } },
    ]);
    expect(program.parameters).toEqual([]);
  });

  it('may start at random, and keeps the fans of its shape', () => {
    const { program, get } = calculate({
      declarations: `
model a: x[B] -> [B] {
  state code[2, 3] = normal(0.5), hidden[2, 4] = he(), seed[3, 3] = orthogonal
  update code = code + 1
  return x + sum(code) + sum(hidden) + sum(seed)
}`,
      columns: { x },
      body: '    y = a(x)\n    c = a.code * 1',
    });
    expect(program.states.map(({ initializer }) => initializer)).toEqual([
      { kind: 'normal', std: 0.5 },
      { kind: 'he', fanIn: 2, fanOut: 4 },
      { kind: 'orthogonal' },
    ]);
    expect(program.parameters).toEqual([]);
    expect(new Set(get('c', 'evaluate').data).size).toBe(6);
  });

  it('is updated in training mode alone', () => {
    const { list, after } = calculate({
      ...counting('    y = a(x)'),
      states: { 'a.it.count': counted(3) },
    });
    expect(list('y')).toEqual([14, 24]);
    expect(after('a.it.count')).toMatchObject({ data: Float64Array.of(4) });
    expect(list('y', 'evaluate')).toEqual([13, 23]);
  });

  it('is updated in the order of the calls', () => {
    const { list, after } = calculate(counting('    y = a(x)\n    z = a(x)'));
    expect([list('y'), list('z')]).toEqual([
      [11, 21],
      [12, 22],
    ]);
    expect(after('a.it.count')).toMatchObject({ data: Float64Array.of(2) });
  });

  it('is left alone by `frozen`, which reads the newest value', () => {
    const { list, after } = calculate(counting('    y = a(x)\n    z = frozen(a)(x)'));
    expect([list('y'), list('z')]).toEqual([
      [11, 21],
      [11, 21],
    ]);
    expect(after('a.it.count')).toMatchObject({ data: Float64Array.of(1) });
    expect(calculate(counting('    z = frozen(a)(x)')).after('a.it.count')).toBeUndefined();
  });

  it('is reached by its name', () => {
    const { list } = calculate(counting('    y = a(x)\n    z = a.it.count * 1'));
    expect(list('z')).toEqual([1]);
  });

  it('passes no gradient to the calls before', () => {
    const declarations = `
layer last: x[B] -> [B] {
  state seen[1] = zeros()
  y = x * seen
  update seen = mean(x)
  return y
}
model a: x[B] -> [B] { return x -> last }
`;
    const { list } = calculate({
      declarations,
      columns: { x: array([1, 3]) },
      body: '    y = a(x)\n    z = a(x) * 1\n    g = grad(sum(z), x) * 1',
    });
    expect(list('z')).toEqual([2, 6]);
    expect(list('g')).toEqual([2, 2]);
  });

  it('belongs to an instance', () => {
    const { program, after } = calculate({
      declarations: `${COUNTER}
model b: x[B] -> [B] {
  c = counter()
  return x -> c -> c -> counter
}`,
      columns: { x },
      body: '    y = b(x) + a(x)',
    });
    expect(program.states.map(({ name }) => name)).toEqual(['b.c.count', 'b.counter_1.count', 'a.it.count']);
    expect(after('b.c.count')).toMatchObject({ data: Float64Array.of(2) });
    expect(after('b.counter_1.count')).toMatchObject({ data: Float64Array.of(1) });
  });

  it('is updated in a repeat and in the branch of an if', () => {
    const { after } = calculate({
      declarations: `
model a: x[B] -> [B] {
  state n[2] = ones()
  repeat 3 { update n = 2 * n }
  if training { update n = n + 1 } else { update n = n - 1 }
  return x + n[0]
}`,
      columns: { x },
      body: '    y = a(x)',
    });
    expect(after('a.n')).toMatchObject({ data: Float64Array.of(9, 9) });
  });
});

describe('batchnorm', () => {
  const image = random([3, 2, 4], 61);
  const declarations = (layer: string) => `model net: x[...] -> [...] { return x -> it: ${layer} }`;
  const values = { 'net.it.weight': array([0.5, -2]), 'net.it.bias': array([1, 0.25]) };
  const channel = (c: number): number[] =>
    [0, 1, 2].flatMap((n) => [0, 1, 2, 3].map((i) => at(image, [n, c, i])));
  const mean = (c: number): number => average(channel(c));
  const spread = (c: number): number => average(channel(c).map((e) => (e - mean(c)) ** 2));
  const scaled = (c: number, e: number): number =>
    at(values['net.it.weight'], [c]) * e + at(values['net.it.bias'], [c]);

  it('normalizes by the biased variance of the batch and remembers the unbiased one', () => {
    const { get, after } = calculate({
      declarations: declarations('batchnorm(momentum = 0.8, eps = 1e-3)'),
      columns: { x: image },
      values,
      states: { 'net.it.mean': array([1, 2]), 'net.it.var': array([3, 4]) },
      body: '    y = net(x)',
    });
    const due = build(image.shape, ([n = 0, c = 0, i = 0]) =>
      scaled(c, (at(image, [n, c, i]) - mean(c)) / Math.sqrt(spread(c) + 1e-3)),
    );
    expectNear(get('y'), due);
    expectNear(
      after('net.it.mean'),
      build([2], ([c = 0]) => 0.8 * (1 + c) + 0.2 * mean(c)),
    );
    expectNear(
      after('net.it.var'),
      build([2], ([c = 0]) => 0.8 * (3 + c) + (0.2 * spread(c) * 12) / 11),
    );
    const remembered = build(image.shape, ([n = 0, c = 0, i = 0]) =>
      scaled(c, (at(image, [n, c, i]) - (1 + c)) / Math.sqrt(3 + c + 1e-3)),
    );
    expectNear(get('y', 'evaluate'), remembered);
  });

  it('has PyTorch’s defaults', () => {
    const flat = random([4, 3], 62);
    const { get, after, program } = calculate({
      declarations: declarations('batchnorm'),
      columns: { x: flat },
      values: { 'net.it.weight': array([1, 1, 1]), 'net.it.bias': array([0, 0, 0]) },
      body: '    y = net(x)',
    });
    expect(program.states.map(({ initializer }) => initializer.kind)).toEqual(['zeros', 'ones']);
    expect(program.parameters.map(({ initializer }) => initializer.kind)).toEqual(['ones', 'zeros']);
    const column = (c: number): number[] => [0, 1, 2, 3].map((n) => at(flat, [n, c]));
    const centre = (c: number): number => average(column(c));
    const squares = (c: number): number => total(column(c).map((e) => (e - centre(c)) ** 2));
    expectNear(
      get('y'),
      build([4, 3], ([n = 0, c = 0]) => (at(flat, [n, c]) - centre(c)) / Math.sqrt(squares(c) / 4 + 1e-5)),
    );
    expectNear(
      after('net.it.mean'),
      build([3], ([c = 0]) => 0.1 * centre(c)),
    );
    expectNear(
      after('net.it.var'),
      build([3], ([c = 0]) => 0.9 + (0.1 * squares(c)) / 3),
    );
  });

  it('has its first and second derivatives', () => {
    for (const mode of ['train', 'evaluate'] as const) {
      const reports = gradientsOf(
        {
          declarations: declarations('batchnorm'),
          weights: { w: random([2, 2, 4], 63) },
          columns: { x: random([2, 2, 4], 65) },
          values,
          states: { 'net.it.mean': array([0.5, -1]), 'net.it.var': array([2, 0.5]) },
          body: '    y = net(x[0] * 0 + w)\n    loss = sum(tanh(y) * (1 + sin(f32(reshape(iota(16), 2, 2, 4)))))',
        },
        { orders: 2, graph: mode },
      );
      expect(reports.filter((report) => !report.passed)).toEqual([]);
      expect(reports.map((report) => report.name)).toContain('net.it.weight');
      expect(reports.map((report) => report.name)).toContain('p.w');
    }
  });
});
