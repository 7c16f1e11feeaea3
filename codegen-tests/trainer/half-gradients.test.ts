/** Gradients of a program in half precision: those of single precision, whatever the scale of the loss. */
import { afterEach, describe, expect, test, type TestContext } from 'vitest';
import { compile } from '../../compiler/index.ts';
import { decodeSafetensors } from '../../runtime/checkpoint/safetensors.ts';
import type { CompiledTrainer } from '../../runtime/trainer/compiled-trainer.ts';
import { trainerOf } from '../../runtime/trainer/create-trainer.ts';
import { uniforms } from '../ops/sample.ts';
import { expectClose } from '../predictor/compiled.ts';
import { halfDeviceOrSkip } from '../support/gpu.ts';

const program = (precision: string, factor: number): string => `data points {
  x[B, 6]
  y[B] u32
  batch = 16
}
model net: x[B, 6] -> logits[B, 3] {
  return x -> hidden: dense(8) -> norm: batchnorm -> relu -> out: dense(3)
}
train on points {
  steps = 10, seed = 3, precision = ${precision}
  step {
    loss = cross_entropy(net(x), y) * ${factor}
    minimize loss with sgd(lr = 0.01)
  }
}
`;

const BATCH = {
  x: Float32Array.from(uniforms(96, 5), (u) => 4 * u - 2),
  y: Uint32Array.from(uniforms(16, 6), (u) => Math.floor(3 * u)),
};

const open: CompiledTrainer[] = [];
afterEach(() => open.splice(0).forEach((trainer) => trainer.dispose()));

async function trainer(
  context: TestContext,
  precision: 'f16' | 'f32',
  factor: number,
): Promise<CompiledTrainer> {
  const device = await halfDeviceOrSkip(context);
  const made = await trainerOf(
    compile({ file: 'points.net', text: program(precision, factor) }).listing,
    device,
  );
  open.push(made);
  return made;
}

async function statesOf(made: CompiledTrainer): Promise<[string, Float32Array][]> {
  const { tensors } = decodeSafetensors(await made.save(), 'weights');
  return tensors.filter(({ name }) => /mean|var/.test(name)).map(({ name, data }) => [name, data]);
}

describe.each([
  ['a loss that the first scale suits', 1],
  ['a loss so large that the scale must fall', 3000],
  ['a loss so small that it needs the scale', 1e-4],
])('%s', (_, factor) => {
  test('gives the gradients of single precision, and moves running statistics once', async (context) => {
    const [half, single] = [await trainer(context, 'f16', factor), await trainer(context, 'f32', factor)];
    const [found, expected] = [await half.gradients(BATCH), await single.gradients(BATCH)];
    expect(Object.keys(found.gradients)).toEqual(Object.keys(expected.gradients));
    for (const [name, values] of Object.entries(expected.gradients)) {
      const scaled = (gradient: Float32Array): Float32Array => gradient.map((value) => value / factor);
      expectClose(scaled(found.gradients[name]!), scaled(values), 2e-3);
    }
    expect(Math.max(...found.gradients['net.out.weight']!.map(Math.abs)) / factor).toBeGreaterThan(0.01);
    expect(found.metrics['loss']! / factor).toBeCloseTo(expected.metrics['loss']! / factor, 2);
    const moved = await statesOf(half);
    expect(moved.length).toBe(2);
    const stepped = await trainer(context, 'f16', factor);
    await stepped.step(BATCH).loss;
    expect(moved).toEqual(await statesOf(stepped));
    // Taken again, now at the scale that was found, they are the same.
    expect((await half.gradients(BATCH)).gradients).toEqual(found.gradients);
  });
});
