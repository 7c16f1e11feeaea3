/**
 * `createTrainer` of a compiled trainer. In: the program, what the host asks for. Out: a trainer with its weights in
 * place. RuntimeFailure: E0601 no device; E0604 it cannot hold the program; E0502 to E0505 weights that do not fit;
 * E0201 and E0701 settings that are not those it was compiled with.
 */
import { fitWeights } from '../checkpoint/fit-weights.ts';
import { createRunner, type ProgramDevice } from '../create-runner.ts';
import type { Listing } from '../plan-format.ts';
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
  checkOptions(options);
  options.signal?.throwIfAborted();
  const any = anyListing(program);
  checkSettings(any, options.set ?? {});
  // What is wrong with the weights is said before a device is opened.
  const given = givenWeights(any, options);
  const { device, close } = await openFor(program, options.device);
  try {
    options.signal?.throwIfAborted();
    const listing = await linkListing(program, device);
    return await trainerOn(device, close, listing, given, options);
  } catch (error) {
    close();
    throw error;
  }
}

/**
 * A trainer of a listing that was compiled for this device just now. The device stays open when it is disposed of.
 */
export async function trainerOf(
  listing: Listing,
  device: ProgramDevice,
  options: Omit<TrainerOptions, 'device' | 'set'> = {},
): Promise<CompiledTrainer> {
  checkOptions(options);
  options.signal?.throwIfAborted();
  return await trainerOn(device, () => undefined, listing, givenWeights(listing, options), options);
}

function checkOptions(options: TrainerOptions): void {
  checkNames(options, KNOWN, 'createTrainer');
  checkWholeNumbers({ seed: options.seed, records: options.records });
}

type GivenWeights = ReturnType<typeof fitWeights> | undefined;

const givenWeights = (listing: Listing, { weights }: TrainerOptions): GivenWeights =>
  weights === undefined ? undefined : fitWeights(weightBytes(weights), 'the weights', listing);

async function trainerOn(
  device: ProgramDevice,
  close: () => void,
  listing: Listing,
  given: GivenWeights,
  options: TrainerOptions,
): Promise<CompiledTrainer> {
  const { signal, records } = options;
  const seed = options.seed ?? listing.training?.seed ?? 0;
  const [standard] = missingStandards(listing, given?.values);
  const runner = await createRunner(listing, device, { unreadSteps: MOST_UNREAD });
  try {
    writeWeights(runner, listing, initialWeights(listing, seed, given?.values));
    signal?.throwIfAborted();
  } catch (error) {
    // A device of the host's own goes on: what was made on it does not.
    runner.dispose();
    throw error;
  }
  const tables = given?.tables;
  return new CompiledTrainer({ listing, runner, device, close, seed, records, signal, tables, standard });
}
