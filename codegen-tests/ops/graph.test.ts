/** The graph's builder, shape rules, verifier and printer. */
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../compiler/graph/builder.ts';
import { broadcastTo, full, mean, sumTo, swapLastAxes } from '../../compiler/graph/convenience.ts';
import { BATCH, broadcastShapes, printShape, type Dimension } from '../../compiler/graph/dimension.ts';
import { hostTensor } from '../../compiler/graph/host-tensor.ts';
import { environment, interpret } from '../../compiler/graph/interpret.ts';
import type { DType, Graph, Node } from '../../compiler/graph/ir.ts';
import { printGraph } from '../../compiler/graph/print.ts';
import { verifyGraph } from '../../compiler/graph/verify.ts';
import { tensorOf } from './sample.ts';

function start(): { b: GraphBuilder; leaf: (shape: readonly Dimension[], dtype?: DType) => number } {
  const b = new GraphBuilder('test');
  let count = 0;
  const leaf = (shape: readonly Dimension[], dtype: DType = 'f32') =>
    b.add('input', [], { name: `x${count++}`, storage: dtype === 'bool' || dtype === 'f16' ? 'u32' : dtype }, { shape, dtype });
  return { b, leaf };
} // prettier-ignore

describe('shape rules', () => {
  const shapeOf = (build: (b: GraphBuilder, leaf: ReturnType<typeof start>['leaf']) => number): string => {
    const { b, leaf } = start();
    return printShape(b.type(build(b, leaf)).shape);
  };

  it.each<[string, string, (b: GraphBuilder, leaf: ReturnType<typeof start>['leaf']) => number]>([
    ['reshape', '[B, 784]', (b, leaf) => b.add('reshape', [leaf([BATCH, 28, 28])], {}, { shape: [BATCH, 784] })],
    ['reshape of a product', '[7*B]', (b, leaf) => b.add('reshape', [leaf([BATCH, 7])], {}, { shape: [{ times: 7, plus: 0 }] })],
    ['transpose', '[3, B]', (b, leaf) => swapLastAxes(b, leaf([BATCH, 3]))],
    ['broadcast', '[B, 3]', (b, leaf) => b.add('broadcast', [leaf([1, 3])], {}, { shape: [BATCH, 3] })],
    ['slice to the end', '[B-1]', (b, leaf) => b.add('slice', [leaf([BATCH])], { starts: [1], limits: [BATCH], steps: [1] })],
    ['slice by steps', '[B, 3]', (b, leaf) => b.add('slice', [leaf([BATCH, 5])], { starts: [0, 0], limits: [BATCH, 5], steps: [1, 2] })],
    ['pad', '[2*B+2]', (b, leaf) => b.add('pad', [leaf([BATCH]), b.add('constant', [], { value: 0 })], { before: [1], after: [2], interior: [1] })],
    ['windows', '[B, 2, 3]', (b, leaf) => b.add('windows', [leaf([BATCH, 6])], { axes: [1], sizes: [3], strides: [2], dilations: [1] })],
    ['windows along the batch', '[2*B+1, 2]', (b, leaf) => b.add('windows', [leaf([{ times: 4, plus: 2 }])], { axes: [0], sizes: [2], strides: [2], dilations: [1] })],
    ['diagonal', '[3, B]', (b, leaf) => b.add('diagonal', [leaf([3, BATCH, BATCH])], { first: 1, second: 2 })],
    ['concat', '[2*B+3]', (b, leaf) => b.add('concat', [leaf([BATCH]), leaf([3]), leaf([BATCH])], { axis: 0 })],
    ['reduce', '[5]', (b, leaf) => b.add('reduce_sum', [leaf([BATCH, 3, 5])], { axes: [0, 1] })],
    ['matmul', '[B, 7, 5]', (b, leaf) => b.add('matmul', [leaf([BATCH, 7, 3]), leaf([BATCH, 3, 5])], {})],
    ['take', '[B, 2, 5]', (b, leaf) => b.add('take', [leaf([9, 5]), leaf([BATCH, 2], 'u32')], { axis: 0 })],
    ['mean over the batch', '[3]', (b, leaf) => mean(b, leaf([BATCH, 3]), [0])],
  ])('%s: %s', (_name, expected, build) => {
    expect(shapeOf(build)).toBe(expected);
  }); // prettier-ignore

  it.each<[string, RegExp, (b: GraphBuilder, leaf: ReturnType<typeof start>['leaf']) => number]>([
    ['operands of two shapes', /internal: add of \[3\] and \[1\]/, (b, leaf) => b.add('add', [leaf([3]), leaf([1])], {})],
    ['operands of two dtypes', /internal: add of f32 and u32/, (b, leaf) => b.add('add', [leaf([3]), leaf([3], 'u32')], {})],
    ['exp of integers', /exp of i32/, (b, leaf) => b.add('exp', [leaf([3], 'i32')], {})],
    ['and of numbers', /and of f32/, (b, leaf) => b.add('and', [leaf([3]), leaf([3])], {})],
    ['less than of truths', /lt of bool/, (b, leaf) => b.add('lt', [leaf([3], 'bool'), leaf([3], 'bool')], {})],
    ['inner dimensions', /matmul of \[2, 3\] and \[2, 3\]/, (b, leaf) => b.add('matmul', [leaf([2, 3]), leaf([2, 3])], {})],
    ['an empty axis', /empty axis/, (b, leaf) => b.add('reduce_max', [leaf([0])], { axes: [0] })],
    ['axes out of order', /axes \[1, 0\]/, (b, leaf) => b.add('reduce_sum', [leaf([2, 3])], { axes: [1, 0] })],
    ['a wrong reshape', /reshape of \[B, 3\] to \[B, 4\]/, (b, leaf) => b.add('reshape', [leaf([BATCH, 3])], {}, { shape: [BATCH, 4] })],
    ['a slice past the end', /slice 0:6:1/, (b, leaf) => b.add('slice', [leaf([5])], { starts: [0], limits: [6], steps: [1] })],
    ['a slice that a batch of one does not have', /slice 2:B:1/, (b, leaf) => b.add('slice', [leaf([BATCH])], { starts: [2], limits: [BATCH], steps: [1] })],
    ['a broadcast of three to five', /broadcast of \[3\] to \[5\]/, (b, leaf) => b.add('broadcast', [leaf([3])], {}, { shape: [5] })],
    ['an index that is no u32', /index of f32/, (b, leaf) => b.add('take', [leaf([3]), leaf([3])], { axis: 0 })],
    ['a constant that does not fit', /1.5 does not fit into u32/, (b) => b.add('constant', [], { value: 1.5 }, { dtype: 'u32' })],
    ['a window larger than its axis', /windows of 3 by 1, 2 apart, along 4/, (b, leaf) => b.add('windows', [leaf([4])], { axes: [0], sizes: [3], strides: [1], dilations: [2] })],
    ['a window that not every batch has', /windows of 2 by 1, 1 apart, along B/, (b, leaf) => b.add('windows', [leaf([BATCH])], { axes: [0], sizes: [2], strides: [1], dilations: [1] })],
    ['the diagonal of what is not square', /diagonal of axes 0 and 1 of \[3, 5\]/, (b, leaf) => b.add('diagonal', [leaf([3, 5])], { first: 0, second: 1 })],
    ['too few inputs', /add takes 2 inputs/, (b, leaf) => b.add('add', [leaf([3])], {})],
    ['an unknown input', /no node %7/, (b) => b.add('exp', [7], {})],
  ])('refuses %s', (_name, message, build) => {
    const { b, leaf } = start();
    expect(() => build(b, leaf)).toThrow(message);
  }); // prettier-ignore
});

describe('convenience', () => {
  it('broadcasts as NumPy does, and sums back', () => {
    expect(broadcastShapes([3, 1], [1, 5])).toEqual([3, 5]);
    expect(broadcastShapes([5], [2, 3, 5])).toEqual([2, 3, 5]);
    expect(broadcastShapes([BATCH, 1], [7])).toEqual([BATCH, 7]);
    expect(broadcastShapes([3], [2])).toBeUndefined();
    const { b, leaf } = start();
    const x = leaf([3, 1]);
    const wide = broadcastTo(b, x, [2, 3, 5]);
    b.output('wide', wide, 'result');
    b.output('back', sumTo(b, wide, [3, 1]), 'result');
    const results = interpret(
      b.finish(),
      environment({ inputs: new Map([['x0', hostTensor([3, 1], [1, 2, 3])]]) }),
    );
    expect(results.get('wide')?.shape).toEqual([2, 3, 5]);
    expect([...(results.get('back')?.data ?? [])]).toEqual([10, 20, 30]);
  });

  it('divides a mean by the batch at hand', () => {
    const { b, leaf } = start();
    b.output('m', mean(b, leaf([BATCH, 2]), [0, 1]), 'result');
    const graph = b.finish();
    for (const batch of [1, 3]) {
      const x = tensorOf([batch, 2], batch);
      const found = interpret(graph, environment({ batch, inputs: new Map([['x0', x]]) })).get('m');
      const sum = x.data.reduce((s, v) => s + v, 0);
      expect(found?.data[0]).toBeCloseTo(sum / (2 * batch), 14);
    }
  });
});

describe('interpreter', () => {
  it('follows IEEE 754 where JavaScript does not: powers of one', () => {
    const { b } = start();
    const number = (value: number): number => b.add('constant', [], { value });
    const exponents = [Infinity, NaN, 0];
    exponents.forEach((y, i) => b.output(`y${i}`, b.add('pow', [number(1), number(y)], {}), 'result'));
    b.output('z', b.add('pow', [number(NaN), number(0)], {}), 'result');
    const values = [...interpret(b.finish(), environment()).values()].map(({ data }) => data[0]);
    expect(values).toEqual([1, 1, 1, 1]);
  });

  it('takes NaN for the largest and the smallest index', () => {
    const { b, leaf } = start();
    const x = leaf([2, 3]);
    b.output('max', b.add('argmax', [x], { axis: 1 }), 'result');
    b.output('min', b.add('argmin', [x], { axis: 1 }), 'result');
    b.output('most', b.add('reduce_max', [x], { axes: [1] }), 'result');
    const inputs = new Map([['x0', hostTensor([2, 3], [1, NaN, 3, NaN, NaN, -1])]]);
    const found = interpret(b.finish(), environment({ inputs }));
    expect([...found.values()].map(({ data }) => [...data])).toEqual([
      [1, 0],
      [1, 0],
      [NaN, NaN],
    ]);
  });

  it('says what is missing or of another type', () => {
    const { b, leaf } = start();
    b.output('y', leaf([3]), 'result');
    const graph = b.finish();
    expect(() => interpret(graph, environment())).toThrow(/no input x0/);
    const wrong = new Map([['x0', hostTensor([2], [1, 2])]]);
    expect(() => interpret(graph, environment({ inputs: wrong }))).toThrow(/f32\[2\], not f32\[3\]/);
  });
});

describe('printer', () => {
  it('prints a line a node with name, place and phase', () => {
    const b = new GraphBuilder('mnist');
    const span = { file: 'programs/mnist.net', line: 12, column: 3, endLine: 12, endColumn: 9 };
    const x = b.add('input', [], { name: 'image', storage: 'u8' }, { shape: [BATCH, 4], dtype: 'u32' });
    const w = b.add('parameter', [], { name: 'net.fc.weight' }, { shape: [4, 2] });
    b.source = [span];
    const y = b.add('matmul', [b.add('cast', [x], {}, { dtype: 'f32' }), w], {});
    b.label(y, 'logits');
    b.phase = 'backward';
    const t = swapLastAxes(b, y);
    b.output('t', t, 'result');
    b.output('n', b.add('constant', [], { value: BATCH }), 'result');
    expect(printGraph(b.finish())).toMatchInlineSnapshot(`
      "graph mnist
        %0 = input image storage=u8 : u32[B, 4]
        %1 = parameter net.fc.weight : f32[4, 2]
        %2 = cast %0 : f32[B, 4]  # mnist.net:12
        %3 = matmul %2 %1 : f32[B, 2]  # logits, mnist.net:12
        %4 = transpose %3 permutation=[1, 0] : f32[2, B]  # mnist.net:12, backward
        %5 = constant B : f32[]  # mnist.net:12, backward
        result t = %4
        result n = %5
      "
    `);
  });
});

describe('verifier', () => {
  const { b, leaf } = start();
  const sum = b.add('add', [leaf([3]), leaf([3])], {});
  b.output('y', sum, 'result');
  b.output('z', full(b, 0, [2]), 'result');
  const good = b.finish();
  const broken = (change: Partial<Node>): Graph => ({
    ...good,
    nodes: good.nodes.map((node) => (node.id === sum ? ({ ...node, ...change } as Node) : node)),
  });

  it('accepts what the builder makes', () => {
    expect(() => verifyGraph(good)).not.toThrow();
  });

  it.each<[string, Graph, RegExp]>([
    ['an id that is not the place', broken({ id: 7 }), /carries the id 7/],
    ['an input that comes later', broken({ inputs: [0, 4] }), /%4, which does not come before/],
    ['a missing input', broken({ inputs: [0] }), /takes 2 inputs, not 1 \(%2 = add/],
    ['a wrong shape', broken({ type: { dtype: 'f32', shape: [4] } }), /is f32\[4\], should be f32\[3\]/],
    ['a wrong dtype', broken({ type: { dtype: 'u32', shape: [3] } }), /is u32\[3\]/],
    [
      'an output that does not exist',
      { ...good, outputs: [{ name: 'y', value: 99, role: 'result' }] },
      /%99/,
    ],
    ['an output twice', { ...good, outputs: [...good.outputs, ...good.outputs] }, /two outputs/],
  ])('refuses %s', (_name, graph, message) => {
    expect(() => verifyGraph(graph)).toThrow(message);
  });
});
