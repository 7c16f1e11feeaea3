/** Gradients and passes over a batch of unknown size give at every size what a fixed one gives. */
import { describe, expect, it } from 'vitest';
import { expandGradients } from '../../compiler/autodiff/gradient.ts';
import { GraphBuilder } from '../../compiler/graph/builder.ts';
import { binary, broadcastTo, mean, sumAll, unary, withNumber } from '../../compiler/graph/convenience.ts';
import { addDimensions, BATCH, type Dimension } from '../../compiler/graph/dimension.ts';
import { environment, interpret } from '../../compiler/graph/interpret.ts';
import type { Graph } from '../../compiler/graph/ir.ts';
import { verifyGraph } from '../../compiler/graph/verify.ts';
import { optimizeGraph } from '../../compiler/passes/pipeline.ts';
import { tensorOf } from '../ops/sample.ts';
import { expectSameValues } from '../passes/same-values.ts';
import { grad } from './derive.ts';

/** A look-up, a convolution-like slice, a penalty on a gradient: every kind of view over the batch. */
function penalized(batch: Dimension): Graph {
  const b = new GraphBuilder('penalized');
  const x = b.add('input', [], { name: 'x', storage: 'f32' }, { shape: [batch, 4] });
  const index = b.add('input', [], { name: 'index', storage: 'u32' }, { shape: [batch, 2] });
  const table = b.add('parameter', [], { name: 'table' }, { shape: [5, 4] });
  const w = b.add('parameter', [], { name: 'w' }, { shape: [4, 3] });
  const bias = b.add('parameter', [], { name: 'bias' }, { shape: [3] });
  const rows = b.add('reduce_max', [b.add('take', [table, index], { axis: 0 })], { axes: [1] });
  const mixed = b.add('concat', [binary(b, 'mul', x, rows), b.add('reverse', [rows], { axes: [0, 1] })], {
    axis: 0,
  });
  const both = addDimensions(batch, batch);
  const firsts = b.add('slice', [mixed], { starts: [0, 0], limits: [batch, 4], steps: [1, 1] });
  const lasts = b.add('slice', [mixed], { starts: [batch, 1], limits: [both, 4], steps: [1, 2] });
  const every = b.add('slice', [mixed], { starts: [0, 0], limits: [both, 4], steps: [2, 1] });
  const product = b.add('matmul', [firsts, w], {});
  const h = unary(b, 'tanh', binary(b, 'add', product, broadcastTo(b, bias, b.type(product).shape)));
  const slope = grad(b, sumAll(b, h), x);
  const penalty = mean(b, binary(b, 'mul', slope, slope), [0, 1]);
  const slices = binary(b, 'add', sumAll(b, unary(b, 'sin', lasts)), sumAll(b, unary(b, 'cos', every)));
  const value = binary(b, 'add', mean(b, h, [0, 1]), slices);
  const loss = binary(b, 'add', value, withNumber(b, 'mul', penalty, 10));
  b.output('loss', loss, 'result');
  for (const [name, leaf] of Object.entries({ table, w, bias }))
    b.output(name, grad(b, loss, leaf), 'gradient');
  return b.finish();
}

describe('a batch of unknown size', () => {
  const symbolic = expandGradients(penalized(BATCH));
  verifyGraph(symbolic);
  const optimized = optimizeGraph(symbolic, { observe: (_name, graph) => verifyGraph(graph) });

  it.each([1, 2, 7])('of %i gives what the fixed batch gives', (batch) => {
    const given = environment({
      batch,
      inputs: new Map([
        ['x', tensorOf([batch, 4], batch)],
        ['index', tensorOf([batch, 2], batch + 1, (u) => Math.floor(5 * u), 'u32')],
      ]),
      parameters: new Map([
        ['table', tensorOf([5, 4], 50)],
        ['w', tensorOf([4, 3], 51)],
        ['bias', tensorOf([3], 52)],
      ]),
    });
    const expected = interpret(expandGradients(penalized(batch)), given);
    expect(expected.get('loss')?.data[0]).not.toBe(0);
    expectSameValues(interpret(symbolic, given), expected);
    expectSameValues(interpret(optimized, given), expected);
  });
});
