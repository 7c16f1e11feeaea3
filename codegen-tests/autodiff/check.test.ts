/** The gradient check itself: passes what is right, finds what is wrong, is not misled by kinks. */
import { describe, expect, it } from 'vitest';
import { checkGradients } from '../../compiler/autodiff/check.ts';
import { compareWithDifferences } from '../../compiler/autodiff/differences.ts';
import { GraphBuilder } from '../../compiler/graph/builder.ts';
import {
  binary,
  broadcastTo,
  castTo,
  constantLike,
  keepAxes,
  mean,
  sumAll,
  unary,
  withNumber,
} from '../../compiler/graph/convenience.ts';
import { hostTensor } from '../../compiler/graph/host-tensor.ts';
import { environment } from '../../compiler/graph/interpret.ts';
import type { Graph } from '../../compiler/graph/ir.ts';
import { tensorOf } from '../ops/sample.ts';
import { grad } from './derive.ts';

const parameter = (b: GraphBuilder, name: string, shape: number[]): number =>
  b.add('parameter', [], { name }, { shape });

/** Mean cross-entropy of a network of two dense layers, the way std.net composes it. */
function classifier(): Graph {
  const b = new GraphBuilder('classifier');
  const x = b.add('input', [], { name: 'x', storage: 'f32' }, { shape: [7, 5] });
  const label = b.add('input', [], { name: 'label', storage: 'u32' }, { shape: [7] });
  const dense = (input: number, name: string, units: number): number => {
    const [rows, inputs] = b.type(input).shape as [number, number];
    const product = b.add('matmul', [input, parameter(b, `${name}.weight`, [inputs, units])], {});
    const bias = parameter(b, `${name}.bias`, [units]);
    return binary(b, 'add', product, broadcastTo(b, bias, [rows, units]));
  };
  const hidden = dense(x, 'fc1', 19);
  const logits = dense(binary(b, 'max', hidden, constantLike(b, hidden, 0)), 'fc2', 3);
  const largest = b.add('reduce_max', [logits], { axes: [1] });
  const spread = (value: number): number => broadcastTo(b, keepAxes(b, value, [7, 3], [1]), [7, 3]);
  const shifted = binary(b, 'sub', logits, spread(largest));
  const sums = b.add('reduce_sum', [unary(b, 'exp', shifted)], { axes: [1] });
  const logp = binary(b, 'sub', shifted, spread(unary(b, 'log', sums)));
  const classes = b.add('iota', [], { axis: 1 }, { shape: [7, 3] });
  const isLabel = binary(b, 'eq', spread(label), classes);
  const picked = binary(b, 'mul', logp, castTo(b, isLabel, 'f32'));
  b.output('loss', unary(b, 'neg', mean(b, b.add('reduce_sum', [picked], { axes: [1] }), [0])), 'result');
  return b.finish();
}

const values = environment({
  inputs: new Map([
    ['x', tensorOf([7, 5], 1)],
    ['label', tensorOf([7], 2, (u) => Math.floor(3 * u), 'u32')],
  ]),
  parameters: new Map([
    ['fc1.weight', tensorOf([5, 19], 3)],
    ['fc1.bias', tensorOf([19], 4)],
    ['fc2.weight', tensorOf([19, 3], 5)],
    ['fc2.bias', tensorOf([3], 6)],
  ]),
});

describe('a classifier', () => {
  it('passes in both orders for every parameter', () => {
    const reports = checkGradients({ graph: classifier(), output: 'loss', environment: values });
    expect(reports.map(({ name, order }) => `${name} ${order}`)).toEqual([
      'fc1.weight 1',
      'fc1.weight 2',
      'fc1.bias 1',
      'fc1.bias 2',
      'fc2.weight 1',
      'fc2.weight 2',
      'fc2.bias 1',
      'fc2.bias 2',
    ]);
    for (const report of reports) {
      expect(report, JSON.stringify(report)).toMatchObject({ passed: true, kinks: 0 });
      expect(report.entries).toBe(report.name === 'fc2.bias' ? 3 : 16);
      expect(report.worst).toBeGreaterThan(0);
    }
  });

  it('takes the same entries every time', () => {
    const check = {
      graph: classifier(),
      output: 'loss',
      environment: values,
      entries: 5,
      orders: 1,
    } as const;
    expect(checkGradients(check)).toEqual(checkGradients(check));
  });
});

describe('kinks and what is held still', () => {
  const scalarGraph = (build: (b: GraphBuilder, x: number) => number, size: number): Graph => {
    const b = new GraphBuilder('kinks');
    b.output('y', sumAll(b, build(b, parameter(b, 'x', [size]))), 'result');
    return b.finish();
  };
  const at = (data: number[]) =>
    environment({ parameters: new Map([['x', hostTensor([data.length], data)]]) });

  it('leaves out entries at a kink', () => {
    const graph = scalarGraph((b, x) => {
      const zero = constantLike(b, x, 0);
      return b.add('select', [binary(b, 'gt', x, zero), x, zero], {});
    }, 3);
    const [first] = checkGradients({ graph, output: 'y', environment: at([0, 1, -1e-4]) });
    expect(first).toMatchObject({ passed: true, kinks: 1, entries: 2 });
  });

  it('holds detached values still, as the gradient does', () => {
    const graph = scalarGraph((b, x) => binary(b, 'mul', x, b.add('detach', [unary(b, 'exp', x)], {})), 2);
    const reports = checkGradients({ graph, output: 'y', environment: at([0.5, -1]) });
    expect(reports.map(({ passed }) => passed)).toEqual([true, true]);
  });

  it('checks a loss that holds gradients itself', () => {
    const graph = scalarGraph((b, x) => {
      const slope = grad(b, unary(b, 'sin', x), x);
      return binary(b, 'mul', slope, withNumber(b, 'add', slope, 1));
    }, 3);
    const reports = checkGradients({ graph, output: 'y', environment: at([0.5, -1, 2]) });
    expect(reports.map(({ passed }) => passed)).toEqual([true, true]);
  });
});

describe('differences', () => {
  const options = { tolerance: 1e-6, floor: 1e-8, scale: 1 };

  it('agree with the derivative of a smooth function', () => {
    const found = compareWithDifferences((h) => Math.exp(1 + h), { ...options, analytic: Math.E });
    expect(found.kind).toBe('agrees');
  });

  it.each([0, 1.001 * Math.E, -Math.E, NaN, Infinity])('differ from %f', (analytic) => {
    const found = compareWithDifferences((h) => Math.exp(1 + h), { ...options, analytic });
    expect(found.kind).toBe('differs');
    if (found.kind === 'differs') expect(found.error < 1e-4).toBe(false);
  });

  it('find a kink and a jump at the point, and step between kinks beside it', () => {
    expect(compareWithDifferences((h) => Math.max(h, 0), { ...options, analytic: 0.25 }).kind).toBe('kink');
    expect(compareWithDifferences((h) => Math.floor(h), { ...options, analytic: 0 }).kind).toBe('kink');
    const beside = compareWithDifferences((h) => Math.abs(h + 1e-5), { ...options, analytic: 1 });
    expect(beside.kind).toBe('agrees');
  });
});
