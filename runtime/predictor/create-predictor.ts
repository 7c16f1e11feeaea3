/**
 * `createPredictor` of a compiled predictor. In: the program, what the host asks for. Out: a predictor with its weights
 * in place, and with what depends on them alone computed. RuntimeFailure: E0212 no weights anywhere; E0502 to E0505
 * weights that do not fit; E0601 no device; E0604 it cannot hold the program; E0201 and E0701 settings that are not
 * those it was compiled with.
 */
import { createRunner, type DisposableRunner } from '../create-runner.ts';
import { RuntimeFailure } from '../failure.ts';
import { checkNames, checkWholeNumbers, weightBytes } from '../trainer/check-options.ts';
import { linkListing, readBytes } from '../trainer/link.ts';
import { openFor } from '../trainer/open-device.ts';
import { checkSettings, type SettingValue } from '../trainer/settings.ts';
import { anyListing, type DeviceChoice } from '../trainer/trainer-program.ts';
import { CompiledPredictor } from './compiled-predictor.ts';
import type { PredictorProgram } from './predictor-program.ts';
import { readPredictorWeights } from './put-weights.ts';

export interface PredictorOptions {
  /** Where to run, or a device of the host's own, which stays open. Default `auto`. */
  device?: DeviceChoice | GPUDevice;
  /** Instead of the program's: decides random numbers of the models, where they have any. */
  seed?: number;
  /** A safetensors file. Where weights were compiled in it may be left out. */
  weights?: Uint8Array | ArrayBuffer;
  /** Values of the program's `let`s; they must be those it was compiled with. */
  set?: Readonly<Record<string, SettingValue>>;
  /** Aborted: creation and every later call throw its reason. */
  signal?: AbortSignal;
}

const KNOWN = ['device', 'seed', 'weights', 'set', 'signal'];

export async function createPredictor(
  program: PredictorProgram,
  options: PredictorOptions = {},
): Promise<CompiledPredictor> {
  const { signal } = options;
  checkNames(options, KNOWN, 'createPredictor');
  checkWholeNumbers({ seed: options.seed });
  signal?.throwIfAborted();
  const any = anyListing(program);
  checkSettings(any, options.set ?? {}, program.kind);
  const seed = options.seed ?? program.seed;
  const values = readPredictorWeights(program, any, await bytesOf(program, options));
  const { device, close } = await openFor(program, options.device);
  let runner: DisposableRunner | undefined;
  try {
    signal?.throwIfAborted();
    const listing = await linkListing(program, device);
    runner = await createRunner(listing, device);
    signal?.throwIfAborted();
    return new CompiledPredictor({ program, listing, runner, device, close, seed, signal }, values);
  } catch (error) {
    // A device of the host's own goes on: what was made on it does not.
    runner?.dispose();
    close();
    throw error;
  }
}

async function bytesOf(program: PredictorProgram, { weights }: PredictorOptions): Promise<Uint8Array> {
  if (weights !== undefined) return weightBytes(weights);
  if (program.weights !== undefined) return await readBytes(program, program.weights);
  throw new RuntimeFailure('E0212', 'createPredictor needs weights, and this predictor brings none', {
    help: "Give it a safetensors file: createPredictor({ weights: await readFile('weights.safetensors') }); or compile it with --weights.",
  });
}
