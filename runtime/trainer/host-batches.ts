/**
 * What a host program hands to a trainer, as routines take it. In: arrays by name. Out: bytes of a step's inputs, columns
 * of any number of records. RuntimeFailure at the call for what does not fit (`batch-inputs.ts`).
 */
import { copyRecords, type Column } from '../data/column.ts';
import { RuntimeFailure } from '../failure.ts';
import { routineOf } from '../listing-access.ts';
import type { Listing, Routine } from '../plan-format.ts';
import { columnBytes, readArrays, type ExpectedInput, type GivenArrays } from './batch-inputs.ts';

/** Records of arrays in memory, by number; a name that was left out is left alone. */
export interface HostRecords {
  records: number;
  copy(name: string, chosen: Uint32Array, target: Uint8Array): void;
}

function hostRecords(given: GivenArrays, expected: readonly ExpectedInput[], what: string): HostRecords {
  const { records, columns } = readArrays(given, expected, what);
  return {
    records,
    copy(name, chosen, target) {
      const column: Column | undefined = columns.get(name);
      if (column) copyRecords(column, chosen, target);
    },
  };
}

/** What a batch of the program's data holds; what no step reads may be left out. */
function expectedData(listing: Listing): ExpectedInput[] {
  const read = new Set(
    listing.steps.flatMap(({ gradient, evaluate }) =>
      [gradient, evaluate].flatMap((index) => routineOf(listing, index).inputs.map(({ name }) => name)),
    ),
  );
  return (listing.data?.fields ?? []).map((field) => ({ ...field, optional: !read.has(field.name) }));
}

/** Any number of records of the program's data. */
export const dataRecords = (listing: Listing, given: GivenArrays): HostRecords =>
  hostRecords(given, expectedData(listing), 'the batch');

/** Any number of records of a model's input. */
export function modelRecords(
  listing: Listing,
  model: string,
  routine: Routine,
  given: GivenArrays,
): HostRecords {
  const span = { file: listing.source, line: 1, column: 1, endLine: 1, endColumn: 1 };
  const expected = routine.inputs.map(({ recordShape, ...input }) => ({
    ...input,
    shape: recordShape,
    span,
  }));
  return hostRecords(given, expected, `the input of ${model}`);
}

/** Bytes of each input of a step's routine. E0214 where the batch is no whole one. */
export function stepInputs(listing: Listing, routine: number, batch: GivenArrays): Map<string, Uint8Array> {
  const { batch: size, inputs } = routineOf(listing, routine);
  const { records, columns } = readArrays(batch, expectedData(listing), 'the batch');
  if (records !== size && columns.size > 0) {
    throw new RuntimeFailure('E0214', `the batch has ${records} records; a step takes ${size}`, {
      help: 'The batch is a part of the program: set `batch` in its data, and compile it again.',
    });
  }
  const bytes = new Map<string, Uint8Array>();
  for (const { name } of inputs) {
    const column = columns.get(name);
    if (column) bytes.set(name, columnBytes(column, 0, size));
  }
  return bytes;
}

/** The batches of one step: one, or a list of `accumulate`. E0214 where it is another number. */
export function batchesOfStep(
  batch: GivenArrays | readonly GivenArrays[],
  accumulate: number,
): readonly GivenArrays[] {
  if (accumulate === 1 && !Array.isArray(batch)) return [batch as GivenArrays];
  const list = Array.isArray(batch) ? (batch as readonly GivenArrays[]) : undefined;
  if (list?.length === accumulate) return list;
  const given = list === undefined ? 'one batch' : `${list.length} batches`;
  throw new RuntimeFailure(
    'E0214',
    `a step takes ${accumulate === 1 ? 'one batch' : `a list of ${accumulate} batches`}, not ${given}`,
  );
}
