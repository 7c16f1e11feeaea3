/**
 * Conventions of convolution and pooling by values worked out on paper, as PyTorch has them; initializers'
 * fans; derivatives of a whole network.
 */
import { describe, expect, it } from 'vitest';
import { array, gradientsOf, listOf, random, valueOf, type Nested } from './calculating.ts';
import { base, elaborateText } from './elaborating.ts';

const image = array([[[[1, 2, 3], [4, 5, 6], [7, 8, 9]]]]); // prettier-ignore
const series = array([[[1, 2, 3, 4, 5, 6]]]);

const ofImage = (expression: string, more: Record<string, Nested> = {}): Nested =>
  listOf(expression, { weights: { x: image, ...arrays(more) } });
const ofSeries = (expression: string, more: Record<string, Nested> = {}): Nested =>
  listOf(expression, { weights: { x: series, ...arrays(more) } });
const arrays = (values: Record<string, Nested>) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, array(value)]));

describe('conv', () => {
  it('does not turn the kernel round', () => {
    expect(ofSeries('conv(x, w)', { w: [[[1, 10]]] })).toEqual([[[21, 32, 43, 54, 65]]]);
    expect(ofImage('conv(x, w)', { w: [[[[1, 0], [0, 10]]]] })).toEqual([[[[51, 62], [84, 95]]]]); // prettier-ignore
  });

  it('takes two numbers as height and width, four as top, left, bottom and right', () => {
    const w = { w: [[[[1]]]] };
    expect(ofImage('conv(x, w, pad = (1, 0))', w)).toEqual([
      [[[0, 0, 0], [1, 2, 3], [4, 5, 6], [7, 8, 9], [0, 0, 0]]],
    ]); // prettier-ignore
    expect(ofImage('conv(x, w, pad = (0, 1, 1, 0))', w)).toEqual([
      [[[0, 1, 2, 3], [0, 4, 5, 6], [0, 7, 8, 9], [0, 0, 0, 0]]],
    ]); // prettier-ignore
    expect(ofImage('conv(x, w, stride = (2, 1))', w)).toEqual([[[[1, 2, 3], [7, 8, 9]]]]); // prettier-ignore
    expect(ofSeries('conv(x, w, pad = (1, 0), stride = 3)', { w: [[[1]]] })).toEqual([[[0, 3, 6]]]);
  });

  it('puts the odd zero of `same` at the end', () => {
    const w = { w: [[[1, 10]]] };
    expect(ofSeries('conv(x, w, pad = same)', w)).toEqual([[[21, 32, 43, 54, 65, 6]]]);
    // ceil(6 / 4) places of a kernel of 3: one zero is missing, at the end.
    expect(ofSeries('conv(x, w, pad = same, stride = 4)', { w: [[[1, 10, 100]]] })).toEqual([[[321, 65]]]);
    // A stride past the kernel needs no zeros.
    expect(ofSeries('conv(x, w, pad = same, stride = 3)', w)).toEqual([[[21, 54]]]);
  });

  it('leaves out between the elements of a dilated kernel', () => {
    expect(ofSeries('conv(x, w, dilation = 3)', { w: [[[1, 10]]] })).toEqual([[[41, 52, 63]]]);
  });

  it('keeps groups apart', () => {
    const x = array([[[1, 2], [10, 20]]]); // prettier-ignore
    const w = array([[[1, 1]], [[1, -1]], [[2, 2]], [[0, 1]]]);
    expect(listOf('conv(x, w, groups = 2)', { weights: { x, w } })).toEqual([[[3], [-1], [60], [20]]]);
  });
});

describe('conv_transpose', () => {
  it('adds a kernel for each element', () => {
    const x = array([[[1, 2]]]);
    const w = array([[[1, 10, 100]]]);
    const of = (options: string) => listOf(`conv_transpose(x, w${options})`, { weights: { x, w } });
    expect(of('')).toEqual([[[1, 12, 120, 200]]]);
    expect(of(', stride = 2')).toEqual([[[1, 10, 102, 20, 200]]]);
    expect(of(', stride = 2, pad = 1')).toEqual([[[10, 102, 20]]]);
    expect(of(', stride = 2, pad = 1, output_pad = 1')).toEqual([[[10, 102, 20, 200]]]);
    expect(of(', dilation = 2')).toEqual([[[1, 2, 10, 20, 100, 200]]]);
    // Padding beyond the kernel cuts into the input.
    expect(of(', pad = 1, stride = 3, dilation = 1, output_pad = 2')).toEqual([[[10, 100, 2, 20, 200, 0]]]);
  });

  it('is the derivative of conv by its input', () => {
    const weights = { x: random([2, 4, 7, 5], 71), w: random([6, 2, 3, 2], 72), g: random([2, 6, 4, 3], 73) };
    const options = 'stride = 2, pad = 1, groups = 2';
    const derivative = valueOf(`grad(sum(conv(x, w, ${options}) * g), x)`, { weights });
    const direct = valueOf(`conv_transpose(g, w, ${options}, output_pad = (0, 1))`, { weights });
    expect(direct.shape).toEqual(derivative.shape);
    direct.data.forEach((value, i) => expect(value).toBeCloseTo(derivative.data[i] ?? NaN, 12));
  });
});

describe('pooling', () => {
  it('drops windows that do not fit', () => {
    expect(ofImage('pool_max(x, 2)')).toEqual([[[[5]]]]);
    expect(ofImage('pool_mean(x, 2)')).toEqual([[[[3]]]]);
    expect(ofSeries('pool_max(x, 4)')).toEqual([[[4]]]);
    expect(ofSeries('pool_max(x, 2, stride = 3)')).toEqual([[[2, 5]]]);
  });

  it('lets no padding win or count', () => {
    expect(listOf('pool_max(-x, 3, stride = 2, pad = 1)', { weights: { x: image } })).toEqual([
      [[[-1, -2], [-4, -5]]],
    ]); // prettier-ignore
    expect(ofImage('pool_mean(x, 3, stride = 2, pad = 1)')).toEqual([[[[3, 4], [6, 7]]]]); // prettier-ignore
    expect(ofSeries('pool_mean(x, 2, stride = 2, pad = (1, 0))')).toEqual([[[1, 2.5, 4.5]]]);
  });

  it('gives the gradient of a tie to the first, where `max` divides it', () => {
    const x = array([[[[1, 7, 7], [7, 7, 2], [0, 0, 0]]]]); // prettier-ignore
    const of = (value: string) => listOf(`grad(sum(${value}), x)`, { weights: { x } });
    expect(of('pool_max(x, 2)')).toEqual([[[[0, 1, 0], [0, 0, 0], [0, 0, 0]]]]); // prettier-ignore
    // The second window of the first row holds 7 7 7 2.
    expect(of('pool_max(x, 2, stride = 1)')).toEqual([[[[0, 2, 0], [1, 1, 0], [0, 0, 0]]]]); // prettier-ignore
    expect(of('max(x)')).toEqual([[[[0, 0.25, 0.25], [0.25, 0.25, 0], [0, 0, 0]]]]); // prettier-ignore
  });
});

describe('fans', () => {
  const fansOf = (model: string, signature: string): unknown[] =>
    elaborateText(base({ model, signature, step: 'loss = sum(net(zeros(B, 4, 8, 8)))', columns: 'x[B]' }))
      .parameters.filter(({ shape }) => shape.length > 1)
      .map(({ initializer }) => initializer);

  it('count the inputs and outputs of one unit, whatever the layout', () => {
    const signature = 'x[B, 4, 8, 8] -> [...]';
    const conv = 'return x -> conv2d(6, (3, 5), groups = 2)';
    expect(fansOf(conv, signature)).toEqual([{ kind: 'he', fanIn: 2 * 15, fanOut: 3 * 15 }]);
    const transposed = 'return x -> conv_transpose2d(6, 3)';
    expect(fansOf(transposed, signature)).toEqual([{ kind: 'he', fanIn: 4 * 9, fanOut: 6 * 9 }]);
    const given = 'return x -> conv2d(6, 3, init = glorot_normal())';
    expect(fansOf(given, signature)).toEqual([{ kind: 'glorot_normal', fanIn: 4 * 9, fanOut: 6 * 9 }]);
  });

  it('are those of the convolution that uses a raw weight', () => {
    const model = 'param W[6, 4, 3, 3] = glorot()\n  return conv(x, W)';
    expect(fansOf(model, 'x[B, 4, 8, 8] -> [...]')).toEqual([{ kind: 'glorot', fanIn: 36, fanOut: 54 }]);
  });
});

describe('a convolutional network', () => {
  const declarations = `model net: x[B, 2, 7, 7] -> y[B, 3] {
  x = x -> conv2d(4, 3, stride = 2, pad = same) -> tanh -> maxpool(3, stride = 1, pad = 1)
  x = x -> conv2d(4, 2, groups = 4, dilation = 2) -> tanh -> conv_transpose2d(2, 2, stride = 2, output_pad = 1)
  return x -> avgpool(2) -> flatten -> tanh -> dense(3)
}`;
  const x = random([2, 2, 7, 7], 81);

  it.each(['train', 'evaluate'] as const)('has first and second derivatives (%s)', (graph) => {
    const body = '    loss = sum(net(x) ^ 2)';
    const reports = gradientsOf({ body, declarations, columns: { x } }, { orders: 2, graph });
    expect(reports.filter((report) => !report.passed)).toEqual([]);
    expect(reports.length).toBe(2 * 8);
  });

  it('has the derivatives of a gradient penalty', () => {
    const body = `    slope = grad(sum(net(x)), x)
    loss = mean((norm(reshape(slope, 2, -1), axis = -1) - 1) ^ 2)`;
    const reports = gradientsOf({ body, declarations, columns: { x } }, { orders: 1 });
    expect(reports.filter((report) => !report.passed)).toEqual([]);
    expect(reports.length).toBeGreaterThan(4);
  });
});
