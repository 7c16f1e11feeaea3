/**
 * Arrays of files: idx, npy and npz. In: a source, the fields. Out: one checked column a field, all of the same
 * number of records.
 */
import { nearestName } from '../checkpoint/names.ts';
import { RuntimeFailure } from '../failure.ts';
import type { DataSource, FieldSpec } from '../plan-format.ts';
import { fitColumn, type Column } from './column.ts';
import type { DataReader } from './dataset.ts';
import { parseIdx } from './idx.ts';
import { loadFile } from './load-file.ts';
import { parseNpy } from './npy.ts';
import type { FilePlace, RawArray } from './raw-array.ts';
import { unpackEntry, zipEntries } from './zip.ts';

type ArraySource = Extract<DataSource, { format: 'idx' | 'npy' | 'npz' }>;

/** An array on its way to a column; it is read when it is asked for, so that few lie in memory at a time. */
interface NamedArray {
  field: FieldSpec;
  place: FilePlace;
  read: () => Promise<RawArray>;
}

/** E0201 and E0219 names that do not match; E0406 different numbers of records; and those of the formats. */
export async function loadArrays(
  source: ArraySource,
  fields: readonly FieldSpec[],
  reader: DataReader,
): Promise<{ records: number; columns: Map<string, Column> }> {
  const arrays =
    source.format === 'npz'
      ? await arraysOfZip(source, fields, reader)
      : arraysOfFiles(source, fields, reader);
  const columns = new Map<string, Column>();
  let first: { file: string; records: number } | undefined;
  for (const { field, place, read } of arrays) {
    const column = fitColumn(await read(), field, place);
    first ??= { file: place.file, records: column.records };
    if (column.records !== first.records) {
      throw new RuntimeFailure(
        'E0406',
        `${first.file} has ${first.records} records, ${place.file} has ${column.records}`,
        {
          span: source.span,
          help: 'The files or arrays of one source hold the columns of the same records.',
        },
      );
    }
    columns.set(field.name, column);
  }
  return { records: first?.records ?? 0, columns };
}

function arraysOfFiles(
  source: Extract<ArraySource, { format: 'idx' | 'npy' }>,
  fields: readonly FieldSpec[],
  reader: DataReader,
): NamedArray[] {
  const arrays = source.files.map(({ field: name, path, span }): NamedArray => {
    const field = fields.find((candidate) => candidate.name === name);
    if (field === undefined) {
      throw new RuntimeFailure('E0201', `the data declares no column ${name}`, {
        span,
        help: `Its columns are ${fields.map((known) => known.name).join(', ')}.`,
      });
    }
    const place = { file: reader.display(path), span };
    const parse = source.format === 'idx' ? parseIdx : parseNpy;
    return { field, place, read: async () => parse(await loadFile(path, reader, place), place) };
  });
  for (const { name } of fields) {
    if (source.files.some(({ field }) => field === name)) continue;
    throw new RuntimeFailure('E0219', `the source ${source.split} has no file for the column ${name}`, {
      span: source.span,
      help: `Add ${name} = "…" to it: every source has every column.`,
    });
  }
  return arrays;
}

async function arraysOfZip(
  { file: { path, span } }: Extract<ArraySource, { format: 'npz' }>,
  fields: readonly FieldSpec[],
  reader: DataReader,
): Promise<NamedArray[]> {
  const place = { file: reader.display(path), span };
  const bytes = await loadFile(path, reader, place);
  const entries = new Map(zipEntries(bytes, place).map((entry) => [entry.name.replace(/\.npy$/, ''), entry]));
  return fields.map((field): NamedArray => {
    const entry = entries.get(field.name);
    if (entry === undefined) {
      const near = nearestName(field.name, [...entries.keys()]);
      throw new RuntimeFailure('E0201', `${place.file} has no array ${field.name}`, {
        span: field.span,
        help: near === undefined ? `It has ${[...entries.keys()].join(', ')}.` : `Did you mean ${near}?`,
      });
    }
    const inside = { ...place, file: `${place.file}/${entry.name}` };
    return {
      field,
      place: inside,
      read: async () => parseNpy(await unpackEntry(bytes, entry, reader, place), inside),
    };
  });
}
