/** `--memory`: half of the memory, the same losses; and what is said where the limit is too small. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { byteCount } from '../../compiler/cli/flags.ts';
import { compile, CPU_PROFILE, DEFAULT_PROFILE } from '../../compiler/index.ts';
import { encodeNpy } from '../../runtime/data/npy.ts';
import { netc } from '../cli/recording-host.ts';
import { eventsOf, stepsOf } from '../support/events.ts';
import { gpuOrSkip } from '../support/gpu.ts';

const STEPS = 5;
const RECORDS = 32;

const data = (shape: string): string => `data d {
  from train = npy(x = "x.npy", y = "y.npy")
  ${shape}
  y[B] u32
  batch = 16, shuffle = true
}
`;
const train = `train on d {
  steps = ${STEPS}, seed = 4
  step {
    loss = cross_entropy(net(x), y)
    minimize loss with clip_norm(1.0) -> adam(lr = 0.01)
  }
}
`;

const PROGRAMS: Readonly<Record<string, string>> = {
  deep: `${data('x[B, 48]')}
model net: x[B, 48] -> logits[B, 4] {
  x = x -> dense(64)
  blocks: repeat 4 { x = x + (x -> layernorm -> dense(96) -> gelu_tanh -> dropout(0.2) -> batchnorm -> dense(64)) }
  return x -> dense(4)
}
${train}`,
  plain: `${data('x[B, 48]')}
model net: x[B, 48] -> logits[B, 4] {
  x = x -> dense(64)
  blocks: repeat 12 { x = x -> dense(64) -> gelu_tanh -> dropout(0.1) }
  return x -> dense(4)
}
${train}`,
  attention: `${data('x[B, 12, 4]')}
model net: x[B, 12, 4] -> logits[B, 4] {
  x = x -> dense(32) -> positions(12, 32)
  blocks: repeat 4 {
    x = x + (x -> ln1: layernorm -> attention(2, causal = true))
    x = x + (x -> ln2: layernorm -> dense(64) -> gelu_tanh -> dense(32))
  }
  return mean(x, axis = 1) -> dense(4)
}
${train}`,
  recurrent: `${data('x[B, 48, 1]')}
model net: x[B, 48, 1] -> logits[B, 4] {
  h = x -> gru(32)
  return h[:, -1] + mean(h, axis = 1) -> dense(4)
}
${train}`,
};

let folder = '';
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'netc-memory-'));
  const shapes = { deep: [48], plain: [48], attention: [12, 4], recurrent: [48, 1] };
  for (const [name, text] of Object.entries(PROGRAMS)) {
    const inside = path.join(folder, name);
    fs.mkdirSync(inside);
    fs.writeFileSync(path.join(inside, 'program.net'), text);
    const shape = [RECORDS, ...shapes[name as keyof typeof shapes]];
    const length = shape.reduce((n, d) => n * d, 1);
    const x = Float32Array.from({ length }, (_, i) => Math.sin(1 + 12.9898 * i));
    fs.writeFileSync(path.join(inside, 'x.npy'), encodeNpy(shape, 'f32', x));
    const y = Uint32Array.from({ length: RECORDS }, (_, i) => (7 * i) % 4);
    fs.writeFileSync(path.join(inside, 'y.npy'), encodeNpy([RECORDS], 'u32', y));
  }
});
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

const fileOf = (name: string): string => path.join(folder, name, 'program.net');

/** Of the plan that training runs. */
function plannedBytes(name: string, device: 'cpu' | 'gpu', memory?: number): number {
  const { listing } = compile(
    { file: `${name}.net`, text: PROGRAMS[name]! },
    {
      profile: device === 'cpu' ? CPU_PROFILE : DEFAULT_PROFILE,
      predictions: false,
      ...(memory === undefined ? {} : { memory }),
    },
  );
  const pools = listing.buffers.filter(({ role }) => role === 'activations');
  return pools.reduce((sum, { bytes }) => sum + bytes, 0);
}

async function losses(name: string, ...flags: string[]): Promise<number[]> {
  const run = await netc('train', fileOf(name), '--json', '--log-every', '1', ...flags);
  return stepsOf(eventsOf(run)).map((event) => event['loss'] as number);
}

describe.each(['cpu', 'gpu'] as const)('--device %s', (device) => {
  // Kernels of several segments are many to compile for a software adapter.
  const names = device === 'cpu' ? Object.keys(PROGRAMS) : ['plain'];
  for (const name of names)
    it(`${name} trains in half the memory to the same losses`, async (context) => {
      if (device === 'gpu') await gpuOrSkip(context);
      const limit = Math.floor(plannedBytes(name, device) / 2);
      expect(plannedBytes(name, device, limit)).toBeLessThanOrEqual(limit);
      const wanted = await losses(name, '--device', device);
      const found = await losses(name, '--device', device, '--memory', String(limit));
      expect(found).toHaveLength(STEPS);
      found.forEach((loss, i) => expect(Math.abs(loss / wanted[i]! - 1)).toBeLessThan(1e-4));
    });
});

describe('a limit', () => {
  it('changes nothing where the plan fits', () => {
    expect(plannedBytes('plain', 'cpu', 1e9)).toBe(plannedBytes('plain', 'cpu'));
  });

  it('that is too small is refused with the smallest one, which is one', async () => {
    const run = await netc('train', fileOf('plain'), '--device', 'cpu', '--memory', '1.5 kib');
    expect(run.exitCode).toBe(1);
    expect(run.stderr).toContain('error[E0606]');
    expect(run.stderr).toContain('more than the limit of 1536');
    const [, smallest = ''] = /--memory (\d+) is the smallest/.exec(run.stderr) ?? [];
    expect(plannedBytes('plain', 'cpu', Number(smallest))).toBe(Number(smallest));
    expect(() => plannedBytes('plain', 'cpu', Number(smallest) - 1)).toThrow('E0606');
  });

  it.each([
    ['64MB', 64e6],
    ['1GiB', 2 ** 30],
    ['1.5 kib', 1536],
    ['12_000', 12_000],
    ['.5gb', 5e8],
  ])('%s is a size', (text, bytes) => expect(byteCount(text)).toBe(bytes));

  it.each(['lots', '64XB', '-1', '0', ''])('%j is wrong usage', async (text) => {
    const run = await netc('inspect', fileOf('plain'), `--memory=${text}`);
    expect(run.stderr).toContain('error[E0701]');
    expect(run.exitCode).toBe(2);
  });
});
