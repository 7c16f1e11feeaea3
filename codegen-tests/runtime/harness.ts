/** A training run on the fake runner: everything it reports and writes, in order. */
import type { Dataset } from '../../runtime/data/dataset.ts';
import type { Listing, TrainingSpec } from '../../runtime/plan-format.ts';
import type { EvaluationEvent, StepEvent, TrainEvent } from '../../runtime/train/events.ts';
import { runTraining } from '../../runtime/train/trainer.ts';
import type { LoopOptions, TrainResult } from '../../runtime/train/training-options.ts';
import type { FakeOptions } from './fake-runner.ts';
import { FakeRunner, lineData } from './fake-runner.ts';
import { lineListing } from './line-listing.ts';

export interface Harness {
  listing: Listing;
  runner: FakeRunner;
  events: TrainEvent[];
  files: Map<string, Uint8Array>;
  removed: string[];
  run: (more?: Partial<LoopOptions>) => Promise<TrainResult>;
}

export interface HarnessOptions {
  training: Partial<TrainingSpec>;
  dataset?: Dataset;
  loss?: FakeOptions['loss'];
  slots?: number;
  change?: (listing: Listing) => void;
}

export function harness({ training, dataset, loss, slots, change }: HarnessOptions): Harness {
  const listing = lineListing({ training: { seed: 1, accumulate: 1, save: [], ...training } });
  change?.(listing);
  const runner = new FakeRunner({ listing, ...(loss ? { loss } : {}), ...(slots ? { slots } : {}) });
  const events: TrainEvent[] = [];
  const files = new Map<string, Uint8Array>();
  const removed: string[] = [];
  let time = 100;
  const run = (more: Partial<LoopOptions> = {}): Promise<TrainResult> =>
    runTraining({
      listing,
      runner,
      dataset: dataset ?? lineData({ train: 40, valid: 20 }),
      device: { name: 'fake', backend: 'webgpu' },
      seed: 1,
      compileSeconds: 0.5,
      clock: () => (time += 0.001),
      processStart: 90,
      emit: (event) => events.push(event),
      logEvery: 1,
      writeFile: (path, bytes) => {
        files.set(path, bytes);
        return Promise.resolve();
      },
      removeFile: (path) => {
        files.delete(path);
        removed.push(path);
        return Promise.resolve();
      },
      ...more,
    });
  return { listing, runner, events, files, removed, run };
}

/** Events in short: `step 1`, `eval 5 valid`, `save 5 path`. */
export function outline(events: readonly TrainEvent[]): string[] {
  return events.map((event) => {
    switch (event.event) {
      case 'step':
        return `step ${event.step}`;
      case 'eval':
        return `eval ${event.step} ${event.split}`;
      case 'save':
        return `save ${event.step} ${event.path}`;
      case 'keep':
        return `keep ${event.step}`;
      default:
        return event.event;
    }
  });
}

export function stepsOf(events: readonly TrainEvent[]): StepEvent[] {
  return events.filter((event) => event.event === 'step');
}

export function evaluationsOf(events: readonly TrainEvent[]): EvaluationEvent[] {
  return events.filter((event) => event.event === 'eval');
}
