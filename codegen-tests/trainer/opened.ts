/**
 * `createTrainer` over compiled examples. In: an example by name. Out: its program and data, batches as a host would give
 * them, trainers that are disposed of after the test.
 */
import fs from 'node:fs';
import { afterAll, afterEach } from 'vitest';
import { BatchOrder } from '../../runtime/data/batches.ts';
import type { Dataset } from '../../runtime/data/dataset.ts';
import { openDataset } from '../../runtime/data/open-dataset.ts';
import { folderReader } from '../../runtime/node/data-reader.ts';
import type { GivenArrays } from '../../runtime/trainer/batch-inputs.ts';
import type { CompiledTrainer } from '../../runtime/trainer/compiled-trainer.ts';
import { createTrainer, type TrainerOptions } from '../../runtime/trainer/create-trainer.ts';
import { anyListing, type TrainerProgram } from '../../runtime/trainer/trainer-program.ts';
import { EXAMPLES, exampleFile } from '../support/examples.ts';
import { compileInto, emptyFolder, importTrainer } from './compiled.ts';

export interface Compiled {
  program: TrainerProgram;
  dataset: Dataset;
}

/** Compiles an example into a folder. */
export async function compiledExample(temporary: string, name: string): Promise<Compiled> {
  const folder = await compileInto(temporary, exampleFile(name), '--emit', 'both', '--single');
  const { program } = await importTrainer<{ program: TrainerProgram }>(folder);
  const { data, training } = anyListing(program);
  const dataset = await openDataset(data!, folderReader(EXAMPLES), training!.seed);
  return { program, dataset };
}

/** The batches that a training run takes, as a host would give them. */
export function batchesOf({ program, dataset }: Compiled, count: number): GivenArrays[] {
  const { data, training } = anyListing(program);
  const order = new BatchOrder(dataset.splits.get('train')!, data!.batch, data!.shuffle, training!.seed);
  return Array.from({ length: count }, () => arraysOf(program, dataset, 'train', order.next().records));
}

export function arraysOf(
  program: TrainerProgram,
  dataset: Dataset,
  split: string,
  records: Uint32Array,
): GivenArrays {
  return Object.fromEntries(
    anyListing(program).data!.fields.map(({ name, shape, storage }) => {
      const size = shape.reduce((product, each) => product * each, 1);
      const bytes = new Uint8Array(records.length * size * (storage === 'u8' ? 1 : 4));
      dataset.copy(split, name, records, bytes);
      const array = storage === 'u8' ? bytes : storage === 'f32' ? new Float32Array(bytes.buffer) : new Uint32Array(bytes.buffer); // prettier-ignore
      return [name, array];
    }),
  );
}

/** The example glyphs in a folder that is removed after the tests of the file, and trainers of it. Called once a file. */
export async function glyphsTrainers(): Promise<{
  temporary: string;
  glyphs: Compiled;
  /** Of the training data. */
  records: number;
  trainerOf: ReturnType<typeof disposingTrainers>;
}> {
  const temporary = emptyFolder();
  afterAll(() => fs.rmSync(temporary, { recursive: true, force: true }));
  const glyphs = await compiledExample(temporary, 'glyphs.net');
  return { temporary, glyphs, records: glyphs.dataset.splits.get('train')!, trainerOf: disposingTrainers() };
}

/** Makes trainers on the CPU, each disposed of after the test that made it. Called once a file. */
export function disposingTrainers(): (
  program: TrainerProgram,
  options?: TrainerOptions,
) => Promise<CompiledTrainer> {
  const open: CompiledTrainer[] = [];
  afterEach(() => open.splice(0).forEach((trainer) => trainer.dispose()));
  return async (program, options = {}) => {
    const trainer = await createTrainer(program, { device: 'cpu', ...options });
    open.push(trainer);
    return trainer;
  };
}
