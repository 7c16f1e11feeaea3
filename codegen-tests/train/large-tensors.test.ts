/** Weights and intermediates larger than one binding: the same losses, within the limits. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { compile, DEFAULT_PROFILE, type Listing, type TargetProfile } from '../../compiler/index.ts';
import type { ProgramDevice } from '../../runtime/create-runner.ts';
import { openCpu } from '../../runtime/cpu/cpu-device.ts';
import type { Dataset } from '../../runtime/data/dataset.ts';
import { dispatchesOf, limitsNeeded } from '../../runtime/device-limits.ts';
import { StepSeries } from '../../runtime/train/step-series.ts';
import { gpuOrSkip } from '../support/gpu.ts';
import { profileOn } from '../support/profiles.ts';
import { sharedOrSkip } from '../support/shared-files.ts';
import { changed } from '../support/changed.ts';

/** 19,200 bytes of embedding, used twice, and 28,800 of logits. */
const TEXT = `data d {
  x[B, 6] u32
  y[B, 6] u32
  batch = 4
}
model net: x[B, T] u32 -> logits[B, T, 300] {
  tok = embedding(300, 16, init = normal(0.3))
  x = x -> tok -> positions(6, 16)
  x = x + (x -> layernorm -> dense(32) -> gelu -> dense(16))
  return (x -> layernorm) @ tok.weight.T
}
train on d {
  steps = 6, seed = 2
  step {
    loss = cross_entropy(net(x), y)
    minimize loss with clip_norm(1.0) -> adamw(lr = 0.01, decay = 0.1, decay_on = "*.weight")
  }
}
`;
const SMALL = { bindingBytes: 16 * 1024, bufferBytes: 32 * 1024 };

const dataset: Dataset = {
  splits: new Map([['train', 16]]),
  copy(_split, field, records, target) {
    const words = new Uint32Array(target.buffer, target.byteOffset, records.length * 6);
    const next = field === 'y' ? 1 : 0;
    records.forEach((record, r) => {
      for (let t = 0; t < 6; t += 1) words[6 * r + t] = (37 * record + 11 * (t + next)) % 300;
    });
  },
};

/** Without what stands between the two uses of the weight: fewer kernels for a software adapter to compile. */
const SHORT = changed(changed(TEXT, / {2}x = x \+ .*\n/, ''), '(x -> layernorm) @', 'x @');

const listingOf = (profile: TargetProfile, text = TEXT): Listing =>
  compile({ file: 'large.net', text }, { profile, predictions: false }).listing;

async function losses(listing: Listing, device: ProgramDevice): Promise<number[]> {
  const series = await StepSeries.create({ listing, device, dataset, seed: 2 });
  try {
    return await series.run(6);
  } finally {
    series.dispose();
  }
}

function expectWithin({ buffers, routines, kernels, optimizer }: Listing, profile: TargetProfile): void {
  const bindings = routines.flatMap(({ commands }) => [...dispatchesOf(commands)].flatMap((d) => d.bindings));
  expect(Math.max(...bindings.map(({ bytes }) => bytes))).toBeLessThanOrEqual(profile.bindingBytes);
  expect(Math.max(...buffers.map(({ bytes }) => bytes))).toBeLessThanOrEqual(profile.bufferBytes);
  expect(Math.max(...kernels.map(({ access }) => access.length))).toBeLessThanOrEqual(
    profile.storageBindings,
  );
  // Moments of the large weight are whole, for checkpoints.
  const names = optimizer.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  const moments = optimizer.filter(({ name }) => name.startsWith('net.tok.weight:'));
  expect(moments).toHaveLength(2);
  for (const { range } of moments) {
    expect(range.bytes).toBe(4 * 300 * 16);
    expect(range.offset + range.bytes).toBeLessThanOrEqual(buffers[range.buffer]!.bytes);
  }
}

const expectClose = (found: readonly number[], wanted: readonly number[]): void => {
  expect(found).toHaveLength(wanted.length);
  found.forEach((loss, i) => expect(Math.abs(loss / wanted[i]! - 1), `step ${i + 1}`).toBeLessThan(1e-5));
  expect(found.at(-1)).toBeLessThan(found[0]!);
};

describe('tensors larger than one binding', () => {
  it.each(['fused', 'unfused'])('on the processor, %s', async (way) => {
    const device = await openCpu({ threads: 1 });
    const whole = profileOn(device);
    const profile = { ...whole, ...SMALL };
    const { listing } = compile({ file: 'large.net', text: TEXT }, { profile, fuse: way === 'fused' });
    expectWithin(listing, profile);
    expectClose(await losses(listing, device), await losses(listingOf(whole), device));
  });

  it('on a WebGPU device', async (context) => {
    const device = await gpuOrSkip(context);
    const profile = { ...DEFAULT_PROFILE, ...SMALL };
    const listing = listingOf(profile, SHORT);
    expectWithin(listing, profile);
    expectClose(await losses(listing, device), await losses(listingOf(DEFAULT_PROFILE, SHORT), device));
  });

  it('are refused by name where they are larger than a buffer', () => {
    const profile = { ...DEFAULT_PROFILE, bindingBytes: 8192, bufferBytes: 16_384 };
    expect(() => listingOf(profile)).toThrow('the weight `net.tok.weight` takes 19200 bytes');
  });

  it('are refused where a kernel would have too many bindings', () => {
    const profile = { ...DEFAULT_PROFILE, ...SMALL, bindingBytes: 4096 };
    expect(() => listingOf(profile)).toThrow(/takes \d+ bindings of 4096 bytes; 8 are allowed/);
  });

  it('GPT-2 is planned within the limits that every device grants', (context) => {
    const file = path.join(sharedOrSkip(context, 'peers'), 'netc/gpt2.net');
    const { listing } = compile({ file, text: fs.readFileSync(file, 'utf8') }, { predictions: false });
    expect(limitsNeeded(listing)).toEqual({});
  });
});
