/** Graphs that only predict: affine steps go into weights, and what depends on weights alone is told apart. */
import { describe, expect, it, test } from 'vitest';
import { GraphBuilder } from '../../compiler/graph/builder.ts';
import {
  binary,
  broadcastTo,
  castTo,
  constantLike,
  full,
  reshapeTo,
  unary,
} from '../../compiler/graph/convenience.ts';
import { BATCH, type Dimension } from '../../compiler/graph/dimension.ts';
import type { HostTensor } from '../../compiler/graph/host-tensor.ts';
import { environment, interpret } from '../../compiler/graph/interpret.ts';
import type { Environment } from '../../compiler/graph/op-row.ts';
import type { BinaryOp, Graph, OpName } from '../../compiler/graph/ir.ts';
import { verifyGraph } from '../../compiler/graph/verify.ts';
import { foldAffines } from '../../compiler/passes/fold-affines.ts';
import { optimizeInference } from '../../compiler/passes/pipeline.ts';
import { removeUnused } from '../../compiler/passes/remove-unused.ts';
import { splitPrepared } from '../../compiler/passes/split-prepared.ts';
import { tensorOf } from '../ops/sample.ts';
import { expectSameValues } from './same-values.ts';

const RECORDS = 3;

class Net {
  readonly b = new GraphBuilder('net');
  readonly parameters = new Map<string, HostTensor>();
  readonly states = new Map<string, HostTensor>();
  readonly inputs = new Map<string, HostTensor>();

  input(shape: readonly Dimension[]): number {
    const sizes = shape.map((size) => (typeof size === 'number' ? size : RECORDS));
    this.inputs.set('x', tensorOf(sizes, 1));
    return this.b.add('input', [], { name: 'x', storage: 'f32' }, { shape, dtype: 'f32' });
  }

  weight(name: string, shape: number[]): number {
    this.parameters.set(name, tensorOf(shape, 2 + this.parameters.size));
    return this.b.add('parameter', [], { name }, { shape });
  }

  state(name: string, shape: number[]): number {
    this.states.set(name, tensorOf(shape, 50 + this.states.size));
    return this.b.add('state', [], { name }, { shape });
  }

  /** `x op value`, broadcast from a shape of the same rank. */
  apply(op: BinaryOp, x: number, value: number, turned = false): number {
    const { shape } = this.b.type(x);
    const other = broadcastTo(this.b, value, shape);
    return turned ? binary(this.b, op, other, x) : binary(this.b, op, x, other);
  }

  finish(y: number): Graph {
    this.b.output('y', y, 'result');
    return this.b.finish();
  }

  get environment(): Environment {
    const { parameters, states, inputs } = this;
    return environment({ batch: RECORDS, parameters, states, inputs });
  }
}

const countOf = (graph: Graph, ...ops: OpName[]): number =>
  graph.nodes.filter(({ op }) => ops.includes(op)).length;

/** Runs both halves, the first once. */
function interpretSplit(graph: Graph, given: Environment): Map<string, HostTensor> {
  const { prepare, predict } = splitPrepared(graph, 'prepared', 1e9);
  const prepared = prepare ? interpret(prepare, given) : new Map<string, HostTensor>();
  return interpret(predict, { ...given, states: new Map([...given.states, ...prepared]) });
}

/** Only what varies is left beside leaves and views. */
const arithmetic: OpName[] = ['mul', 'div', 'sub', 'add', 'neg', 'rsqrt', 'exp'];

describe('folding', () => {
  const dense = (net: Net, units = 4): number =>
    net.b.add('matmul', [net.input([BATCH, 5]), net.weight('w', [5, units])], {});

  const cases: Record<string, (net: Net) => number> = {
    'a factor behind a dense layer': (net) => net.apply('mul', dense(net), net.weight('s', [1, 4])),
    'a batch normalization behind a bias': (net) => {
      const x = net.apply('add', dense(net), net.weight('bias', [1, 4]));
      const centred = net.apply('sub', reshapeTo(net.b, x, [BATCH, 4, 1]), net.state('mean', [1, 4, 1]));
      const scaled = net.apply('mul', centred, net.weight('s', [1, 4, 1]));
      return reshapeTo(net.b, net.apply('add', scaled, net.weight('t', [1, 4, 1])), [BATCH, 4]);
    },
    'a quotient, a difference the other way round and a sign': (net) => {
      const x = net.apply('div', dense(net), net.weight('s', [1, 4]));
      const turned = net.apply('sub', x, net.weight('t', [1, 4]), true);
      return net.apply('sub', unary(net.b, 'neg', turned), net.weight('u', [1, 4]));
    },
    'one number for all channels': (net) => net.apply('mul', dense(net), net.weight('s', [1, 1])),
    'weights on the left': (net) => {
      const x = reshapeTo(net.b, net.input([5, 3]), [5, 3]);
      const y = net.b.add('matmul', [net.weight('w', [4, 5]), x], {});
      return net.apply('add', net.apply('mul', y, net.weight('s', [4, 1])), net.weight('t', [4, 1]));
    },
    'a convolution in groups': (net) => {
      const { b } = net;
      const x = net.input([BATCH, 2, 3, 5, 5]);
      const w = net.weight('w', [2, 2, 3, 3, 3]);
      const pair = (n: number): number[] => [n, n];
      const y = b.add('conv', [x, w], {
        strides: pair(2),
        before: pair(1),
        after: pair(1),
        inputDilations: pair(1),
        kernelDilations: pair(1),
      });
      const flat = reshapeTo(b, y, [BATCH, 4, 9]);
      const scaled = net.apply('mul', flat, net.weight('s', [1, 4, 1]));
      return net.apply('add', scaled, net.weight('t', [1, 4, 1]));
    },
  };

  test.each(Object.entries(cases))('takes %s into the weights', (_, build) => {
    const net = new Net();
    const graph = net.finish(build(net));
    const optimized = optimizeInference(graph);
    verifyGraph(optimized);
    const { predict } = splitPrepared(optimized, 'prepared', 1e9);
    expect(countOf(predict, ...arithmetic)).toBeLessThanOrEqual(1);
    expect(countOf(predict, 'add')).toBe(countOf(predict, ...arithmetic));
    expectSameValues(interpret(optimized, net.environment), interpret(graph, net.environment));
    expectSameValues(interpretSplit(optimized, net.environment), interpret(graph, net.environment));
  });

  test('leaves half precision in the weights as it is, behind them one factor and one sum', () => {
    const net = new Net();
    const { b } = net;
    const w = castTo(b, net.weight('w', [5, 4]), 'f16');
    const product = b.add('matmul', [castTo(b, net.input([BATCH, 5]), 'f16'), w], {}, { shape: [BATCH, 4], dtype: 'f32' }); // prettier-ignore
    const centred = net.apply('sub', net.apply('add', product, net.weight('bias', [1, 4])), net.state('mean', [1, 4])); // prettier-ignore
    // So small a factor would leave a weight in half precision few digits.
    const tiny = full(b, 1e-7, [1, 4], 'f32');
    const scaled = net.apply('mul', centred, binary(b, 'mul', net.weight('s', [1, 4]), tiny));
    const graph = net.finish(net.apply('add', scaled, net.weight('t', [1, 4])));
    const optimized = optimizeInference(graph);
    verifyGraph(optimized);
    const { predict } = splitPrepared(optimized, 'prepared', 1e9);
    expect([countOf(predict, ...arithmetic), countOf(predict, 'mul'), countOf(predict, 'add')]).toEqual([2, 1, 1]); // prettier-ignore
    expectSameValues(interpretSplit(optimized, net.environment), interpret(graph, net.environment));
  });

  const refused: Record<string, (net: Net) => number> = {
    'is read before its factor as well': (net) => {
      const y = dense(net);
      return binary(net.b, 'add', net.apply('mul', y, net.weight('s', [1, 4])), y);
    },
    'is scaled by record, not by channel': (net) => {
      const y = net.b.add('matmul', [net.input([3, 5]), net.weight('w', [5, 4])], {});
      return net.apply('mul', y, net.weight('s', [3, 1]));
    },
    'is divided through, not divided': (net) => net.apply('div', dense(net), net.weight('s', [1, 4]), true),
    'is scaled by something that varies': (net) => {
      const y = dense(net);
      return binary(net.b, 'mul', y, unary(net.b, 'exp', y));
    },
    'has a bias alone': (net) => net.apply('add', dense(net), net.weight('bias', [1, 4])),
    'is merged with another axis first': (net) => {
      const y = net.b.add('matmul', [net.input([BATCH, 2, 5]), broadcastTo(net.b, net.weight('w', [5, 4]), [BATCH, 5, 4])], {}); // prettier-ignore
      return net.apply('mul', reshapeTo(net.b, y, [BATCH, 8]), net.weight('s', [1, 8]));
    },
  };

  test.each(Object.entries(refused))('leaves a product alone that %s', (_, build) => {
    const net = new Net();
    const graph = removeUnused.run(net.finish(build(net)));
    const folded = removeUnused.run(foldAffines.run(graph));
    expect(folded.nodes.map(({ op }) => op)).toEqual(graph.nodes.map(({ op }) => op));
    expectSameValues(interpret(folded, net.environment), interpret(graph, net.environment));
  });
});

describe('splitting', () => {
  it('leaves views of weights where they are read, and keeps nothing for them', () => {
    const net = new Net();
    const w = net.b.add('transpose', [net.weight('w', [4, 5])], { permutation: [1, 0] });
    const graph = net.finish(net.b.add('matmul', [net.input([BATCH, 5]), w], {}));
    const { prepare, predict, tensors } = splitPrepared(graph, 'prepared', 1e9);
    expect([prepare, tensors]).toEqual([undefined, []]);
    expect(predict).toBe(graph);
  });

  it('keeps a value once, below the views that others read it by', () => {
    const net = new Net();
    const scale = unary(net.b, 'exp', net.weight('s', [4]));
    const x = net.apply('mul', net.input([BATCH, 4]), scale);
    const y = net.apply('add', x, scale);
    const { prepare, predict, tensors } = splitPrepared(net.finish(y), 'net.prepare', 1e9);
    expect(tensors).toEqual([{ name: 'net.prepare.0', type: { dtype: 'f32', shape: [4] } }]);
    expect(prepare?.outputs).toEqual([{ name: 'net.prepare.0', value: 1, role: 'state' }]);
    expect(countOf(predict, 'exp', 'parameter')).toBe(0);
  });

  it('keeps no value that is larger than allowed, but what it is made of', () => {
    const net = new Net();
    const [a, c] = [net.weight('a', [8, 1]), net.weight('c', [1, 8])];
    const [p, q] = [unary(net.b, 'exp', a), unary(net.b, 'exp', c)];
    const outer = binary(net.b, 'mul', broadcastTo(net.b, p, [8, 8]), broadcastTo(net.b, q, [8, 8]));
    const graph = net.finish(net.b.add('matmul', [net.input([BATCH, 8]), outer], {}));
    expect(splitPrepared(graph, 'p', 256).tensors.map(({ type }) => type.shape)).toEqual([[8, 8]]);
    expect(splitPrepared(graph, 'p', 255).tensors.map(({ type }) => type.shape)).toEqual([[8, 1], [1, 8]]); // prettier-ignore
  });

  it('takes numbers, random bits and what depends on the batch for no weights', () => {
    const net = new Net();
    const { b } = net;
    const bits = b.add('random_bits', [], { stream: 1 }, { shape: [4] });
    const noise = b.add('cast', [bits], {}, { dtype: 'f32' });
    const w = net.weight('w', [4]);
    const noisy = binary(b, 'add', w, noise);
    const size = binary(b, 'div', w, constantLike(b, w, BATCH));
    const ones = unary(b, 'exp', constantLike(b, w, 1));
    const sum = [noisy, size, ones].reduce((x, each) => net.apply('add', x, each), net.input([BATCH, 4]));
    expect(splitPrepared(net.finish(sum), 'p', 1e9).tensors).toEqual([]);
  });
});
