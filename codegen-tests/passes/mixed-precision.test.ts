/** `precision = f16` as a rewrite: which values become f16, what stays f32, and that outputs keep their types. */
import { compile } from '../../compiler/index.ts';
import { describe, expect, it } from 'vitest';
import { expandGradients } from '../../compiler/autodiff/gradient.ts';
import { GraphBuilder } from '../../compiler/graph/builder.ts';
import {
  binary,
  broadcastTo,
  constantLike,
  mean,
  sumAll,
  unary,
  withNumber,
} from '../../compiler/graph/convenience.ts';
import { environment, interpret } from '../../compiler/graph/interpret.ts';
import type { Graph } from '../../compiler/graph/ir.ts';
import { OP_NAMES } from '../../compiler/graph/ops.ts';
import { verifyGraph } from '../../compiler/graph/verify.ts';
import { keepSumsWide } from '../../compiler/passes/keep-sums-wide.ts';
import { withMixedPrecision } from '../../compiler/passes/mixed-precision.ts';
import { optimizeGraph } from '../../compiler/passes/pipeline.ts';
import { PRECISION } from '../../compiler/passes/precision-table.ts';
import { tensorOf } from '../ops/sample.ts';

/** x @ w + b, relu, @ v, and the mean of the squares of that; named by label. */
function network(inner = false): Graph {
  const b = new GraphBuilder('network');
  const named = (label: string, id: number): number => {
    b.label(id, label);
    return id;
  };
  const input = b.add('input', [], { name: 'x', storage: 'f32' }, { shape: [4, 6], dtype: 'f32' });
  const weight = (name: string, shape: number[]): number => b.add('parameter', [], { name }, { shape });
  const [w, bias, v] = [weight('w', [6, 8]), weight('bias', [8]), weight('v', [8, 3])];
  const product = named('product', b.add('matmul', [input, w], {}));
  const biased = named('biased', binary(b, 'add', product, broadcastTo(b, bias, [4, 8])));
  const isNegative = binary(b, 'le', biased, constantLike(b, biased, 0));
  const relu = named('relu', b.add('select', [isNegative, constantLike(b, biased, 0), biased], {}));
  const logits = named('logits', b.add('matmul', [relu, v], {}));
  const scaled = named('scaled', withNumber(b, 'mul', logits, 0.5));
  let loss = mean(b, binary(b, 'mul', scaled, scaled), [0, 1]);
  if (inner) {
    const slope = named('slope', b.add('gradient', [sumAll(b, logits), relu], {}));
    loss = binary(b, 'add', loss, sumAll(b, unary(b, 'abs', slope)));
  }
  b.output('loss', named('loss', loss), 'result');
  b.output('hidden', relu, 'result');
  for (const [name, id] of [
    ['w', w],
    ['bias', bias],
    ['v', v],
  ] as const) {
    b.output(name, b.add('gradient', [loss, id], {}), 'gradient');
  }
  return b.finish();
}

const dtypes = (graph: Graph): Record<string, string> =>
  Object.fromEntries(graph.nodes.flatMap(({ label, type }) => (label ? [[label, type.dtype]] : [])));

const given = environment({
  inputs: new Map([['x', tensorOf([4, 6], 1)]]),
  parameters: new Map([
    ['w', tensorOf([6, 8], 2)],
    ['bias', tensorOf([8], 3)],
    ['v', tensorOf([8, 3], 4)],
  ]),
});

describe('mixed precision', () => {
  it('knows every primitive', () => {
    expect(Object.keys(PRECISION).sort()).toEqual([...OP_NAMES].sort());
  });

  it('is f16 between products and f32 from the last product to the loss', () => {
    const mixed = withMixedPrecision(network());
    verifyGraph(mixed);
    expect(dtypes(mixed)).toMatchObject({
      product: 'f16',
      biased: 'f16',
      relu: 'f16',
      logits: 'f32',
      scaled: 'f32',
      loss: 'f32',
    });
    const products = mixed.nodes.filter((node) => node.op === 'matmul');
    for (const { inputs } of products)
      for (const id of inputs) expect(mixed.nodes[id]?.type.dtype).toBe('f16');
  });

  it('keeps the types of outputs', () => {
    const plain = network();
    const mixed = withMixedPrecision(plain);
    mixed.outputs.forEach(({ name, role, value }, i) => {
      expect({ name, role }).toEqual({ name: plain.outputs[i]!.name, role: plain.outputs[i]!.role });
      expect(mixed.nodes[value]!.type).toEqual(plain.nodes[plain.outputs[i]!.value]!.type);
    });
  });

  it('keeps f32 what a `grad` of the program lies over', () => {
    const mixed = withMixedPrecision(network(true));
    verifyGraph(mixed);
    expect(dtypes(mixed)).toMatchObject({ product: 'f32', relu: 'f32', logits: 'f32', slope: 'f32' });
  });

  it('adds up the gradients of weights in f32 and does not round them to f16', () => {
    const expanded = keepSumsWide.run(expandGradients(withMixedPrecision(network())));
    verifyGraph(expanded);
    const optimized = optimizeGraph(expanded);
    verifyGraph(optimized);
    for (const { role, value } of optimized.outputs.filter((output) => output.role === 'gradient')) {
      const node = optimized.nodes[value]!;
      expect([role, node.op, node.type.dtype]).toEqual([
        'gradient',
        expect.stringMatching(/matmul|reduce_sum/),
        'f32',
      ]);
    }
  });

  it('leaves a product f16 that another product reads, whatever that one is rounded to', () => {
    const b = new GraphBuilder('chain');
    const input = b.add('input', [], { name: 'x', storage: 'f32' }, { shape: [4, 6], dtype: 'f32' });
    const weights = ['w', 'v'].map((name) => b.add('parameter', [], { name }, { shape: [6, 6] }));
    const half = (id: number): number => b.add('cast', [id], {}, { dtype: 'f16' });
    const inner = b.add('matmul', [half(input), half(weights[0]!)], {});
    const outer = b.add('matmul', [inner, half(weights[1]!)], {});
    b.output('y', b.add('cast', [outer], {}, { dtype: 'f32' }), 'result');
    const graph = keepSumsWide.run(b.finish());
    verifyGraph(graph);
    const products = graph.nodes.filter(({ op }) => op === 'matmul');
    expect(products.map(({ type }) => type.dtype)).toEqual(['f16', 'f32']);
  });

  it('differs from f32 by roundings to f16 alone', () => {
    const plain = interpret(expandGradients(network()), given);
    const mixed = interpret(keepSumsWide.run(expandGradients(withMixedPrecision(network()))), given);
    for (const [name, expected] of plain) {
      const largest = expected.data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      // A chain of five roundings on the longest way, each of 2^-11, and of operands as well.
      const bound = 10 * 2 ** -11 * largest;
      mixed
        .get(name)!
        .data.forEach((value, i) => expect(Math.abs(value - expected.data[i]!)).toBeLessThan(bound));
      expect([...mixed.get(name)!.data], name).not.toEqual([...expected.data]);
    }
  });
});

it('compiles what a strided convolution gives back to a normalization that stays f32', () => {
  const text = `
data pictures {
  image[B, 1, 12, 12]
  label[B] u32
  batch = 16
}
model net: image[B, 1, 12, 12] -> logits[B, 10] {
  x = image -> conv2d(8, 3, pad = same) -> batchnorm -> relu
  return x -> conv2d(8, 3, stride = 2) -> relu -> flatten -> dense(10)
}
train on pictures {
  steps = 1, seed = 5, precision = f16
  step {
    loss = cross_entropy(net(image), label)
    minimize loss with adam(lr = 1e-3)
  }
}
`;
  // Passes are checked to keep the types of all nodes.
  const { kernels } = compile({ file: 'normalized.net', text }).report();
  expect(kernels.filter(({ kind }) => kind === 'conv').length).toBeGreaterThan(0);
});
