/** What elaboration says besides graphs: data, settings, optimizers, several steps, constants, used files. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { verifyGraph } from '../../compiler/graph/verify.ts';
import { decodeSafetensors } from '../../runtime/checkpoint/safetensors.ts';
import { sharedOrSkip } from '../support/shared-files.ts';
import { base, elaborateText, errorsOf } from './elaborating.ts';

const columns = `from train = npy(x = "x.npy", y = "y.npy")
  split valid = 10%, test = 20%
  x[B, 8]
  y[B] u32`;

describe('data', () => {
  it('describes sources, splits and fields', () => {
    const { data } = elaborateText(base({ columns, batch: 'batch = 4, shuffle = true' }));
    expect(data).toMatchObject({
      name: 'd',
      sources: [
        {
          split: 'train',
          format: 'npy',
          files: [
            { field: 'x', path: 'x.npy' },
            { field: 'y', path: 'y.npy' },
          ],
        },
      ],
      splits: [
        { split: 'valid', share: 0.1 },
        { split: 'test', share: 0.2 },
      ],
      fields: [
        { name: 'x', shape: [8], storage: 'f32' },
        { name: 'y', shape: [], storage: 'u32', below: 3 },
      ],
      batch: 4,
      shuffle: true,
    });
  });

  it('gives a field the shape of the column that uses it', () => {
    const columns = `from train = idx(pixels = "x.gz", y = "y.gz")
  x[B, 8] = pixels / 255
  y[B] u32`;
    const { data } = elaborateText(base({ columns }));
    expect(data?.fields.map(({ name, shape, storage }) => [name, shape, storage])).toEqual([
      ['pixels', [8], 'u8'],
      ['y', [], 'u8'],
    ]);
  });

  it('bounds labels only where they are used as they are', () => {
    const below = (step: string) =>
      elaborateText(base({ step })).data?.fields.find(({ name }) => name === 'y')?.below;
    expect(below('loss = cross_entropy(net(x), y)')).toBe(3);
    expect(below('loss = mean(net(x) * one_hot(y, 3))')).toBe(3);
    expect(below('loss = mean(take(net(x), y, axis = 1))')).toBe(3);
    expect(below('loss = cross_entropy(net(x), y + 1)')).toBeUndefined();
    expect(below('loss = cross_entropy(net(x), y, ignore = 255)')).toBeUndefined();
    expect(below('loss = cross_entropy(net(x), y) + mean(one_hot(y, 2))')).toBe(2);
  });

  it('needs no sources where the host feeds the records', () => {
    expect(elaborateText(base()).data?.sources).toEqual([]);
  });
});

describe('training', () => {
  it('reads every setting', () => {
    const train = `epochs = 3, seed = 7, accumulate = 2, precision = f32
  eval = every(10 steps, batches = 5)
  save = best(valid.accuracy, to = "a.safetensors")
  stop = plateau(valid.loss, patience = 5, restore = true)`;
    const step =
      'logits = net(x)\n    loss = cross_entropy(logits, y)\n    metric accuracy = mean(argmax(logits) == y)';
    expect(elaborateText(base({ columns, train, step })).training).toEqual({
      epochs: 3,
      seed: 7,
      accumulate: 2,
      evaluate: { every: { count: 10, unit: 'step' }, batches: 5 },
      save: [{ kind: 'best', watch: 'valid.accuracy', goal: 'max', to: 'a.safetensors' }],
      stop: { watch: 'valid.loss', goal: 'min', patience: 5, restore: true },
    });
  });

  it('lets the caller replace the seed', () => {
    expect(elaborateText(base({ train: 'steps = 2, seed = 7' }), { seed: 9 }).training?.seed).toBe(9);
  });

  it.each([
    ['sgd(0.1)', { kind: 'sgd', lr: { type: 'constant', value: 0.1 }, momentum: 0, nesterov: false }],
    ['adam', { kind: 'adam', lr: { type: 'constant', value: 1e-3 }, betas: [0.9, 0.999], eps: 1e-8 }],
    ['rmsprop()', { kind: 'rmsprop', lr: { type: 'constant', value: 1e-2 }, alpha: 0.99, eps: 1e-8 }],
    ['adagrad()', { kind: 'adagrad', lr: { type: 'constant', value: 1e-2 }, eps: 1e-10 }],
    ['adadelta()', { kind: 'adadelta', lr: { type: 'constant', value: 1 }, rho: 0.9, eps: 1e-6 }],
    ['lion()', { kind: 'lion', lr: { type: 'constant', value: 1e-4 }, betas: [0.9, 0.99], decay: 0 }],
    [
      'adamw(decay_on = "*.weight")',
      {
        kind: 'adamw',
        lr: { type: 'constant', value: 1e-3 },
        betas: [0.9, 0.999],
        eps: 1e-8,
        decay: 0.01,
        decayed: ['net.dense_1.weight'],
      },
    ],
  ])('knows the optimizer %s', (rule, expected) => {
    const [step] = elaborateText(base({ minimize: `minimize loss with ${rule}` })).steps;
    expect(step?.minimizes[0]?.optimizer).toEqual(expected);
  });

  it.each([
    [
      'cosine(1e-3, to = 1e-4, warmup = 10)',
      { type: 'cosine', base: 1e-3, to: 1e-4, warmup: { count: 10, unit: 'step' }, over: null },
    ],
    [
      'linear(1, over = 2 epochs)',
      {
        type: 'linear',
        base: 1,
        to: 0,
        warmup: { count: 0, unit: 'step' },
        over: { count: 2, unit: 'epoch' },
      },
    ],
    ['exponential(1, 0.9)', { type: 'exponential', base: 1, decay: 0.9 }],
    [
      'steps(1, every = 10 steps)',
      { type: 'steps', base: 1, every: { count: 10, unit: 'step' }, factor: 0.1 },
    ],
    ['inverse(0.5, decay = 0.1)', { type: 'inverse', base: 0.5, decay: 0.1 }],
    ['one_cycle(1)', { type: 'one_cycle', peak: 1, over: null, start: 1 / 25, to: 1 / 25 / 1e4, rise: 0.3 }],
    [
      'plateau(1, patience = 3)',
      { type: 'plateau', base: 1, watch: 'valid.loss', goal: 'min', factor: 0.1, patience: 3 },
    ],
  ])('knows the schedule %s', (rate, expected) => {
    const [step] = elaborateText(base({ columns, minimize: `minimize loss with sgd(lr = ${rate})` })).steps;
    expect(step?.minimizes[0]?.optimizer.lr).toEqual(expected);
  });

  it('resolves transforms in order', () => {
    const minimize =
      'minimize loss with decay(0.1, on = "*.bias") -> clip_value(2) -> clip_norm(1.0) -> sgd(0.1)';
    const [step] = elaborateText(base({ minimize })).steps;
    expect(step?.minimizes[0]?.transforms).toEqual([
      { kind: 'decay', rate: 0.1, parameters: ['net.dense_1.bias'] },
      { kind: 'clip_value', limit: 2 },
      { kind: 'clip_norm', limit: 1 },
    ]);
  });

  it('moves what `over` names, by models, parts, turns and weights', () => {
    const model = 'blocks: repeat 2 { x = x -> dense(8) }\n  return x -> head: dense(3)';
    const moved = (over: string) =>
      elaborateText(base({ model, minimize: `minimize loss${over} with adam()` })).steps[0]?.minimizes[0]
        ?.parameters;
    const turn = (i: number) => [`net.blocks.${i}.dense_1.weight`, `net.blocks.${i}.dense_1.bias`];
    const head = ['net.head.weight', 'net.head.bias'];
    expect(moved('')).toEqual([...turn(0), ...turn(1), ...head]);
    expect(moved(' over net.head')).toEqual(head);
    expect(moved(' over net.blocks')).toEqual([...turn(0), ...turn(1)]);
    expect(moved(' over net.blocks[-1], net.head.bias')).toEqual([...turn(1), 'net.head.bias']);
  });

  it('reports the sum of what is minimized where nothing is called loss', () => {
    const text = base({
      model: 'return x -> one: dense(4) -> two: dense(3)',
      step: 'a = mean(net(x))\n    minimize a over net.one with sgd(0.1)',
      minimize: 'minimize 2 * a over net.two with sgd(0.1)',
    });
    const [step] = elaborateText(text).steps;
    const loss = step?.train.outputs.find(({ name }) => name === 'loss');
    expect(step?.train.nodes[loss?.value ?? -1]?.op).toBe('add');
    expect(step?.metrics).toEqual([{ name: 'loss', output: 'loss', after: 'identity' }]);
  });

  it('takes the exponential of the mean loss for perplexity', () => {
    const step = 'loss = cross_entropy(net(x), y)\n    metric perplexity = perplexity(loss)';
    expect(elaborateText(base({ step })).steps[0]?.metrics).toContainEqual(
      expect.objectContaining({ name: 'perplexity', after: 'exp' }),
    );
  });
});

describe('constants and files', () => {
  const text = base({
    before: 'let W = 2 * H\nlet H = 3\nlet ON = true',
    model: 'return x -> dense(W, bias = ON) -> dense(3)',
  });
  const shape = (settings: Record<string, string>) =>
    elaborateText(text, { settings }).parameters.map((p) => p.shape);

  it('sets constants from outside, and what depends on them', () => {
    expect(shape({})).toEqual([[8, 6], [6], [6, 3], [3]]);
    expect(shape({ H: '5', ON: 'false' })).toEqual([[8, 10], [10, 3], [3]]);
  });

  it('refuses settings that are unknown or of another kind', () => {
    const words = (settings: Record<string, string>) =>
      errorsOf(text, { settings }).map((e) => `${e.code} ${e.message} ${e.help ?? ''}`);
    expect(words({ V: '5' })).toMatchInlineSnapshot(`
      [
        "E0201 no \`let\` is called \`V\` there are W, H, ON",
      ]
    `);
    expect(words({ H: 'wide' })).toMatchInlineSnapshot(`
      [
        "E0213 H=wide: \`H\` is set to the integer 3 in the program, this is the string "wide" ",
      ]
    `);
  });

  it('brings the declarations of other files', () => {
    const files: Record<string, string> = {
      'parts.net':
        'use "deep.net"\nlayer block: x[B, N] -> [B, N] {\n  return x -> dense(N * FACTOR) -> dense(N)\n}',
      'deep.net': 'let FACTOR = 2',
    };
    const used = base({ before: 'use "parts.net"', model: 'return x -> block -> dense(3)' });
    const { parameters } = elaborateText(used, { resolve: (name) => files[name] });
    expect(parameters[0]).toMatchObject({ name: 'net.block_1.dense_1.weight', shape: [8, 16] });
  });

  it('refuses files that use each other', () => {
    const files: Record<string, string> = { 'a.net': 'use "b.net"', 'b.net': 'use "a.net"' };
    const errors = errorsOf(base({ before: 'use "a.net"' }), { resolve: (name) => files[name] });
    expect(errors.map(({ code, span }) => [code, span?.file, span?.line])).toEqual([['E0224', 'b.net', 1]]);
  });
});

describe('one run', () => {
  it('reports mistakes that stand on their own, and nothing that follows from them', () => {
    const text = base({
      columns: 'x[B, K]\n  y[B] u32',
      model: 'a = x -> dens(3)\n  b = x + zz\n  c = a + b\n  return c -> dense(3)',
      train: 'stpes = 2',
    });
    expect(errorsOf(text).map(({ code, span }) => `${code} ${span?.line}:${span?.column}`)).toEqual([
      'E0201 2:8',
      'E0205 7:12',
      'E0201 8:11',
      'E0206 13:3',
    ]);
  });

  it('reports a mistake of a body once, however often it is called', () => {
    const text = base({
      model: 'repeat 3 { x = x -> dens(8) }\n  return x -> dense(3)',
      step: 'loss = mean(net(x)) + mean(net(2 * x))',
    });
    expect(errorsOf(text)).toHaveLength(1);
  });
});

describe('programs beside the project', () => {
  const programs = [
    'parity/mlp/mlp',
    'parity/autoencoder/autoencoder',
    'parity/svm/svm',
    'parity/gpt/gpt',
    'parity/wgan_gp/wgan_gp',
    'peers/netc/mlp',
    'peers/netc/gpt',
  ];
  for (const name of programs) {
    it(`elaborates ${name}`, (context) => {
      const file = sharedOrSkip(context, `${name}.net`);
      const program = elaborateText(fs.readFileSync(file, 'utf8'));
      const names = program.parameters.map((parameter) => parameter.name);
      expect(new Set(names).size).toBe(names.length);
      for (const step of program.steps) {
        verifyGraph(step.train);
        verifyGraph(step.evaluate);
        expect(step.minimizes.length).toBeGreaterThan(0);
      }
      for (const model of program.models) verifyGraph(model.predict);
      const init = path.join(path.dirname(file), 'init.safetensors');
      if (!fs.existsSync(init)) return;
      const weights = decodeSafetensors(fs.readFileSync(init), init).tensors;
      const shapes = (list: readonly { name: string; shape: readonly number[] }[]) =>
        list.map(({ name: key, shape }) => `${key} ${shape.join()}`).sort();
      expect(shapes(program.parameters)).toEqual(shapes(weights));
    });
  }
});
