/** Graphs of small programs, as text: training, evaluation and prediction; places and random streams of nodes. */
import { describe, expect, it } from 'vitest';
import type { Graph, Node } from '../../compiler/graph/ir.ts';
import { printGraph } from '../../compiler/graph/print.ts';
import { verifyGraph } from '../../compiler/graph/verify.ts';
import type { StepProgram } from '../../compiler/semantics/program.ts';
import { base, elaborateText } from './elaborating.ts';

function firstStep(text: string): StepProgram {
  const [step] = elaborateText(text).steps;
  if (!step) throw new Error('no step');
  verifyGraph(step.train);
  verifyGraph(step.evaluate);
  return step;
}

const nodesOf = (graph: Graph, op: string): Node[] => graph.nodes.filter((node) => node.op === op);

const streams = (graph: Graph): number[] =>
  graph.nodes.flatMap((node) => (node.op === 'random_bits' ? [node.attributes.stream] : []));

describe('graphs', () => {
  it('elaborates a dense model three times: training, evaluation, prediction', () => {
    const program = elaborateText(
      base({ model: 'return x -> fc: dense(3, bias = false)', step: 'loss = mean(net(x) ^ 2)' }),
    );
    const [step] = program.steps;
    const [model] = program.models;
    expect(printGraph(step!.train)).toMatchInlineSnapshot(`
      "graph step
        %0 = input x storage=f32 : f32[4, 8]  # test.net:2
        %1 = parameter net.fc.weight : f32[8, 3]  # test.net:7
        %2 = matmul %0 %1 : f32[4, 3]  # test.net:7
        %3 = mul %2 %2 : f32[4, 3]  # test.net:12
        %4 = reduce_sum %3 axes=[0, 1] : f32[]  # test.net:12
        %5 = constant 12 : f32[]  # test.net:12
        %6 = div %4 %5 : f32[]  # loss, test.net:12
        %7 = gradient %6 %1 : f32[8, 3]  # test.net:13
        result loss = %6
        gradient net.fc.weight = %7
      "
    `);
    expect(printGraph(step!.evaluate)).toMatchInlineSnapshot(`
      "graph step.evaluate
        %0 = input x storage=f32 : f32[B, 8]  # test.net:2
        %1 = parameter net.fc.weight : f32[8, 3]  # test.net:7
        %2 = matmul %0 %1 : f32[B, 3]  # test.net:7
        %3 = mul %2 %2 : f32[B, 3]  # test.net:12
        %4 = reduce_sum %3 axes=[0, 1] : f32[]  # test.net:12
        %5 = constant 3*B : f32[]  # test.net:12
        %6 = div %4 %5 : f32[]  # loss, test.net:12
        result loss = %6
      "
    `);
    expect(printGraph(model!.predict)).toMatchInlineSnapshot(`
      "graph net.predict
        %0 = input x storage=f32 : f32[B, 8]  # test.net:6
        %1 = parameter net.fc.weight : f32[8, 3]  # test.net:7
        %2 = matmul %0 %1 : f32[B, 3]  # test.net:7
        result logits = %2
      "
    `);
    expect(model).toMatchObject({
      name: 'net',
      inputs: [{ name: 'x', shape: [8], dtype: 'f32', storage: 'f32' }],
      outputs: ['logits'],
    });
  });

  it('puts the expression of a column into the graph, once', () => {
    const columns = `from train = idx(x = "x.gz", y = "y.gz")
  x[B, 8] = x / 255 -> normalize(mean = 0.5, std = 0.25)
  y[B] u32`;
    const { train } = firstStep(base({ columns, step: 'loss = cross_entropy(net(x), y) + mean(x)' }));
    expect(nodesOf(train, 'input').map((node) => [node.attributes, node.type.dtype])).toEqual([
      [{ name: 'x', storage: 'u8' }, 'f32'],
      [{ name: 'y', storage: 'u8' }, 'u32'],
    ]);
    expect(train.nodes.filter(({ label }) => label === 'x')).toHaveLength(1);
  });

  it('multiplies by a matrix without copies of it for every row of the batch', () => {
    const model = 'h = reshape(x, B, 2, 4) -> dense(3)\n  return h[:, 0]';
    const { train, evaluate } = firstStep(base({ model }));
    expect(nodesOf(train, 'matmul').map((node) => node.type.shape)).toEqual([[8, 3]]);
    expect(nodesOf(evaluate, 'matmul').map((node) => node.type.shape)).toEqual([[{ times: 2, plus: 0 }, 3]]);
  });

  it('says for every node where it comes from, the user first', () => {
    const { train } = firstStep(base({ model: 'return x -> fc: dense(3)' }));
    const places = (node: Node | undefined) => node?.source.map(({ file, line }) => `${file}:${line > 0}`);
    const [product] = nodesOf(train, 'matmul');
    expect(product?.source[0]).toMatchObject({ file: 'test.net', line: 7, column: 19 });
    expect(places(product)).toEqual(['test.net:true', 'std.net:true']);
    for (const node of train.nodes) expect(node.source[0]?.file).toBe('test.net');
  });

  it('elaborates frozen models without gradient', () => {
    const after = 'model teacher: x[B, 8] -> [B, 3] {\n  return x -> dropout(0.5) -> dense(3)\n}';
    const step = firstStep(base({ after, step: 'loss = mse(net(x), frozen(teacher)(x))' }));
    expect(step.minimizes[0]?.parameters).toEqual(['net.dense_1.weight', 'net.dense_1.bias']);
    expect(streams(step.train)).toEqual([]);
  });
});

describe('training and evaluation', () => {
  const model = 'return x -> dropout(0.5) -> dense(3)';

  it('drops out in training alone', () => {
    const { train, evaluate } = firstStep(base({ model }));
    expect(streams(train)).toHaveLength(1);
    expect(streams(evaluate)).toHaveLength(0);
  });

  it('numbers random draws alike in both, also behind one that only training makes', () => {
    const { train, evaluate } = firstStep(
      base({ model, step: 'h = net(x)\n    loss = cross_entropy(h + random.normal(B, 3), y)' }),
    );
    expect(streams(train)).toEqual([0, 1, 2]);
    expect(streams(evaluate)).toEqual([1, 2]);
  });

  it('draws anew at each call and in each turn', () => {
    const text =
      'n = random.uniform(B)\n    repeat 2 { n = n + random.uniform(B) }\n    loss = mean(net(x)) + mean(n)';
    expect(streams(firstStep(base({ step: text })).train)).toEqual([0, 1, 2]);
  });

  it('knows the mode at compile time', () => {
    const { train, evaluate } = firstStep(
      base({ model: 'if training { x = sin(x) }\n  return x -> dense(3)' }),
    );
    expect([nodesOf(train, 'sin').length, nodesOf(evaluate, 'sin').length]).toEqual([1, 0]);
  });

  it('divides means by the records at hand', () => {
    const { evaluate } = firstStep(base());
    const divisors = nodesOf(evaluate, 'constant').map((node) => node.attributes);
    expect(divisors).toContainEqual({ value: { times: 1, plus: 0 } });
  });
});
