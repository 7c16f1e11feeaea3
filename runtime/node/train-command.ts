/**
 * Training at a command line, once there is a listing: `netc train`, and a compiled trainer run as a command. In: the
 * listing, flags, a host. Out: events on standard output, weights files, the exit code. Ctrl-C ends the run after the
 * step in flight, with the weights saved; a second one at once.
 */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { ProgramDevice } from '../create-runner.ts';
import { openDataset } from '../data/open-dataset.ts';
import { RuntimeFailure } from '../failure.ts';
import type { Listing } from '../plan-format.ts';
import { EXIT } from '../report/exit-codes.ts';
import type { Host } from '../report/host.ts';
import { hearInterrupt } from '../report/interrupt.ts';
import { TrainingDisplay } from '../report/training-display.ts';
import type { TrainEvent } from '../train/events.ts';
import { train } from '../train/train.ts';
import { writeFileAtomic } from './atomic-write.ts';
import { prepareOutputFiles } from './output-files.ts';
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
  const finalPath = flags.out === undefined ? undefined : path.join(flags.out, 'weights.safetensors');
  prepareOutputFiles([...training.save.map(({ to }) => to), ...(finalPath === undefined ? [] : [finalPath])]);

  const only = flags.initOnly === undefined ? {} : { only: flags.initOnly };
  const init = flags.init === undefined ? undefined : await readWeights(flags.init, listing, only);
  // A part of the weights leaves it to the new data what its codes mean.
  const tables = flags.initOnly === undefined ? init?.tables : undefined;
  const dataset = await openDataset(data, reader, training.seed, { tables });
  const device = await job.open();
  if (job.note !== undefined) display.line(job.note);
  const saved: string[] = [];
  const preparing = announce(`preparing ${listing.kernels.length} kernels`, display);
  const emit = (event: TrainEvent): void => {
    preparing.done();
    if (event.event === 'save') saved.push(event.path);
    display.event(event);
  };
  try {
    const result = await train({
      listing,
      device,
      dataset,
      seed: training.seed,
      compileSeconds,
      clock: () => host.now() / 1000,
      emit,
      progress: (progress) => display.progress(progress),
      logEvery: flags.logEvery ?? LOG_EVERY,
      readEvery: host.stdout.isTerminal ? 1 : LOG_EVERY,
      signal,
      writeFile: writeFileAtomic,
      removeFile: (old) => rm(old, { force: true }),
      ...(init === undefined ? {} : { initial: init.values }),
      ...(flags.steps === undefined ? {} : { maxSteps: flags.steps }),
      ...(finalPath === undefined ? {} : { finalPath }),
    });
    if (result.stopped) display.line('stopped early: no further improvement');
    display.line(whereSaved(saved));
    return result.interrupted ? EXIT.interrupted : EXIT.done;
  } finally {
    preparing.done();
    device.close();
  }
}

function checkFlags(flags: TrainCommandFlags): void {
  if (flags.resume !== undefined) {
    throw new RuntimeFailure('E0901', 'going on with an interrupted run (--resume) is not supported yet', {
      help: '--init starts a new run from saved weights',
    });
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

function whereSaved(paths: readonly string[]): string {
  const last = paths.at(-1);
  if (last !== undefined) return `weights: ${[...new Set(paths.slice(-3))].join(', ')}`;
  return 'the weights were not saved: --out FOLDER keeps them, or `save = best(valid.loss, to = "…")` in the program';
}
