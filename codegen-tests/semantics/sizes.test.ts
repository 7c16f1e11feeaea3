/** Sizes: names in brackets, expressions of them, the batch as a value, what is decided at compile time. */
import { describe, expect, it } from 'vitest';
import { printShape } from '../../compiler/graph/dimension.ts';
import { array, calculate, listOf, nested, valueOf } from './calculating.ts';
import { elaborateText } from './elaborating.ts';

const rows = array([
  [1, 2, 3, 4],
  [5, 6, 7, 8],
  [9, 10, 11, 12],
]);
const columns = { r: rows };

/** The value of `net(r)` for a layer or model `net` over rows of four. */
const netOf = (declaration: string, call = 'net(r) * 1'): unknown =>
  listOf(call, { declarations: declaration, columns });

describe('dimensions of a signature', () => {
  it('are values in the body', () => {
    expect(netOf('model net: x[B, N] -> [B, N] { return x * N }', 'net(r)[0]')).toEqual([4, 8, 12, 16]);
    expect(netOf('model net: x[B, N] -> [B] { return sum(x, axis = 1) / (B * N) }')).toEqual([
      10 / 12,
      26 / 12,
      42 / 12,
    ]);
  });

  it('may be expressions, also in results', () => {
    const halves = 'model net(stride = 2): x[B, N] -> [B, N / stride] { return x[:, ::stride] }';
    expect(netOf(halves)).toEqual([
      [1, 3],
      [5, 7],
      [9, 11],
    ]);
    expect(netOf('model net: x[B, N] -> [B, ceil(N / 3)] { return x[:, ::3] }', 'net(r)[0]')).toEqual([1, 4]);
    expect(netOf('model net: x[B, N] -> [B, floor(N / 3)] { return x[:, :1] }', 'net(r)[-1]')).toEqual([9]);
    expect(netOf('model net: x[B, N] -> [B * N] { return reshape(x, B * N) }', 'net(r)[-1]')).toBe(12);
    expect(netOf('model net: x[B, N] -> [B, N + 1] { return pad(x, after = (0, 1)) }', 'net(r)[0]')).toEqual([
      1, 2, 3, 4, 0,
    ]);
  });

  it('are solved where one name is unknown', () => {
    expect(netOf('model net: x[B, 2 * N] -> [B, N] { return x[:, :N] }', 'net(r)[-1]')).toEqual([9, 10]);
  });

  it('may be numbers, constants and parameters', () => {
    expect(netOf('let N = 4\nmodel net: x[B, N] -> [B, N] { return x * N }', 'net(r)[0, 0]')).toBe(4);
    expect(netOf('model net(N = 4): x[B, N] -> [B, N] { return x * N }', 'net(r)[0, 0]')).toBe(4);
    expect(
      netOf('model net: x[B, 4] -> [3 * B + 1 - 1] { return x[:, :3] -> reshape(-1) }', 'net(r)[-1]'),
    ).toBe(11);
  });

  it('agree between the inputs of one call', () => {
    const both = 'model net: (x[B, N], y[B, N]) -> [B, N] { return x + y }';
    expect(netOf(both, 'net(r, 2 * r)[0]')).toEqual([3, 6, 9, 12]);
    expect(() => netOf(both, 'net(r, r[:, 1:])')).toThrow(/E0207/);
  });

  it('stand for any axes as `...`', () => {
    const last = 'model net: x[..., N] -> [...] { return x[..., N - 1] }';
    expect(netOf(last)).toEqual([4, 8, 12]);
    expect(netOf(last, 'net(reshape(r, B, 2, 2))[-1]')).toEqual([10, 12]);
    expect(netOf('model net: x[B, ..., N] -> [B, ..., N] { return x * N }', 'net(r)[0]')).toEqual([
      4, 8, 12, 16,
    ]);
  });

  it('are their own at every call', () => {
    const declarations =
      'layer sized: x[B, N] -> [B, N] { return x * N }\nmodel net: x[B, N] -> [B] {\n  return (x -> sized)[:, 0] + (x[:, :2] -> sized)[:, 1]\n}';
    expect(netOf(declarations)).toEqual([8, 32, 56]);
  });

  it('name several results', () => {
    const declarations =
      'model net: x[B, N] -> (a[B, N / 2], b[B]) {\n  (p, q) = split(x, 2)\n  return (p, q[:, 0])\n}\nfn first(x) {\n  (a, b) = net(x)\n  return a[:, 0] + 100 * b\n}';
    expect(netOf(declarations, 'first(r)')).toEqual([301, 705, 1109]);
  });
});

describe('the batch', () => {
  it('is a value, also where its size is open', () => {
    expect(listOf('reshape(r, B * 4)', { columns })).toEqual([...rows.data]);
    expect(listOf('reshape(r, -1, 2)[2 * B - 1]', { columns })).toEqual([11, 12]);
    expect(listOf('sum(r) / B', { columns })).toBe(26);
    expect(listOf('sum(r, axis = 0) / r.shape[0]', { columns })).toEqual([5, 6, 7, 8]);
    expect(listOf('f32(iota(B)) * B', { columns })).toEqual([0, 3, 6]);
    expect(listOf('mean(r)', { columns })).toBe(6.5);
    expect(listOf('concat(r, -r, axis = 0)[B]', { columns })).toEqual([-1, -2, -3, -4]);
    expect(listOf('stack(r, r)[1, -1, -1]', { columns })).toBe(12);
    expect(listOf('expand(sum(r, axis = 0, keep = true), B, -1)[-1]', { columns })).toEqual([15, 18, 21, 24]);
    expect(listOf('(r @ r.T)[0]', { columns })).toEqual([30, 70, 110]);
    expect(listOf('var(r, axis = 0, unbiased = true)', { columns })).toEqual([16, 16, 16, 16]);
    expect(listOf('tile(r, 1, 2)[0, 5]', { columns })).toBe(2);
    expect(listOf('pad(r, before = (1, 0))[1]', { columns })).toEqual([1, 2, 3, 4]);
    expect(listOf('one_hot(iota(B), B)[0]', { columns })).toEqual([1, 0, 0]);
  });

  it('is a symbol in evaluation and a number in training', () => {
    const made = calculate({ columns, body: '    result = concat(r, r, axis = 0)' }).program.steps[0];
    const shape = (graph: 'train' | 'evaluate') =>
      printShape(made?.[graph].nodes.find(({ label }) => label === 'result')?.type.shape ?? []);
    expect([shape('train'), shape('evaluate')]).toEqual(['[6, 4]', '[2*B, 4]']);
  });

  it('runs at other sizes than it is declared with', () => {
    const calculation = { columns, body: '    result = sum(r / B, axis = 0) + mean(r)' };
    const small = { columns: { r: array([[4, 8, 12, 16]]) }, body: calculation.body };
    expect(calculate(calculation).list('result', 'evaluate')).toEqual([11.5, 12.5, 13.5, 14.5]);
    expect(calculate(small).list('result', 'evaluate')).toEqual([14, 18, 22, 26]);
  });
});

describe('models as predict runs them', () => {
  const inputsOf = (declarations: string, call = 'net(r)') =>
    calculate({ declarations, columns, body: `    result = ${call}` }).program.models.map(
      ({ name, inputs, outputs }) => ({
        name,
        inputs: inputs.map((input) => [input.name, input.shape, input.dtype]),
        outputs,
      }),
    );

  it('take sizes from the signature', () => {
    expect(inputsOf('model net: x[B, 4] -> y[B] { return x[:, 0] }')).toEqual([
      { name: 'net', inputs: [['x', [4], 'f32']], outputs: ['y'] },
    ]);
  });

  it('take open sizes from the call in a step', () => {
    const due = [{ name: 'net', inputs: [['x', [4], 'f32']], outputs: ['output'] }];
    expect(inputsOf('model net: x[B, N] -> [B] { return x[:, 0] }')).toEqual(due);
    expect(inputsOf('model net: x[...] -> [...] { return x }')).toEqual(due);
    expect(inputsOf('model net: x[B, 2 * N] -> [B, N] { return x[:, :N] }')).toEqual(due);
  });

  it('are left out where no call decides a size, or the result is none of each record', () => {
    expect(inputsOf('model net: x[B, N] -> [B] { return x[:, 0] }', 'r')).toEqual([]);
    expect(inputsOf('model net: x[B, N] -> [] { return sum(x) }')).toEqual([]);
    expect(inputsOf('model net: x[N] -> [N] { return x }', 'net(r[0])')).toEqual([]);
  });
});

describe('numbers at compile time', () => {
  it.each([
    ['sqrt(16) * 2', 8],
    ['7 / 2', 3.5],
    ['floor(7 / 2) + ceil(7 / 2)', 7],
    ['-2 ^ 2', -4],
    ['2 ^ 3 ^ 2', 512],
    ['-7 % 3', -1],
    ['10% * 50', 5],
    ['max(2, 3) - min(2, 3)', 1],
    ['round(2.5) + round(3.5)', 6],
    ['1_000 + .5', 1000.5],
    ['sin(pi / 2)', 1],
    ['f32(3) / 2', 1.5],
  ])('%s', (expression, due) => {
    expect(valueOf(`full(${expression}, 1)`).data[0]).toBeCloseTo(due, 12);
  });

  it('decide what a body does', () => {
    const declarations = `let DEPTH = 3
fn chosen(x, kind = "double") {
  if kind == "double" { return 2 * x } else if kind == "half" { return x / 2 } else { return x + 0 }
}
fn powers(x) {
  total = x * 0
  repeat DEPTH as i {
    if i % 2 == 0 { total = total + x ^ i * 1 } else { total = total - i }
  }
  return total
}`;
    const calculation = { declarations, columns: { r: array([2, 3]) } };
    expect(listOf('chosen(r)', calculation)).toEqual([4, 6]);
    expect(listOf('chosen(r, kind = "half")', calculation)).toEqual([1, 1.5]);
    expect(listOf('chosen(r, "none") * 1', calculation)).toEqual([2, 3]);
    expect(listOf('powers(r) * 1', calculation)).toEqual([4, 9]);
    expect(listOf('powers(r) * 1', { ...calculation, options: { settings: { DEPTH: '1' } } })).toEqual([
      1, 1,
    ]);
  });

  it('bind again, also from within `if` and `repeat`', () => {
    const body = `    a = r
    if true { a = a + 1 }
    repeat 3 { a = a * 2 }
    result = a - 1`;
    expect(calculate({ columns: { r: array([1, 2]) }, body }).list('result')).toEqual([15, 23]);
  });

  it('know the shape of a tensor', () => {
    expect(nested(valueOf('full(r.shape[1] + r.T.shape[0], 1)', { columns }))).toEqual([8]);
    expect(listOf('zeros(r.shape)[0]', { columns })).toEqual([0, 0, 0, 0]);
  });
});

describe('columns', () => {
  it('are made of the fields they name, and of other columns', () => {
    const text = `data d {
  from train = npy(image = "i.npy", gain = "g.npy")
  image[B, 4] = image / 255 -> normalize(mean = 0.5, std = 0.25)
  gain[B]
  bright[B, 4] = image * unsqueeze(gain, 1)
  both[B, 5] = concat(bright, unsqueeze(gain, 1))
  batch = 2
}
train on d {
  steps = 1
  step { loss = sum(both) + sum(image) }
}`;
    const { data, steps } = elaborateText(text);
    expect(data?.fields.map(({ name, shape, storage }) => [name, shape, storage])).toEqual([
      ['image', [4], 'f32'],
      ['gain', [], 'f32'],
    ]);
    const inputs = steps[0]?.train.nodes.filter(({ op }) => op === 'input');
    expect(inputs).toHaveLength(2);
  });

  it('without sources are fed where they are not computed', () => {
    const text = `data d {
  x[B, 3] = x / 2
  y[B]
  target[B] = 2 * y + x[:, 0]
  batch = 2
}
train on d {
  steps = 1
  step { loss = sum(target) }
}`;
    expect(elaborateText(text).data?.fields.map(({ name }) => name)).toEqual(['x', 'y']);
  });
});
