/** Kernels of convolutions and pooling: what they read, how their loops nest, what they are called. */
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../compiler/graph/builder.ts';
import { environment } from '../../compiler/graph/interpret.ts';
import type { ConvolutionAttributes } from '../../compiler/graph/ir.ts';
import { slidingWindows } from '../../compiler/graph/sliding-windows.ts';
import type { Kernel, Statement } from '../../compiler/kernel/ir.ts';
import { printKernel } from '../../compiler/kernel/print.ts';
import { optimizeGraph } from '../../compiler/passes/pipeline.ts';
import { tensorOf } from '../ops/sample.ts';
import { expectLowered } from '../support/run-schedule.ts';

function kernelOf(
  x: readonly number[],
  w: readonly number[],
  given: Partial<ConvolutionAttributes> = {},
): Kernel {
  const b = new GraphBuilder('kernel');
  const [left, right] = [x, w].map((shape, i) =>
    b.add('parameter', [], { name: 'xw'[i] as string }, { shape }),
  );
  const each = (value: number): number[] => x.slice(3).map(() => value);
  const attributes = { strides: each(1), before: each(1), after: each(1), inputDilations: each(1), kernelDilations: each(1), ...given }; // prettier-ignore
  b.output('y', b.add('conv', [left as number, right as number], attributes), 'result');
  const parameters = new Map([x, w].map((shape, i) => ['xw'[i] as string, tensorOf(shape, 70 + i)]));
  const { kernels } = expectLowered(optimizeGraph(b.finish()), environment({ parameters }), {
    tolerance: 2e-5,
  });
  // The result is a reshaped product: a copy follows where the host reads it.
  return kernels[0] as Kernel;
}

/** The innermost loop, as text. */
function innermost(body: readonly Statement[]): readonly Statement[] {
  const loop = body.find((statement) => statement.kind === 'for');
  return loop?.kind === 'for' ? innermost(loop.body) : body;
}

const textOfLoop = (kernel: Kernel): string =>
  printKernel({ ...kernel, body: innermost(kernel.body) }).split('workgroups')[1] ?? '';

describe('a convolution', () => {
  const kernel = kernelOf([2, 1, 16, 8, 8], [1, 8, 16, 3, 3]);

  it('is called one', () => {
    expect(kernel).toMatchObject({ kind: 'conv', ops: ['conv'], name: 'conv' });
  });

  it('reads the image and the weights where they lie and writes vec4', () => {
    const bindings = kernel.bindings.map(({ tensor, width }) => [tensor.kind, width]);
    expect(bindings).toEqual([['named', 1], ['named', 1], ['value', 4]]); // prettier-ignore
  });

  it('has no division and no comparison in its innermost loop, that over the channels', () => {
    expect(textOfLoop(kernel)).toContain('fma');
    expect(textOfLoop(kernel)).not.toMatch(/ [/%] |<=|min\(/);
  });

  it('runs over the rows of a kernel that is an image itself', () => {
    const large = kernelOf([3, 1, 4, 12, 12], [1, 8, 4, 10, 10]);
    expect(textOfLoop(large)).not.toMatch(/ [/%] /);
  });

  it('of the depth of one channel reads each window once', () => {
    const depthwise = kernelOf([2, 16, 1, 8, 8], [16, 1, 1, 3, 3]);
    const loop = textOfLoop(depthwise);
    // One weight and four neighbouring elements a turn, for four results.
    expect(loop.match(/b\d\[/g)).toHaveLength(5);
    expect(loop.match(/fma/g)).toHaveLength(1);
    expect(depthwise.threads).toEqual([[16], [1], [2, 16]]);
  });

  it('of one element is a plain product', () => {
    const plain = kernelOf([2, 1, 8, 4, 4], [1, 8, 8, 1, 1], { before: [0, 0], after: [0, 0] });
    expect(plain.kind).toBe('conv');
    expect(plain.bindings.map(({ width }) => width)).toEqual([4, 4, 4]);
  });
});

describe('windows side by side', () => {
  const b = new GraphBuilder('windows');
  const x = b.add('parameter', [], { name: 'x' }, { shape: [3, 8, 9] });
  const windows = slidingWindows(b, x, [
    { axis: 1, size: 2, stride: 2, dilation: 1 },
    { axis: 2, size: 1, stride: 4, dilation: 1 },
  ]);

  it('are made without the primitive', () => {
    expect(b.type(windows).shape).toEqual([3, 4, 3, 2, 1]);
    expect(b.nodes.map((node) => node.op)).not.toContain('windows');
    const same = b.add('windows', [x], { axes: [1, 2], sizes: [2, 1], strides: [2, 4], dilations: [1, 1] });
    b.output('short', b.add('neg', [windows], {}), 'result');
    b.output('plain', b.add('neg', [same], {}), 'result');
    const parameters = new Map([['x', tensorOf([3, 8, 9], 5)]]);
    const { tensors } = expectLowered(b.finish(), environment({ parameters }));
    const [short, plain] = b.outputs.map(({ value }) => [...(tensors.get(`value:${value}`) ?? [])]);
    expect(short).toEqual(plain);
    expect(short).toHaveLength(72);
  });
});
