/**
 * `netc train FILE`: compiles in memory and trains. In: a program, its data, perhaps weights. Out: events,
 * weights files. Ctrl-C ends the run after the step in flight, with the weights saved; a second one at once.
 */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { openDataset } from '../../runtime/data/open-dataset.ts';
import { writeFileAtomic } from '../../runtime/node/atomic-write.ts';
import type { TrainEvent } from '../../runtime/train/events.ts';
import { train } from '../../runtime/train/train.ts';
import { fail } from '../diagnostics.ts';
import { compile } from '../index.ts';
import type { TrainFlags } from './commands.ts';
import type { Context } from './context.ts';
import { EXIT } from './exit-codes.ts';
import { prepareOutputFiles } from './output-files.ts';
import { programOptions, readProgram } from './read-program.ts';
import { withTarget, type Target } from './target.ts';
import { TrainingDisplay } from './training-display.ts';
import { trainingParts } from './training-parts.ts';
import { readWeights } from './weights.ts';

/** Steps between two step events where --log-every does not say. */
const LOG_EVERY = 10;
/** Milliseconds after which a silent preparation is spoken of. */
const PATIENCE = 1000;

export async function runTrain(file: string, flags: TrainFlags, context: Context): Promise<number> {
  checkFlags(flags);
  const { host } = context;
  const display = new TrainingDisplay(host, {
    json: flags.json ?? false,
    quiet: flags.quiet ?? false,
    everyStepEvent: flags.logEvery !== undefined,
  });
  const interrupt = new AbortController();
  const unhear = host.onInterrupt(() => {
    if (interrupt.signal.aborted) host.leave(EXIT.interrupted);
    display.line('interrupted: saving the weights after this step (again: leave at once)');
    interrupt.abort();
  });
  try {
    return await withTarget(context, (target) =>
      compileAndTrain(file, flags, context, target, display, interrupt.signal),
    );
  } finally {
    unhear();
    display.clear();
  }
}

async function compileAndTrain(
  file: string,
  flags: TrainFlags,
  context: Context,
  target: Target,
  display: TrainingDisplay,
  signal: AbortSignal,
): Promise<number> {
  const source = readProgram(file, context);
  const options = { ...programOptions(context), profile: target.profile, predictions: false };
  const compileStart = context.host.now();
  const { listing, warnings } = compile(source, options);
  const compileSeconds = (context.host.now() - compileStart) / 1000;
  context.report(warnings);
  const { training, data, reader } = trainingParts(file, listing, flags);
  const finalPath = flags.out === undefined ? undefined : path.join(flags.out, 'weights.safetensors');
  prepareOutputFiles([...training.save.map(({ to }) => to), ...(finalPath === undefined ? [] : [finalPath])]);

  const init = flags.init === undefined ? undefined : await readWeights(flags.init, listing, flags.initOnly);
  // A part of the weights leaves it to the new data what its codes mean.
  const tables = flags.initOnly === undefined ? init?.tables : undefined;
  const dataset = await openDataset(data, reader, training.seed, { tables });
  const device = await target.open();
  if (target.note !== undefined) display.line(target.note);
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
      clock: () => context.host.now() / 1000,
      emit,
      progress: (progress) => display.progress(progress),
      logEvery: flags.logEvery ?? LOG_EVERY,
      readEvery: context.host.stdout.isTerminal ? 1 : LOG_EVERY,
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

function checkFlags(flags: TrainFlags): void {
  if (flags.resume !== undefined) {
    fail('E0901', undefined, 'going on with an interrupted run (--resume) is not supported yet', {
      help: '--init starts a new run from saved weights',
    });
  }
  if (flags.initOnly !== undefined && flags.init === undefined) {
    fail('E0701', undefined, '--init-only chooses among the weights of --init, which is missing');
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
