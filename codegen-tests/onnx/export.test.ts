/** `netc export --onnx`: another runtime computes what `netc predict` does. */
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { netc } from '../cli/recording-host.ts';
import { expectClose, expectedOutputs } from '../predictor/compiled.ts';
import { deploy, PROGRAMS, RECORDS, SHARED_PROGRAMS } from '../predictor/programs.ts';
import { sharedOrSkip } from '../support/shared-files.ts';
import { emptyFolder } from '../trainer/compiled.ts';
import { runOnnx } from './runtime.ts';

const temporary = emptyFolder();
afterAll(() => fs.rmSync(temporary, { recursive: true, force: true }));

async function compare(name: string, text?: string): Promise<void> {
  const deployed = deploy(temporary, name, text);
  const { file, listing, weights, inputs } = deployed;
  expect(listing.models.length).toBeGreaterThan(0);
  for (const { name: model, predict } of listing.models) {
    const onnx = path.join(temporary, `${name}-${model}.onnx`);
    const { exitCode, stderr } = await netc(
      ...['export', file, '--weights', weights, '--onnx', onnx, '--model', model, '--quiet'],
    );
    expect([exitCode, stderr]).toEqual([0, '']);
    const given = Object.fromEntries(
      listing.routines[predict]!.inputs.map(({ name: input, recordShape }) => {
        const data = inputs[model]![input]!;
        const type = data instanceof Float32Array ? ('f32' as const) : ('i64' as const);
        return [input, { shape: [RECORDS, ...recordShape], data, type }];
      }),
    );
    const found = await runOnnx(fs.readFileSync(onnx), given);
    const expected = await expectedOutputs(deployed, model, 'cpu');
    expect(Object.keys(found)).toEqual(Object.keys(expected));
    for (const [output, { shape, data }] of Object.entries(expected)) {
      expect(found[output]!.shape).toEqual(shape);
      expectClose(found[output]!.data, data, 1e-4);
    }
  }
}

test.each(Object.keys(PROGRAMS))('%s', (name) => compare(name));

test.for(SHARED_PROGRAMS)('%s', async (name, context) => {
  const text = fs.readFileSync(sharedOrSkip(context, name), 'utf8');
  await compare(name.replaceAll('/', '-').replace(/\.net$/, ''), text);
});
