/**
 * Training at a command line, once there is a listing: `netc train`, and a compiled trainer run as a command. In: the
 * listing, flags, a host. Out: events on standard output, weights files, the exit code. Ctrl-C ends the run after the
 * step in flight, with the weights saved; a second one at once. With a folder for it the run can be gone on with.
 */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { ProgramDevice } from '../create-runner.ts';
import { openDataset } from '../data/open-dataset.ts';
import { RuntimeFailure } from '../failure.ts';
import type { Listing } from '../plan-format.ts';
import { EXIT } from '../report/exit-codes.ts';
import type { Host } from '../report/host.ts';
import { hearInterrupt } from '../report/interrupt.ts';
import { TrainingDisplay } from '../report/training-display.ts';
import type { TrainEvent } from '../train/events.ts';
import type { RunState } from '../train/run-progress.ts';
import { train } from '../train/train.ts';
import { removeLeftovers, writeFileAtomic } from './atomic-write.ts';
import { KeptFiles } from './kept-files.ts';
import { prepareOutputFiles } from './output-files.ts';
import { checkRecords, readRun, statePath, weightsPath } from './run-folder.ts';
import { trainingParts } from './training-parts.ts';
import { readWeights } from './weights.ts';

/** Steps between two step events where --log-every does not say. */
const LOG_EVERY = 10;
/** Milliseconds after which a silent preparation is spoken of. */
const PATIENCE = 1000;

/** Flags of training, as INTERFACE.md describes them. */
export interface TrainCommandFlags {
  readonly steps?: number;
  readonly init?: string;
  readonly initOnly?: string;
  readonly out?: string;
  readonly resume?: string;
  readonly logEvery?: number;
  readonly data?: string;
  readonly seed?: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** A program that is ready to train. */
export interface TrainJob {
  listing: Listing;
  /** The program's file, for messages. */
  file: string;
  /** Where the data files are, unless --data says. */
  folder: string;
  compileSeconds: number;
  /** E0601 where there is no device. */
  open(): Promise<ProgramDevice>;
  /** About the choice of the device, for people. */
  note?: string;
  /** Of the program, as `RunIdentity` has it. */
  fingerprint: string;
  /** What trains it, for people: `netc train mine.net`. */
  command: string;
}

/** Throws RuntimeFailure; returns the exit code of a run that ended well or was interrupted. */
export async function trainCommand(
  flags: TrainCommandFlags,
  host: Host,
  prepare: () => TrainJob | Promise<TrainJob>,
): Promise<number> {
  checkFlags(flags);
  const display = new TrainingDisplay(host, {
    json: flags.json ?? false,
    quiet: flags.quiet ?? false,
    everyStepEvent: flags.logEvery !== undefined,
  });
  const interrupt = hearInterrupt(host, () =>
    display.line('interrupted: saving the weights after this step (again: leave at once)'),
  );
  try {
    return await trainJob(await prepare(), flags, host, display, interrupt.signal);
  } finally {
    interrupt.unhear();
    display.clear();
  }
}

async function trainJob(
  job: TrainJob,
  flags: TrainCommandFlags,
  host: Host,
  display: TrainingDisplay,
  signal: AbortSignal,
): Promise<number> {
  const { listing, compileSeconds } = job;
  const { training, data, reader } = trainingParts(job.file, listing, flags.data ?? job.folder);
  const from =
    flags.resume === undefined ? undefined : readRun(flags.resume, listing, job.fingerprint, flags.seed);
  const seed = from?.identity.seed ?? training.seed;
  const out = flags.out ?? flags.resume;
  const files = out === undefined ? [] : [weightsPath(out), statePath(out)];
  prepareOutputFiles([...training.save.map(({ to }) => to), ...files]);

  const only = flags.initOnly === undefined ? {} : { only: flags.initOnly };
  const init = flags.init === undefined ? undefined : await readWeights(flags.init, listing, only);
  // A part of the weights leaves it to the new data what its codes mean.
  const tables = from?.tables ?? (flags.initOnly === undefined ? init?.tables : undefined);
  const dataset = await openDataset(data, reader, seed, { tables });
  if (from && flags.resume !== undefined) {
    checkRecords(from.identity, dataset.splits, flags.resume);
    await removeLeftovers(flags.resume);
  }
  const device = await job.open();
  if (job.note !== undefined) display.line(job.note);
  if (from) display.line(goesOn(from, device));
  else if (out !== undefined && existsSync(statePath(out))) display.line(replaced(out));
  const identity = {
    fingerprint: job.fingerprint,
    seed,
    records: Object.fromEntries(dataset.splits),
    device: device.name,
  };
  const kept = new KeptFiles(out);
  const preparing = announce(`preparing ${listing.kernels.length} kernels`, display);
  const emit = (event: TrainEvent): void => {
    preparing.done();
    kept.note(event);
    display.event(event);
  };
  try {
    const result = await train({
      listing,
      device,
      dataset,
      seed,
      compileSeconds,
      clock: () => host.now() / 1000,
      emit,
      progress: (progress) => display.progress(progress),
      logEvery: flags.logEvery ?? LOG_EVERY,
      readEvery: host.stdout.isTerminal ? 1 : LOG_EVERY,
      signal,
      writeFile: writeFileAtomic,
      removeFile: (old) => rm(old, { force: true }),
      ...(from ? { from } : {}),
      ...(init === undefined ? {} : { initial: init.values }),
      ...(flags.steps === undefined ? {} : { maxSteps: flags.steps }),
      ...(out === undefined ? {} : { finalPath: weightsPath(out), keep: { path: statePath(out), identity } }),
    });
    if (from?.progress.step === result.steps && !result.interrupted) display.line(nothingLeft(result.steps));
    if (result.stopped) display.line('stopped early: no further improvement');
    display.line(kept.weights);
    if (result.interrupted && out !== undefined) display.line(`to go on: ${job.command} --resume ${out}`);
    return result.interrupted ? EXIT.interrupted : EXIT.done;
  } catch (error) {
    throw kept.explain(error, job.command);
  } finally {
    preparing.done();
    device.close();
  }
}

function checkFlags(flags: TrainCommandFlags): void {
  if (flags.resume !== undefined && flags.init !== undefined) {
    throw new RuntimeFailure(
      'E0701',
      '--resume goes on with the weights of its run, and --init names others',
      {
        help: 'leave one of them out: --init starts a new run',
      },
    );
  }
  if (flags.initOnly !== undefined && flags.init === undefined) {
    throw new RuntimeFailure('E0701', '--init-only chooses among the weights of --init, which is missing');
  }
}

/** Tells of a preparation: on a terminal at once, elsewhere only where it takes long. */
function announce(text: string, display: TrainingDisplay): { done(): void } {
  display.activity(`${text} …`);
  const timer = setTimeout(() => display.line(`${text} …`), PATIENCE);
  return { done: () => clearTimeout(timer) };
}

function goesOn({ identity, progress }: RunState, device: ProgramDevice): string {
  const line = `going on behind step ${progress.step}`;
  if (identity.device === device.name) return line;
  return `${line}; the run began on ${identity.device}, and on another device the last digits differ`;
}

const nothingLeft = (step: number): string =>
  `nothing was left to train: the run ends with step ${step}; --steps, or \`epochs\` and \`steps\` of the program, say where`;

const replaced = (out: string): string =>
  `${out} has the state of an earlier run, which this run replaces; --resume ${out} goes on with that one`;
