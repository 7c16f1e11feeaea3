/**
 * A compiled trainer as a command: `netc train` without netc. In: the program, arguments, a host. Out: events, weights
 * files, the exit code. Never throws.
 */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Listing } from '../plan-format.ts';
import { diagnosticToJson, renderDiagnostic } from '../report/diagnostics.ts';
import { EXIT, exitCodeOf } from '../report/exit-codes.ts';
import type { Host } from '../report/host.ts';
import { wantsColor } from '../report/host.ts';
import { chooseDevice } from '../trainer/choose-device.ts';
import { linkListing } from '../trainer/link.ts';
import { anyListing, classesOf, type TrainerProgram } from '../trainer/trainer-program.ts';
import { failureDiagnostics } from './failures.ts';
import { mayHaveGpu } from './gpu-files.ts';
import { trainCommand, type TrainJob } from './train-command.ts';
import { trainerHelp } from './trainer-help.ts';
import { readFlags, type TrainerFlags } from './trainer-flags.ts';

export async function runTrainer(
  program: TrainerProgram,
  argv: readonly string[],
  host: Host,
): Promise<number> {
  try {
    const listing = anyListing(program);
    const flags = readFlags(argv, listing, classesOf(program));
    if (flags.help || flags.version) {
      host.stdout.write(flags.help ? trainerHelp(program, listing) : `${versionOf(program)}\n`);
      return EXIT.done;
    }
    return await trainCommand(flags, host, () => prepare(program, flags, host));
  } catch (thrown) {
    const diagnostics = failureDiagnostics(thrown, host.environment);
    const color = wantsColor(host.stderr, host.environment);
    for (const diagnostic of diagnostics) {
      const text = argv.includes('--json')
        ? diagnosticToJson(diagnostic)
        : renderDiagnostic(diagnostic, { color, sourceText: () => undefined });
      host.stderr.write(`${text}\n`);
    }
    return exitCodeOf(diagnostics);
  }
}

const versionOf = ({ netc, sha256 }: TrainerProgram): string => `netc ${netc}, source ${sha256}`;

async function prepare(program: TrainerProgram, flags: TrainerFlags, host: Host): Promise<TrainJob> {
  const { fingerprint } = program;
  if (fingerprint === undefined) throw new Error('internal: a trainer without its fingerprint');
  const { device, note } = await host.quietly(() =>
    chooseDevice(program, flags.device, { mayHaveGpu: mayHaveGpu(), deviceClass: flags.class }),
  );
  try {
    const listing = withSeed(await linkListing(program, device, flags.class), flags.seed);
    return {
      listing,
      file: listing.source,
      folder: path.dirname(fileURLToPath(program.base)),
      compileSeconds: 0,
      open: () => Promise.resolve(device),
      fingerprint,
      command: 'node trainer.mjs',
      ...(note === undefined ? {} : { note }),
    };
  } catch (error) {
    device.close();
    throw error;
  }
}

function withSeed(listing: Listing, seed: number | undefined): Listing {
  const { training } = listing;
  return seed === undefined || training === undefined
    ? listing
    : { ...listing, training: { ...training, seed } };
}
