/** Compiled predictors for tests: folders, what their modules export, and what `netc predict` says to the same records. */
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'vitest';
import { parseNpy } from '../../runtime/data/npy.ts';
import type { CompiledPredictor } from '../../runtime/predictor/compiled-predictor.ts';
import type { PredictorOptions } from '../../runtime/predictor/create-predictor.ts';
import type { PredictorProgram } from '../../runtime/predictor/predictor-program.ts';
import { netc } from '../cli/recording-host.ts';
import type { Deployed } from './programs.ts';

export interface PredictorModule {
  program: PredictorProgram;
  createPredictor: (options?: PredictorOptions) => Promise<CompiledPredictor>;
}

/** Compiles into a new folder below this one. */
export async function compilePredictor(folder: string, file: string, ...flags: string[]): Promise<string> {
  const out = fs.mkdtempSync(path.join(folder, 'out-'));
  const { exitCode, stderr } = await netc('compile', file, '--infer', '-o', out, ...flags);
  expect([exitCode, stderr]).toEqual([0, '']);
  return out;
}

export async function importPredictor(folder: string): Promise<PredictorModule> {
  return (await import(/* @vite-ignore */ pathToFileURL(path.join(folder, 'predictor.mjs')).href)) as PredictorModule; // prettier-ignore
}

/** Outputs of a model by name, as `netc predict` gives them. */
export async function expectedOutputs(
  { file, listing, weights, records }: Deployed,
  model: string,
  device: 'cpu' | 'gpu',
): Promise<Record<string, { shape: number[]; data: ArrayLike<number> }>> {
  const { predict } = listing.models.find(({ name }) => name === model)!;
  const outputs = listing.routines[predict]!.outputs.map(({ name }) => name);
  const folder = path.dirname(file);
  const paths = outputs.map((output) => path.join(folder, `${model}-${output}.out.npy`));
  const { exitCode, stderr } = await netc(
    ...['predict', file, '--model', model, '--weights', weights, '--as-is', '--device', device, '--quiet'],
    ...Object.entries(records[model] ?? {}).flatMap(([input, each]) => ['--input', `${input}=${each}`]),
    ...outputs.flatMap((output, i) => ['-o', `${output}=${paths[i]}`]),
  );
  expect([exitCode, stderr]).toEqual([0, '']);
  return Object.fromEntries(
    outputs.map((output, i) => {
      const { shape, data } = parseNpy(fs.readFileSync(paths[i]!), { file: paths[i]! });
      return [output, { shape: [...shape], data: data as ArrayLike<number> }];
    }),
  );
}

/** Within `tolerance` of the largest magnitude, one at least. */
export function expectClose(found: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(found.length).toBe(expected.length);
  const largest = Array.from(expected).reduce((most, x) => Math.max(most, Math.abs(x)), 1);
  const worst = Array.from(expected).reduce(
    (most, x, i) => Math.max(most, Math.abs(x - (found[i] ?? NaN))),
    0,
  );
  expect(worst / largest).toBeLessThanOrEqual(tolerance);
}
