/**
 * Weights on their way to files. In: `save` of the program, evaluations as they come. Out: safetensors files
 * and `save` events. Holds: a file is never written with a weight that is not finite, and weights that are
 * wanted several times at one step are read once.
 */
import { encodeSafetensors } from '../checkpoint/safetensors.ts';
import type { Dataset } from '../data/dataset.ts';
import { NO_TABLES, tablesToMetadata, type DataTables } from '../data/tables.ts';
import type { Listing, SaveSpec } from '../plan-format.ts';
import type { StepRunner } from '../step-runner.ts';
import { Best } from './early-stop.ts';
import type { SaveEvent } from './events.ts';
import type { SaveState } from './run-progress.ts';
import type { Watched } from './watch.ts';
import type { Weights } from './weights.ts';
import { checkFinite, fileTensors, savedTensors } from './weights.ts';

export interface SaveOptions {
  listing: Listing;
  runner: StepRunner;
  /** Its tables go into every file. */
  dataset: Pick<Dataset, 'tables'>;
  emit: (event: SaveEvent) => void;
  /** Writes a whole file or nothing: to a temporary file, flushed, then renamed. Makes folders. */
  writeFile: (path: string, bytes: Uint8Array) => Promise<void>;
  /** Deletes a file that `keep` has no room for; without it all files stay. */
  removeFile?: (path: string) => Promise<void>;
}

/** A point of the run, for the names of files. */
export interface SavePoint {
  step: number;
  /** Epochs completed. */
  epoch: number;
}

export class Checkpoints {
  readonly #options: SaveOptions;
  readonly #best = new Map<SaveSpec, Best>();
  readonly #kept = new Map<SaveSpec, readonly string[]>();
  #cached: { step: number; weights: Weights } | undefined;

  /** `before`: by `save` of the program, what each remembered. */
  constructor(options: SaveOptions, before: readonly SaveState[] = []) {
    this.#options = options;
    this.#saves.forEach((save, i) => {
      const { best, kept = [] } = before[i] ?? {};
      if (save.kind === 'best') this.#best.set(save, new Best(save.goal, best));
      else this.#kept.set(save, kept);
    });
  }

  get #saves(): readonly SaveSpec[] {
    return this.#options.listing.training?.save ?? [];
  }

  /** In the order of the program. */
  get state(): SaveState[] {
    return this.#saves.map((save) => {
      const [best, kept] = [this.#best.get(save)?.value, this.#kept.get(save)];
      return { ...(best === undefined ? {} : { best }), ...(kept === undefined ? {} : { kept }) };
    });
  }

  /** Weights and layer states as they are after `step`. Throws RuntimeFailure E0603 where they are broken. */
  async snapshot(step: number): Promise<Weights> {
    if (this.#cached?.step === step) return this.#cached.weights;
    const { listing, runner } = this.#options;
    const weights = await runner.readTensors(savedTensors(listing));
    checkFinite(weights, step);
    this.#cached = { step, weights };
    return weights;
  }

  /** A weights file as of this step. */
  async bytes(step: number): Promise<Uint8Array> {
    const { listing, dataset } = this.#options;
    return weightsFile(listing, await this.snapshot(step), dataset.tables);
  }

  /** `save = best(…)`: writes where the watched value is the best so far. */
  async afterEvaluation(values: Watched, point: SavePoint): Promise<void> {
    for (const save of this.#saves) {
      if (save.kind !== 'best') continue;
      const isBest = this.#best.get(save)?.offer(values.get(save.watch) ?? NaN) === true;
      if (isBest) await this.write(fill(save.to, point), point);
    }
  }

  /** `save = every(…, to, keep)`: writes, then deletes what is older than the `keep` newest. */
  async periodic(save: Extract<SaveSpec, { kind: 'every' }>, point: SavePoint): Promise<void> {
    const path = fill(save.to, point);
    await this.write(path, point);
    const kept = [...(this.#kept.get(save) ?? []).filter((other) => other !== path), path];
    const surplus = save.keep === undefined ? [] : kept.splice(0, Math.max(0, kept.length - save.keep));
    this.#kept.set(save, kept);
    for (const old of surplus.flatMap((point) => this.#files(point)))
      await this.#options.removeFile?.(old.path);
  }

  /** Writes given weights, or those on the device. */
  async write(path: string, point: SavePoint, given?: Weights): Promise<void> {
    const { listing, dataset, writeFile, emit } = this.#options;
    const weights = given ?? (await this.snapshot(point.step));
    for (const { path: file, averaged } of this.#files(path)) {
      await writeFile(file, weightsFile(listing, weights, dataset.tables, averaged));
      emit({ event: 'save', step: point.step, path: file });
    }
  }

  /** The files of one point: the weights', and beside it that of their averages where there are any. */
  #files(path: string): { path: string; averaged: boolean }[] {
    const plain = { path, averaged: false };
    if (this.#options.listing.averages === undefined) return [plain];
    return [plain, { path: averagesPath(path), averaged: true }];
  }
}

/** `out/net.safetensors` has its averages beside it in `out/net.ema.safetensors`. */
export function averagesPath(path: string): string {
  const ending = '.safetensors';
  return path.endsWith(ending) ? `${path.slice(0, -ending.length)}.ema${ending}` : `${path}.ema`;
}

/**
 * The bytes of a weights file: every parameter and layer state of the listing, in its order, and in its metadata
 * what codes of the data mean. `averaged`: the parameters' averages under the parameters' names.
 */
export function weightsFile(
  listing: Listing,
  weights: Weights,
  tables: DataTables = NO_TABLES,
  averaged = false,
): Uint8Array {
  return encodeSafetensors(fileTensors(listing, weights, averaged), tablesToMetadata(tables));
}

/** `{epoch}` and `{step}` in a path. */
function fill(to: string, point: SavePoint): string {
  return to.replaceAll('{epoch}', String(point.epoch)).replaceAll('{step}', String(point.step));
}
