/** Passes that make products of convolutions, and several products of a long one. */
import { describe, expect, it } from 'vitest';
import { expandGradients } from '../../compiler/autodiff/gradient.ts';
import { GraphBuilder } from '../../compiler/graph/builder.ts';
import { sumAll } from '../../compiler/graph/convenience.ts';
import { BATCH, printDimension, type Dimension } from '../../compiler/graph/dimension.ts';
import { environment, interpret } from '../../compiler/graph/interpret.ts';
import type { Graph, NodeOf } from '../../compiler/graph/ir.ts';
import { optimizeGraph } from '../../compiler/passes/pipeline.ts';
import { expandConvolutions } from '../../compiler/passes/expand-convolutions.ts';
import { undilateConvolutions } from '../../compiler/passes/undilate-convolutions.ts';
import { verifyGraph } from '../../compiler/graph/verify.ts';
import { tensorOf } from '../ops/sample.ts';
import { CONVOLUTION_SAMPLES } from '../ops/samples-convolution.ts';
import { withGradients } from '../ops/target-cases.ts';
import { expectSameValues } from './same-values.ts';
import { expectLowered } from '../support/run-schedule.ts';

/** A padded 3x3 convolution of x[N, groups, in, side, side], and its derivatives. */
function convolution(
  records: Dimension,
  [groups, channels, out]: readonly [number, number, number],
  side: number,
): Graph {
  const b = new GraphBuilder('convolution');
  const x = b.add('input', [], { name: 'x', storage: 'f32' }, { shape: [records, groups, channels, side, side] }); // prettier-ignore
  const w = b.add('parameter', [], { name: 'w' }, { shape: [groups, out, channels, 3, 3] });
  const ones = [1, 1];
  const y = b.add('conv', [x, w], {
    strides: ones,
    before: ones,
    after: ones,
    inputDilations: ones,
    kernelDilations: ones,
  });
  const loss = sumAll(b, b.add('mul', [y, y], {}));
  b.output('y', y, 'result');
  for (const [name, by] of Object.entries({ x, w }))
    b.output(`d ${name}`, b.add('gradient', [loss, by], {}), 'result');
  return expandGradients(b.finish());
}

const given = (graph: Graph, batch: number) => {
  const tensors = ['x', 'w'].map((name, i) => {
    const node = graph.nodes.find((n) => 'name' in n.attributes && n.attributes.name === name);
    const shape = (node?.type.shape ?? []).map((d) => (typeof d === 'number' ? d : d.times * batch + d.plus));
    return [name, tensorOf(shape, 900 + i)] as const;
  });
  return environment({ batch, inputs: new Map([tensors[0]!]), parameters: new Map([tensors[1]!]) });
};

const products = (graph: Graph): NodeOf<'matmul'>[] => graph.nodes.filter((node) => node.op === 'matmul');
const shapesOf = (graph: Graph): string[] =>
  products(graph).map(({ type }) => type.shape.map(printDimension).join(' '));

describe('convolutions', () => {
  it('become products, with the same values, and keep their name', () => {
    const graph = convolution(2, [1, 3, 5], 8);
    const expanded = expandConvolutions.run(graph);
    verifyGraph(expanded);
    expect(expanded.nodes.some((node) => node.op === 'conv')).toBe(false);
    expect(products(expanded).map(({ origin }) => origin)).toEqual(['conv', 'conv', 'conv']);
    expectSameValues(interpret(expanded, given(graph, 1)), interpret(graph, given(graph, 1)));
  });

  it('are one product a record where the image is wide, one over all records where it is not', () => {
    expect(shapesOf(expandConvolutions.run(convolution(2, [1, 3, 5], 8)))).toEqual(['2 1 5 64', '2 1 3 64', '1 5 27']); // prettier-ignore
    expect(shapesOf(expandConvolutions.run(convolution(7, [1, 3, 5], 3)))).toEqual(['1 5 63', '1 3 63', '1 5 27']); // prettier-ignore
  });

  it.each([1, 3, 4])('run over a batch of any size, here %i', (batch) => {
    for (const side of [3, 8]) {
      const graph = optimizeGraph(convolution(BATCH, [2, 3, 2], side));
      const run = expectLowered(graph, given(graph, batch), { batch: 4, tolerance: 2e-5 });
      expect(run.kernels.filter(({ kind }) => kind === 'conv')).toHaveLength(3);
    }
  });
});

describe('convolutions of a dilated input', () => {
  const dilated = (graph: Graph): NodeOf<'conv'>[] =>
    graph.nodes.filter((node) => node.op === 'conv' && node.attributes.inputDilations.some((d) => d > 1)) as NodeOf<'conv'>[]; // prettier-ignore

  it.each(CONVOLUTION_SAMPLES.conv)('keep their values: $name', (sample) => {
    const graph = expandGradients(withGradients(sample));
    const undilated = undilateConvolutions.run(graph);
    verifyGraph(undilated);
    expectSameValues(interpret(undilated, sample.environment), interpret(graph, sample.environment));
  });

  it('have no zeros to multiply by any more, unless they have strides or a dilated kernel too', () => {
    const before = CONVOLUTION_SAMPLES.conv.flatMap((sample) =>
      dilated(expandGradients(withGradients(sample))),
    );
    const after = CONVOLUTION_SAMPLES.conv.flatMap((sample) =>
      dilated(undilateConvolutions.run(expandGradients(withGradients(sample)))),
    );
    expect(before.length).toBeGreaterThan(after.length);
    for (const { attributes } of after) {
      expect([...attributes.strides, ...attributes.kernelDilations].some((n) => n > 1)).toBe(true);
    }
  });

  it('of 3 by 3 elements, two steps apart, take four ninths of the products', () => {
    const b = new GraphBuilder('upwards');
    const x = b.add('input', [], { name: 'x', storage: 'f32' }, { shape: [2, 1, 3, 8, 8] });
    const w = b.add('parameter', [], { name: 'w' }, { shape: [1, 5, 3, 3, 3] });
    const two = [2, 2];
    const one = [1, 1];
    const y = b.add('conv', [x, w], {
      strides: one,
      before: one,
      after: two,
      inputDilations: two,
      kernelDilations: one,
    });
    b.output('y', y, 'result');
    const graph = b.finish();
    expect(y && b.type(y).shape).toEqual([2, 1, 5, 16, 16]);
    const optimized = optimizeGraph(graph, { observe: (_pass, current) => verifyGraph(current) });
    const [product] = products(optimized);
    // Four phases of five channels, each of 2 by 2 offsets, in place of 3 by 3 at four times the places.
    expect(product?.type.shape).toEqual([2, 1, 20, 64]);
    expect(optimized.nodes[product?.inputs[0] ?? 0]?.type.shape.at(-1)).toBe(12);
    expectLowered(optimized, given(graph, 1), { tolerance: 2e-5 });
  });
});

describe('long products', () => {
  const product = (m: number, k: number, n: number): Graph => {
    const b = new GraphBuilder('product');
    const x = b.add('input', [], { name: 'x', storage: 'f32' }, { shape: [m, k] });
    const w = b.add('parameter', [], { name: 'w' }, { shape: [k, n] });
    b.output('y', b.add('matmul', [x, w], {}), 'result');
    return b.finish();
  };

  it('with few results are done in parts', () => {
    const graph = product(5, 6144, 7);
    const optimized = optimizeGraph(graph, { observe: (_pass, current) => verifyGraph(current) });
    expect(shapesOf(optimized)).toEqual(['12 5 7']);
    expect(optimized.nodes.at(-1)?.op).toBe('reduce_sum');
    expectSameValues(interpret(optimized, given(graph, 1)), interpret(graph, given(graph, 1)));
  });

  it('with many results, short ones, and those of a prime length stay', () => {
    expect(shapesOf(optimizeGraph(product(128, 6144, 128)))).toEqual(['128 128']);
    expect(shapesOf(optimizeGraph(product(5, 1000, 7)))).toEqual(['5 7']);
    expect(shapesOf(optimizeGraph(product(5, 6151, 7)))).toEqual(['5 7']);
  });

  it('over the records of a convolution are cut between records', () => {
    const optimized = optimizeGraph(convolution(64, [1, 2, 3], 12));
    expect(shapesOf(optimized).at(-1)).toBe('16 1 3 18');
  });
});
