/**
 * `createTrainer` of a compiled trainer. In: the program, what the host asks for. Out: a trainer with its weights in
 * place. RuntimeFailure: E0601 no device; E0604 it cannot hold the program; E0502 to E0505 weights that do not fit;
 * E0201 and E0701 settings that are not those it was compiled with.
 */
import { fitWeights } from '../checkpoint/fit-weights.ts';
import { createRunner, type DisposableRunner } from '../create-runner.ts';
import { missingStandards } from '../train/standardize.ts';
import { initialWeights, writeWeights } from '../train/weights.ts';
import { checkNames, checkWholeNumbers, weightBytes } from './check-options.ts';
import { CompiledTrainer, MOST_UNREAD } from './compiled-trainer.ts';
import { linkListing } from './link.ts';
import { openFor } from './open-device.ts';
import { checkSettings, type SettingValue } from './settings.ts';
import { anyListing, type DeviceChoice, type TrainerProgram } from './trainer-program.ts';

export interface TrainerOptions {
  /** Where to run, or a device of the host's own, which stays open. Default `auto`. */
  device?: DeviceChoice | GPUDevice;
  /** Instead of the program's. */
  seed?: number;
  /** A safetensors file to start from. */
  weights?: Uint8Array | ArrayBuffer;
  /** Values of the program's `let`s; they must be those it was compiled with. */
  set?: Readonly<Record<string, SettingValue>>;
  /** Records of the training data, for learning rates that depend on the length of an epoch. */
  records?: number;
  /** Aborted: creation and every later call throw its reason. */
  signal?: AbortSignal;
}

const KNOWN = ['device', 'seed', 'weights', 'set', 'records', 'signal'];

export async function createTrainer(
  program: TrainerProgram,
  options: TrainerOptions = {},
): Promise<CompiledTrainer> {
  const { signal, records } = options;
  checkNames(options, KNOWN, 'createTrainer');
  checkWholeNumbers({ seed: options.seed, records });
  signal?.throwIfAborted();
  const any = anyListing(program);
  checkSettings(any, options.set ?? {});
  const seed = options.seed ?? any.training?.seed ?? 0;
  const given =
    options.weights === undefined ? undefined : fitWeights(weightBytes(options.weights), 'the weights', any);
  const [standard] = missingStandards(any, given?.values);
  const { device, close } = await openFor(program, options.device);
  let runner: DisposableRunner | undefined;
  try {
    signal?.throwIfAborted();
    const listing = await linkListing(program, device);
    runner = await createRunner(listing, device, { unreadSteps: MOST_UNREAD });
    writeWeights(runner, listing, initialWeights(listing, seed, given?.values));
    signal?.throwIfAborted();
    const tables = given?.tables;
    return new CompiledTrainer({ listing, runner, device, close, seed, records, signal, tables, standard });
  } catch (error) {
    // A device of the host's own goes on: what was made on it does not.
    runner?.dispose();
    close();
    throw error;
  }
}
