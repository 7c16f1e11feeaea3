/**
 * Sources whose records lie side by side: idx, npy, npz and csv. In: a source and its files. Out: its records,
 * divided at random. Categories are those of the training split; a value that only another one has is an error.
 */
import { RuntimeFailure } from '../failure.ts';
import type { DataSource, FieldSpec } from '../plan-format.ts';
import { loadArrays } from './arrays.ts';
import { compareBytes } from './byte-table.ts';
import { copyRecords, fitColumn, type Column } from './column.ts';
import { quotedCell, readCsv, type CategoryCells } from './csv.ts';
import type { Records } from './dataset.ts';
import { loadFile } from './load-file.ts';
import { parseNumber } from './numbers-in-text.ts';
import type { FilePlace } from './raw-array.ts';
import type { OpenedSource, OpenRequest } from './source.ts';
import { divideRecords, type Division } from './splits.ts';
import type { DataTables } from './tables.ts';

type TableSource = Exclude<DataSource, { format: 'text' }>;

/** A category column before its codes are decided. */
interface RawCategory {
  field: FieldSpec;
  cells: CategoryCells;
  place: FilePlace;
}

interface Table {
  records: number;
  columns: Map<string, Column>;
  categories: RawCategory[];
}

/** The failures of the formats; E0405 a category that training does not know; E0407 a share of no record. */
export async function openTable(source: TableSource, request: OpenRequest): Promise<OpenedSource> {
  const { spec, seed, splits } = request;
  const { records, columns, categories } = await readTable(source, request);
  const division = splits.length > 0 ? divideRecords(records, splits, seed, `split ${spec.name}`) : undefined;
  const tables: DataTables = { categories: {} };
  for (const raw of categories) {
    const key = categoryKey(raw.field);
    const names = request.tables?.categories[key] ?? decide(raw.cells, division?.rest);
    tables.categories[key] = names;
    columns.set(raw.field.name, encode(raw, { names, decidedBy: request.decidedBy }, division));
  }
  return {
    parts: (division?.parts ?? []).map((part) => new Selected(columns, part.length, part)),
    rest: new Selected(columns, division?.rest.length ?? records, division?.rest),
    tables,
  };
}

async function readTable(source: TableSource, { spec, reader }: OpenRequest): Promise<Table> {
  if (source.format !== 'csv') return { ...(await loadArrays(source, spec.fields, reader)), categories: [] };
  const { path, span } = source.file;
  const place = { file: reader.display(path), span };
  const content = readCsv(await loadFile(path, reader, place), source, spec.fields, place);
  const columns = new Map<string, Column>();
  const categories: RawCategory[] = [];
  for (const field of spec.fields) {
    const where = content.places.get(field.name) ?? place;
    const numbers = content.numbers.get(field.name);
    const cells = content.categories.get(field.name);
    if (numbers) columns.set(field.name, fitColumn(numbers, field, where));
    else if (cells) categories.push({ field, cells, place: where });
  }
  return { records: content.records, columns, categories };
}

/** As the tables of a weights file name it: the column's name or position. */
function categoryKey({ origin }: FieldSpec): string {
  if (origin.kind !== 'category') throw new Error('internal: a category of another kind');
  return String(origin.column);
}

/** Category names by code, and who decided them. */
interface Codes {
  names: readonly string[];
  decidedBy: OpenRequest['decidedBy'];
}

/** The texts of these records, all of them where absent: as numbers where all are, else by code point. */
function decide({ ids, texts }: CategoryCells, records: Uint32Array | undefined): string[] {
  const used = new Uint8Array(texts.size);
  if (records) for (const record of records) used[ids[record] ?? 0] = 1;
  else used.fill(1);
  const found = Array.from(used.keys()).filter((id) => used[id] === 1);
  const values = found.map((id) => {
    const bytes = texts.bytes(id);
    return { bytes, number: parseNumber(bytes, 0, bytes.length) };
  });
  const numeric = values.every(({ number }) => number !== undefined);
  values.sort((a, b) => {
    const byNumber = numeric ? (a.number ?? 0) - (b.number ?? 0) : 0;
    return byNumber === 0 ? compareBytes(a.bytes, b.bytes) : byNumber;
  });
  const decoder = new TextDecoder();
  return values.map(({ bytes }) => decoder.decode(bytes));
}

function encode(raw: RawCategory, known: Codes, division: Division | undefined): Column {
  const { field, cells, place } = raw;
  const codeOf = new Map(known.names.map((name, code) => [name, code]));
  const decoder = new TextDecoder();
  const codes = Array.from({ length: cells.texts.size }, (_, id) =>
    codeOf.get(decoder.decode(cells.texts.bytes(id))),
  );
  const below = field.below ?? Infinity;
  const data = new Uint32Array(cells.ids.length);
  for (let record = 0; record < data.length; record++) {
    const id = cells.ids[record] ?? 0;
    const code = codes[id];
    if (code === undefined || code >= below) {
      throw categoryFailure(raw, known, record, splitOf(record, division));
    }
    data[record] = code;
  }
  const raws = { format: 'csv' as const, shape: [data.length], data };
  return fitColumn(raws, field, place);
}

/** Which share a record went to. */
function splitOf(record: number, division: Division | undefined): string | undefined {
  const part = division?.parts.findIndex((records) => records.includes(record)) ?? -1;
  return part < 0 ? undefined : division?.names[part];
}

function categoryFailure(
  { field, cells, place }: RawCategory,
  { names, decidedBy }: Codes,
  record: number,
  split: string | undefined,
): RuntimeFailure {
  const bytes = cells.texts.bytes(cells.ids[record] ?? 0);
  const shown = quotedCell(bytes);
  const code = names.indexOf(new TextDecoder().decode(bytes));
  const where = `${place.file}, ${place.locate?.(record, 0) ?? `record ${record}`}`;
  const { below = 0, span } = field;
  if (code >= 0) {
    return new RuntimeFailure(
      'E0405',
      `${where}: ${shown} is category ${code} of ${names.length}, and the program has room for ${below}, 0 to ${below - 1}`,
      { span },
    );
  }
  const inSplit = split === undefined ? '' : ` in the split ${split}`;
  const ofWeights = decidedBy === 'weights';
  const fault = ofWeights
    ? 'is none of those that the weights were trained with'
    : 'does not occur in the training split';
  return new RuntimeFailure('E0405', `${where}: the category ${shown}${inSplit} ${fault}`, {
    span,
    help: `${ofWeights ? 'They are' : 'The training split has'} ${listed(names)}.`,
  });
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 6).map((name) => JSON.stringify(name));
  return names.length > 6 ? `${shown.join(', ')} and ${names.length - 6} more` : shown.join(', ');
}

/** Records of a table: those chosen, in that order, or all. */
class Selected implements Records {
  readonly count: number;
  private readonly columns: ReadonlyMap<string, Column>;
  private readonly chosen: Uint32Array | undefined;

  constructor(columns: ReadonlyMap<string, Column>, count: number, chosen: Uint32Array | undefined) {
    this.columns = columns;
    this.count = count;
    this.chosen = chosen;
  }

  copy(field: string, records: Uint32Array, target: Uint8Array): void {
    const { chosen } = this;
    const column = this.columns.get(field);
    if (column === undefined) throw new Error(`internal: no column ${field}`);
    copyRecords(column, chosen ? records.map((record) => chosen[record] ?? 0) : records, target);
  }
}
