/** A program that needs float16 on a device without it: an error before anything is made, and exit code 3. */
import { describe, expect, it } from 'vitest';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { exitCodeOf, EXIT } from '../../runtime/report/exit-codes.ts';
import { compile } from '../../compiler/index.ts';
import { checkFeatures } from '../../runtime/device-features.ts';
import { encodeNpy } from '../../runtime/data/npy.ts';
import { openNullDevice } from '../../runtime/device.ts';
import { Program } from '../../runtime/program.ts';
import { netc } from '../cli/recording-host.ts';
import { failureOf } from '../support/failure.ts';

const program = (precision: string): string => `data d {
  x[B, 4]
  label[B] u32
  batch = 8
}
model net: x[B, 4] -> logits[B, 3] { return x -> dense(8) -> relu -> dense(3) }
train on d {
  steps = 1, precision = ${precision}
  step {
    loss = cross_entropy(net(x), label)
    minimize loss with adam()
  }
}
`;
/** The same with data beside it. */
const fed = (precision: string): string =>
  program(precision).replace('  x[B, 4]', '  from train = npy(x = "x.npy", label = "label.npy")\n  x[B, 4]');
const listing = (precision: string) => compile({ file: 'p.net', text: program(precision) }).listing;

describe('features of a listing', () => {
  it('are named only where a kernel needs them', () => {
    expect(listing('f16').features).toEqual(['shader-f16']);
    expect(listing('f32').features).toBeUndefined();
    expect(listing('f32').kernels.some(({ code }) => code.includes('f16'))).toBe(false);
  });

  it('are what a device must have', () => {
    const none = { name: 'Some GPU', features: ['timestamp-query'] };
    expect(() => checkFeatures(listing('f16'), none)).toThrowErrorMatchingInlineSnapshot(
      `[RuntimeFailure: E0601: Some GPU has no float16 (shader-f16), which the program needs]`,
    );
    expect(() => checkFeatures(listing('f16'), { ...none, features: ['shader-f16'] })).not.toThrow();
    expect(() => checkFeatures(listing('f32'), none)).not.toThrow();
  });

  it('keep a program from a device that was opened without them', async () => {
    const device = await openNullDevice();
    const { diagnostic: failure } = await failureOf(Program.create(listing('f16'), device));
    expect(failure.code).toBe('E0601');
    expect(exitCodeOf([failure])).toBe(EXIT.noDevice);
    device.close();
  });

  it('keep it from the CPU, with the place that needs them', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'netc-features-'));
    const file = path.join(folder, 'p.net');
    fs.writeFileSync(file, fed('f16'));
    fs.writeFileSync(path.join(folder, 'x.npy'), encodeNpy([16, 4], 'f32', new Float32Array(64)));
    fs.writeFileSync(path.join(folder, 'label.npy'), encodeNpy([16], 'u32', new Uint32Array(16)));
    const run = await netc('train', file, '--device', 'cpu');
    expect(run.exitCode).toBe(EXIT.noDevice);
    expect(run.stderr.replaceAll(folder, 'FOLDER')).toMatchInlineSnapshot(`
      "error[E0601]: the CPU has no float16, which the program needs
        --> FOLDER/p.net:7:50
         |
       7 | model net: x[B, 4] -> logits[B, 3] { return x -> dense(8) -> relu -> dense(3) }
         |                                                  ^^^^^^^^
         = help: write \`precision = f32\` and no tensors of f16, or run it with --device gpu (netc doctor lists the adapters)

      "
    `);
    fs.writeFileSync(file, fed('f32'));
    expect((await netc('train', file, '--device', 'cpu')).exitCode).toBe(EXIT.done);
    fs.rmSync(folder, { recursive: true });
  });
});
