/**
 * Training with `precision = f16`: the losses of PyTorch in f32 within what f16 can hold, the accuracy of f32, the
 * loss scale finding its size without touching the weights meanwhile, and every shader through the compiler.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { compile } from '../../compiler/index.ts';
import { Program } from '../../runtime/program.ts';
import type { Listing, StoredTensor } from '../../runtime/plan-format.ts';
import { initialWeights, writeWeights } from '../../runtime/train/weights.ts';
import { netc } from '../cli/recording-host.ts';
import { eventsOf, lastEvaluation, stepsOf } from '../support/events.ts';
import { halfDeviceOrSkip, layoutOf, validateWgsl } from '../support/gpu.ts';
import { sharedOrSkip } from '../support/shared-files.ts';
import { changed } from '../support/changed.ts';
import { EXAMPLE_FILES, EXAMPLES } from '../support/examples.ts';

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'netc-half-'));
afterAll(() => fs.rmSync(scratch, { recursive: true, force: true }));

/** The program of a file with `precision = f16` among its settings. */
function halved(file: string): string {
  const text = fs.readFileSync(file, 'utf8');
  const changed = text.replace(/^train (.*)\{$/m, 'train $1{\n  precision = f16');
  expect(changed).not.toBe(text);
  return changed;
}

/** Its folder beside the original, so that its data is found. */
async function train(file: string, ...flags: string[]): Promise<ReturnType<typeof eventsOf>> {
  const program = path.join(scratch, path.basename(file));
  fs.writeFileSync(program, halved(file));
  return eventsOf(await netc('train', program, '--device', 'gpu', '--json', ...flags));
}

describe('precision = f16', () => {
  it('follows the losses of PyTorch in f32', async (context) => {
    const folder = sharedOrSkip(context, 'parity/mlp');
    await halfDeviceOrSkip(context);
    const expected = JSON.parse(fs.readFileSync(path.join(folder, 'expected.json'), 'utf8')) as {
      losses: { step: number; loss: number }[];
    };
    const events = await train(
      path.join(folder, 'mlp.net'),
      ...['--data', folder, '--init', path.join(folder, 'init.safetensors'), '--log-every', '1'],
    );
    const losses = stepsOf(events).map((e) => e['loss'] as number);
    expect(losses).toHaveLength(expected.losses.length);
    // Before anything has moved: three products of operands rounded by 2^-11 each, errors of either sign.
    expect(Math.abs(losses[0]! - expected.losses[0]!.loss)).toBeLessThan(3 * 2 ** -11 * losses[0]!);
    // Then adam turns roundings of small gradients into steps of its own size: 1 % of the first loss.
    expected.losses.forEach(({ step, loss }, i) =>
      expect(Math.abs(losses[i]! - loss), `step ${step}`).toBeLessThan(0.01 * expected.losses[0]!.loss),
    );
  });

  it('glyphs reaches the accuracy of f32', async (context) => {
    await halfDeviceOrSkip(context);
    const events = await train(path.join(EXAMPLES, 'glyphs.net'), '--data', EXAMPLES);
    expect(lastEvaluation(events, 'test')['accuracy']).toBeGreaterThanOrEqual(0.97);
  });

  it.for(['glyphs-autoencoder.net', 'glyphs-gradient-penalty.net', 'glyphs-residual.net'])(
    '%s: the loss falls',
    async (file, context) => {
      await halfDeviceOrSkip(context);
      const flags = ['--data', EXAMPLES, '--steps', '40', '--log-every', '1'];
      const losses = stepsOf(await train(path.join(EXAMPLES, file), ...flags)).map(
        (e) => e['loss'] as number,
      );
      const mean = (list: number[]): number => list.reduce((a, b) => a + b, 0) / list.length;
      expect(mean(losses.slice(-5))).toBeLessThan(mean(losses.slice(0, 5)));
    },
  );

  it('gives the same bits for the same seed', async (context) => {
    await halfDeviceOrSkip(context);
    const flags = ['--data', EXAMPLES, '--steps', '5', '--log-every', '1'];
    const losses = async () =>
      stepsOf(await train(path.join(EXAMPLES, 'glyphs.net'), ...flags)).map((e) => e['loss']);
    expect(await losses()).toEqual(await losses());
  });
});

/** A loss whose gradient is 1,000 by every output: times 65,536 it is beyond f16, times 32 it is not. */
const STEEP = `data d {
  x[B, 4]
  batch = 8
}
model net: x[B, 4] -> y[B, 4] { return x -> dense(8, bias = false) -> tanh -> dense(4, bias = false) }
train on d {
  steps = 20, precision = f16, accumulate = ACCUMULATE
  step {
    loss = 1000 * sum(net(x))
    minimize loss with clip_norm(1.0) -> adam(lr = 0.01)
  }
}
`;

describe.for([1, 3])('a loss scale that is too large, accumulate = %i', (accumulate) => {
  it('is halved until it fits, and nothing moves before', async (context) => {
    const device = await halfDeviceOrSkip(context);
    const text = changed(STEEP, 'ACCUMULATE', String(accumulate));
    const { listing } = compile({ file: 'steep.net', text });
    const runner = await Program.create(listing, device);
    writeWeights(runner, listing, initialWeights(listing, 1));
    const moved = [...listing.parameters, ...listing.optimizer.filter(({ name }) => name.includes(':'))];
    const scaleOf = (): StoredTensor => listing.optimizer.find(({ name }) => name === 'loss_scale:0')!;
    const read = async () => {
      const values = await runner.readTensors(moved);
      const scale = values.get('loss_scale:0')![0]!;
      return { scale, values: new Map([...values].filter(([name]) => !name.startsWith('loss_scale'))) };
    };
    expect(scaleOf().shape).toEqual([]);
    let before = await read();
    let skipped = 0;
    for (let step = 0; step < 14; step++) {
      const loss = await runStep(runner, listing, accumulate, step);
      expect(Number.isFinite(loss)).toBe(true);
      const after = await read();
      if (after.scale < (before.scale || 65_536)) {
        expect(after.scale).toBe((before.scale || 65_536) / 2);
        expect(after.values).toEqual(before.values);
        skipped += 1;
      } else {
        expect(after.scale).toBe(before.scale);
        expect(after.values).not.toEqual(before.values);
      }
      before = after;
    }
    // 65,536 is the largest f16 in powers of two; the gradient by an output is 1,000 / accumulate at the most.
    expect(skipped).toBeGreaterThanOrEqual(9);
    expect(before.scale).toBeGreaterThanOrEqual(8);
    for (const values of before.values.values()) expect(values.every(Number.isFinite)).toBe(true);
    runner.dispose();
  });
});

/** One step of the program, its batches all ones; the loss of the last. */
async function runStep(runner: Program, listing: Listing, accumulate: number, step: number): Promise<number> {
  const spec = listing.steps[0]!;
  const scalars = Float64Array.from(listing.uniform.scalars, ({ formula }) =>
    formula.kind === 'bias_correction' ? 1 - formula.beta ** (step + 1) : 0.01,
  );
  let loss = NaN;
  for (let part = 0; part < accumulate; part++) {
    const routines = [spec.gradient];
    if (spec.accumulate !== undefined) routines.push(spec.accumulate);
    if (part === accumulate - 1) routines.push(spec.update!);
    const outputs = await runner
      .run({
        routines,
        batch: 8,
        uniform: { seed: 1, draw: step, scalars },
        inputs: new Map([['x', new Uint8Array(new Float32Array(32).fill(1).buffer)]]),
        read: spec.gradient,
        ...(part === 0 && spec.accumulate !== undefined ? { clear: ['accumulators'] as const } : {}),
      })
      .outputs();
    loss = outputs.get('loss')![0]!;
  }
  return loss;
}

describe('shaders of f16', () => {
  it.each(EXAMPLE_FILES)('of %s compile, fused or not', async (file) => {
    for (const fuse of [true, false]) {
      const { listing } = compile({ file, text: halved(path.join(EXAMPLES, file)) }, { fuse });
      expect(listing.features).toEqual(['shader-f16']);
      for (const kernel of listing.kernels)
        expect(await validateWgsl(kernel.code, layoutOf(kernel)), kernel.name).toEqual([]);
    }
  });
});
