/** What the page of a trainer and its worker tell each other. */
import type { Diagnostic } from '../plan-format.ts';
import type { Progress, TrainEvent } from '../train/events.ts';
import type { DeviceChoice } from '../trainer/trainer-program.ts';

/** A file that the user has chosen, by its name or its path in a chosen folder. */
export interface ChosenFile {
  name: string;
  contents: Blob;
}

export type PageMessage =
  | {
      kind: 'start';
      device: DeviceChoice;
      files: ChosenFile[];
      /** A safetensors file to start from. */
      weights?: ChosenFile;
      seed?: number;
      steps?: number;
    }
  | { kind: 'pause' }
  | { kind: 'resume' }
  /** The weights as they are now, as `weights`. */
  | { kind: 'save' }
  | { kind: 'stop' };

export type TrainingMessage =
  | { kind: 'ready'; about: ProgramSummary }
  /** About the choice of the device, for people. */
  | { kind: 'note'; text: string }
  | { kind: 'event'; event: TrainEvent }
  /** At most ten times a second; `losses` are those since the last, by step. */
  | { kind: 'progress'; progress: Progress; losses: [step: number, loss: number][] }
  | { kind: 'paused' }
  | { kind: 'resumed' }
  | { kind: 'weights'; name: string; step: number; bytes: Uint8Array }
  | { kind: 'failed'; diagnostic: Diagnostic }
  | { kind: 'ended'; steps: number; stopped: boolean; interrupted: boolean };

/** What a page shows of a program before it trains. */
export interface ProgramSummary {
  program: string;
  netc: string;
  parameters: number;
  seed: number;
  /** As the program says: `10 epochs`, `600 steps`. */
  length: string;
  batch: number;
  /** Paths of the data as the program writes them; empty where it has no files. */
  files: string[];
  targets: { webgpu: boolean; cpu: boolean };
}
