/** The records that a model predicts for: npy files, and draws at random. */
import { readFile } from 'node:fs/promises';
import type { Column } from '../../runtime/data/column.ts';
import { copyRecords, fitColumn } from '../../runtime/data/column.ts';
import { parseNpy } from '../../runtime/data/npy.ts';
import { reasonOf } from '../../runtime/node/files.ts';
import type { Routine, RoutineInput, Span } from '../../runtime/plan-format.ts';
import type { InputSource } from '../../runtime/predict.ts';
import { Generator } from '../../runtime/random/generator.ts';
import { fail } from '../diagnostics.ts';

/** Inputs that are drawn from the normal distribution: how many records, and the seed. */
export interface RandomInputs {
  records: number;
  seed: number;
}

/** Every input of the routine, of its file or drawn; E0401 to E0406 where a file does not fit. */
export async function readInputs(
  routine: Routine,
  paths: ReadonlyMap<string, string>,
  span: Span,
  random: RandomInputs | undefined,
): Promise<InputSource> {
  const columns = new Map<string, Column>();
  let first = random === undefined ? undefined : { path: '--random', records: random.records };
  for (const [name, path] of paths) {
    const file = await readFile(path).catch((error: unknown) =>
      fail('E0401', undefined, `cannot read '${path}': ${reasonOf(error)}`),
    );
    const raw = parseNpy(file, { file: path });
    const records = raw.shape[0] ?? 0;
    first ??= { path, records };
    if (records !== first.records) {
      fail('E0406', undefined, `${first.path} has ${first.records} records, ${path} has ${records}`);
    }
    // An input that the model does not look at has counted its records, and that is all.
    const input = routine.inputs.find((candidate) => candidate.name === name);
    if (input === undefined) continue;
    const field = { name, shape: input.recordShape, storage: input.storage, span };
    columns.set(name, fitColumn(raw, field, { file: path }));
  }
  if (random !== undefined) {
    for (const input of routine.inputs.filter(({ name }) => !paths.has(name)))
      columns.set(input.name, drawn(input, random));
  }
  return {
    records: first?.records ?? 0,
    copy(input, chosen, target) {
      const column = columns.get(input);
      if (column === undefined) throw new Error(`internal: no input ${input}`);
      copyRecords(column, chosen, target);
    },
  };
}

/** Mean 0, deviation 1, from a stream of the input's own. E0701 for whole numbers. */
function drawn(input: RoutineInput, { records, seed }: RandomInputs): Column {
  const { name, recordShape, storage } = input;
  if (storage !== 'f32') {
    fail('E0701', undefined, `the input ${name} holds whole numbers, which --random does not draw`, {
      help: `give it as --input ${name}=FILE.npy`,
    });
  }
  const random = new Generator(seed, `predict ${name}`);
  const recordSize = recordShape.reduce((product, size) => product * size, 1);
  const data = Float32Array.from({ length: records * recordSize }, () => random.normal());
  return { storage, records, recordSize, data };
}
