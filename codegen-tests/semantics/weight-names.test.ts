/** Checkpoint names (LANGUAGE.md section 4): bound names, labels, counters, turns of `repeat`, raw parameters. */
import { describe, expect, it } from 'vitest';
import { expandGradients } from '../../compiler/autodiff/gradient.ts';
import { printGraph } from '../../compiler/graph/print.ts';
import { base, elaborateText } from './elaborating.ts';

const shapesOf = (text: string): Record<string, readonly number[]> =>
  Object.fromEntries(elaborateText(text).parameters.map(({ name, shape }) => [name, shape]));

const namesOf = (model: string, before?: string): string[] =>
  Object.keys(shapesOf(base({ model, ...(before === undefined ? {} : { before }) })));

const weights = (...paths: string[]): string[] =>
  paths.flatMap((path) => [`net.${path}.weight`, `net.${path}.bias`]);

describe('names of weights', () => {
  it('counts instances by layer, in order of their first call', () => {
    expect(namesOf('return x -> dense(5) -> rmsnorm -> dense(4) -> dense(3)')).toEqual([
      ...weights('dense_1'),
      'net.rmsnorm_1.weight',
      ...weights('dense_2', 'dense_3'),
    ]);
  });

  it('does not advance a counter for labelled and bound instances', () => {
    expect(namesOf('b = dense(8)\n  return x -> dense(8) -> a: dense(8) -> b -> dense(3)')).toEqual(
      weights('dense_1', 'a', 'b', 'dense_2'),
    );
  });

  it('shares the weights of a bound instance', () => {
    expect(namesOf('f = dense(8)\n  repeat 3 { x = x -> f }\n  return (x -> f) -> dense(3)')).toEqual(
      weights('f', 'dense_1'),
    );
  });

  it('makes an instance of a layer without arguments that is bound, and shares its weights', () => {
    const twice = (bound: string) => `n = ${bound}\n  return (x -> n -> n) -> dense(3)`;
    expect(shapesOf(base({ model: twice('layernorm') }))).toEqual({
      'net.n.weight': [8],
      'net.n.bias': [8],
      'net.dense_1.weight': [8, 3],
      'net.dense_1.bias': [3],
    });
    const gradients = (model: string) => {
      const graph = elaborateText(base({ model })).steps[0]?.train;
      return graph && printGraph(expandGradients(graph)).replaceAll(/ +#.*/g, '');
    };
    expect(gradients(twice('layernorm'))).toContain('gradient net.n.weight');
    expect(gradients(twice('layernorm'))).toBe(gradients(twice('layernorm()')));
  });

  it('makes one of each in a tuple, in a branch, and of a layer handed over', () => {
    expect(namesOf('(a, b) = (rmsnorm, layernorm)\n  return x -> a -> b -> a -> dense(3)')).toEqual([
      'net.a.weight',
      ...weights('b', 'dense_1'),
    ]);
    expect(
      namesOf('if 1 > 2 { n = layernorm } else { n = rmsnorm }\n  return x -> n -> n -> dense(3)'),
    ).toEqual(['net.n.weight', ...weights('dense_1')]);
    const once = 'layer once(norm): x[B, N] -> [B, N] {\n  n = norm\n  return x -> n -> n\n}';
    expect(namesOf('return x -> once(rmsnorm) -> dense(3)', once)).toEqual([
      'net.once_1.n.weight',
      ...weights('dense_1'),
    ]);
  });

  it('keeps other names as they are: of a layer that needs arguments, of a function, of an argument', () => {
    expect(namesOf('d = dense\n  return x -> d(8) -> d(3)')).toEqual(weights('dense_1', 'dense_2'));
    expect(namesOf('act = tanh\n  return x -> act -> act -> dense(3)')).toEqual(weights('dense_1'));
    const twice = 'layer twice(norm): x[B, N] -> [B, N] {\n  return x -> norm -> norm\n}';
    expect(namesOf('return x -> twice(rmsnorm) -> dense(3)', twice)).toEqual([
      'net.twice_1.rmsnorm_1.weight',
      'net.twice_1.rmsnorm_2.weight',
      ...weights('dense_1'),
    ]);
  });

  it('keeps the first name of an instance that is bound again', () => {
    expect(namesOf('f = dense(8)\n  g = f\n  return x -> g -> f -> dense(3)')).toEqual(
      weights('f', 'dense_1'),
    );
  });

  it('names the items of a tuple', () => {
    expect(namesOf('(a, b) = (dense(8), dense(3))\n  return x -> a -> b')).toEqual(weights('a', 'b'));
  });

  it('makes no weights for an instance that is never called', () => {
    expect(namesOf('unused = dense(9)\n  return x -> dense(3)')).toEqual(weights('dense_1'));
  });

  it('adds label and turn of a repeat, counting anew in each turn', () => {
    expect(namesOf('blocks: repeat 2 { x = x -> dense(8) -> dense(8) }\n  return x -> dense(3)')).toEqual(
      weights('blocks.0.dense_1', 'blocks.0.dense_2', 'blocks.1.dense_1', 'blocks.1.dense_2', 'dense_1'),
    );
  });

  it('counts repeats without a label', () => {
    expect(
      namesOf('repeat 1 { x = x -> dense(8) }\n  repeat 1 { x = x -> dense(8) }\n  return x -> dense(3)'),
    ).toEqual(weights('repeat_1.0.dense_1', 'repeat_2.0.dense_1', 'dense_1'));
  });

  it('nests layers of the user', () => {
    const block = 'layer block: x[..., D] -> [..., D] {\n  return x -> up: dense(2 * D) -> dense(D)\n}';
    expect(namesOf('blocks: repeat 2 { x = x -> block }\n  return x -> head: dense(3)', block)).toEqual(
      weights(
        'blocks.0.block_1.up',
        'blocks.0.block_1.dense_1',
        'blocks.1.block_1.up',
        'blocks.1.block_1.dense_1',
        'head',
      ),
    );
  });

  it('names an instance made for an argument where it is made', () => {
    const twice = 'layer twice(f): x[B, N] -> [B, N] {\n  return x -> f -> f\n}';
    expect(namesOf('g = dense(8)\n  return x -> twice(g) -> twice(dense(8)) -> dense(3)', twice)).toEqual(
      weights('g', 'dense_1', 'dense_2'),
    );
  });

  it('names raw parameters by themselves', () => {
    const text = base({ model: 'param W[8, 3] = glorot(), b[3] = zeros()\n  return x @ W + b' });
    expect(shapesOf(text)).toEqual({ 'net.W': [8, 3], 'net.b': [3] });
  });

  it('follows the checkpoint contract of the library', () => {
    const model = `h = reshape(x, B, 2, 4) -> attn: attention(2, causal = true) -> positions(5, 4) -> layernorm -> rmsnorm
  e = iota(6) -> tok: embedding(7, 4)
  return (h -> flatten -> head: dense(3, bias = false)) + sum(e)`;
    expect(shapesOf(base({ model }))).toEqual({
      'net.attn.qkv.weight': [4, 12],
      'net.attn.qkv.bias': [12],
      'net.attn.proj.weight': [4, 4],
      'net.attn.proj.bias': [4],
      'net.positions_1.weight': [5, 4],
      'net.layernorm_1.weight': [4],
      'net.layernorm_1.bias': [4],
      'net.rmsnorm_1.weight': [4],
      'net.tok.weight': [7, 4],
      'net.head.weight': [8, 3],
    });
  });

  it('gives one model called twice one set of weights', () => {
    const step = 'loss = cross_entropy(net(x), y) + mean(net(2 * x)) + mean(x -> frozen(net))';
    expect(Object.keys(shapesOf(base({ step })))).toEqual(weights('dense_1'));
  });

  it('ties the weight of an embedding', () => {
    const model = 'tok = embedding(3, 8)\n  e = iota(3) -> tok\n  return x @ tok.weight.T + mean(e)';
    expect(shapesOf(base({ model }))).toEqual({ 'net.tok.weight': [3, 8] });
  });

  it('chooses by compile-time conditions', () => {
    const model =
      'if K == 1 { h = x } else if K == 2 { h = x -> dense(5) } else { h = x -> dense(6) }\n  return h -> dense(3)';
    const text = base({ before: 'let K = 2', model });
    expect(shapesOf(text)['net.dense_1.weight']).toEqual([8, 5]);
    const set = elaborateText(text, { settings: { K: '3' } }).parameters;
    expect(set.map(({ shape }) => shape)).toEqual([[8, 6], [6], [6, 3], [3]]);
  });
});

describe('initial values of weights', () => {
  const initializers = (model: string) =>
    elaborateText(base({ model })).parameters.map(({ initializer }) => initializer);

  it('counts inputs and outputs of one unit', () => {
    expect(initializers('return x -> dense(5) -> dense(3, init = he_normal())')).toEqual([
      { kind: 'glorot', fanIn: 8, fanOut: 5 },
      { kind: 'zeros' },
      { kind: 'he_normal', fanIn: 5, fanOut: 3 },
      { kind: 'zeros' },
    ]);
  });

  it('takes every initializer, with or without parentheses', () => {
    const model = `param a[8] = zeros, b[8] = ones(), c[8] = constant(2), d[8] = uniform(-1, 1), e[8] = normal(0.02)
  param f[8] = truncated_normal(0.1), g[8, 3] = glorot, h[3, 3] = orthogonal(), i[8] = he
  return (x + a + b + c + d + e + f + i) @ g @ h`;
    expect(initializers(model)).toEqual([
      { kind: 'zeros' },
      { kind: 'ones' },
      { kind: 'constant', value: 2 },
      { kind: 'uniform', low: -1, high: 1 },
      { kind: 'normal', std: 0.02 },
      { kind: 'truncated_normal', std: 0.1 },
      { kind: 'glorot', fanIn: 8, fanOut: 3 },
      { kind: 'orthogonal' },
      { kind: 'he', fanIn: 8, fanOut: 1 },
    ]);
  });
});
