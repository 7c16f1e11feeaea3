/**
 * Training in a browser, away from the page: what its worker does. In: messages of the page. Out: events, progress,
 * weights. One run at a time; files that the program saves are handed to the page instead.
 */
import { fitWeights } from '../checkpoint/fit-weights.ts';
import { openDataset } from '../data/open-dataset.ts';
import { RuntimeFailure } from '../failure.ts';
import type { Diagnostic, Listing } from '../plan-format.ts';
import { train } from '../train/train.ts';
import type { ProgramDevice } from '../create-runner.ts';
import type { DeviceChoice } from '../trainer/trainer-program.ts';
import { browserReader } from './data-reader.ts';
import { Breaks } from './breaks.ts';
import type { PageMessage, ProgramSummary, TrainingMessage } from './messages.ts';
import { ProgressReport } from './progress-report.ts';

/** A program as far as training it here goes: compiled before, or compiled for the device that is chosen. */
export interface Trainable {
  readonly about: ProgramSummary;
  /** The address that paths of data are relative to. */
  readonly base: string;
  /** RuntimeFailure E0601 where there is nothing to run it on. */
  open(choice: DeviceChoice): Promise<OpenedProgram>;
}

export interface OpenedProgram {
  device: ProgramDevice;
  /** For this device, with its code in place. */
  listing: Listing;
  /** For people, where the device was chosen for them. */
  note?: string;
  /** What compiling took just now. */
  compileSeconds: number;
}

type Start = Extract<PageMessage, { kind: 'start' }>;

interface WorkerScope {
  onmessage: (event: { data: unknown }) => void;
  postMessage(message: TrainingMessage): void;
}

interface Run {
  abort: AbortController;
  breaks: Breaks;
}

export function serve(program: Trainable): void {
  const scope = globalThis as unknown as WorkerScope;
  const post = (message: TrainingMessage): void => scope.postMessage(message);
  let current: Run | undefined;
  const start = async (message: Start): Promise<void> => {
    const run = { abort: new AbortController(), breaks: new Breaks(post, weightsName(program)) };
    current = run;
    try {
      await trainHere(program, message, run, post);
    } catch (error) {
      post({ kind: 'failed', diagnostic: diagnosticOf(error) });
    }
    current = undefined;
  };
  scope.onmessage = ({ data }) => {
    const message = data as PageMessage;
    switch (message.kind) {
      case 'start':
        if (current === undefined) void start(message);
        return;
      case 'pause':
        return current?.breaks.pause();
      case 'resume':
        return current?.breaks.resume();
      case 'save':
        return current?.breaks.save();
      case 'stop':
        current?.abort.abort();
        return current?.breaks.resume();
      default:
        message satisfies never;
    }
  };
  post({ kind: 'ready', about: program.about });
}

const weightsName = ({ about }: Trainable): string => `${about.program}.safetensors`;

async function trainHere(
  program: Trainable,
  message: Start,
  run: Run,
  post: (message: TrainingMessage) => void,
): Promise<void> {
  const opened = await program.open(message.device);
  try {
    if (opened.note !== undefined) post({ kind: 'note', text: opened.note });
    await trainOpened(program, opened, message, run, post);
  } finally {
    opened.device.close();
  }
}

async function trainOpened(
  program: Trainable,
  { device, listing, compileSeconds }: OpenedProgram,
  message: Start,
  { abort, breaks }: Run,
  post: (message: TrainingMessage) => void,
): Promise<void> {
  const { training, data } = listing;
  if (training === undefined || data === undefined || data.sources.length === 0) {
    throw new RuntimeFailure('E0219', `${listing.source} has no data of its own to train on`, {
      help: 'A program of yours can feed it: createTrainer of trainer.mjs.',
    });
  }
  const seed = message.seed ?? training.seed;
  const init =
    message.weights &&
    fitWeights(new Uint8Array(await message.weights.contents.arrayBuffer()), message.weights.name, listing);
  const reader = browserReader(message.files, program.base);
  const dataset = await openDataset(data, reader, seed, { tables: init?.tables });
  const report = new ProgressReport(post);
  const result = await train({
    listing,
    device,
    dataset,
    seed,
    compileSeconds,
    emit: (event) => report.event(event),
    progress: (progress) => report.progress(progress),
    logEvery: 1,
    signal: abort.signal,
    interlude: breaks,
    finalPath: weightsName(program),
    writeFile: (path, bytes) => {
      post({ kind: 'weights', name: path.split('/').at(-1) ?? path, step: report.step, bytes });
      return Promise.resolve();
    },
    ...(init === undefined ? {} : { initial: init.values }),
    ...(message.steps === undefined ? {} : { maxSteps: message.steps }),
  });
  const { steps, stopped, interrupted } = result;
  post({ kind: 'ended', steps, stopped, interrupted });
}

const MISSING_FILE = 'Choose the file under Data, or put it beside this page.';

function diagnosticOf(error: unknown): Diagnostic {
  if (error instanceof RuntimeFailure) {
    const { diagnostic } = error;
    // Help with a command line's flags is none here.
    return diagnostic.code === 'E0401' ? { ...diagnostic, help: MISSING_FILE } : diagnostic;
  }
  const message = error instanceof Error ? error.message : String(error);
  return { severity: 'error', code: 'E0703', message: message.replace(/^internal: /, 'internal error: ') };
}
