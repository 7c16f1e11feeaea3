/**
 * A csv file as columns of numbers and cells of categories. In: its bytes, the fields that are read from it.
 * Out: for each field an array of all records. Cells that no field asks for are passed over. Numbers are held
 * as 8 bytes until a column takes them, categories as numbers of distinct texts.
 */
import { RuntimeFailure } from '../failure.ts';
import type { CsvColumn, DataSource, FieldSpec, Span } from '../plan-format.ts';
import { nearestName } from '../checkpoint/names.ts';
import { ByteTable } from './byte-table.ts';
import { CsvScanner } from './csv-scan.ts';
import { parseNumber } from './numbers-in-text.ts';
import type { FilePlace, RawArray } from './raw-array.ts';

type CsvSource = Extract<DataSource, { format: 'csv' }>;

/** One number a record: which of the texts it holds. */
export interface CategoryCells {
  ids: Uint32Array;
  texts: ByteTable;
}

export interface CsvContent {
  records: number;
  /** Where errors say a value stands, by field. */
  places: ReadonlyMap<string, FilePlace>;
  numbers: ReadonlyMap<string, RawArray>;
  categories: ReadonlyMap<string, CategoryCells>;
}

/** A field while the file is read. */
interface Reading {
  field: FieldSpec;
  /** Positions of its cells. */
  cells: number[];
  numbers: Growing<Float64Array> | undefined;
  ids: Growing<Uint32Array> | undefined;
  texts: ByteTable;
}

/** E0201 no such column; E0216 no such position; E0402 and E0403 no csv; E0404 ragged rows; E0405 no number. */
export function readCsv(
  bytes: Uint8Array,
  source: CsvSource,
  fields: readonly FieldSpec[],
  place: FilePlace,
): CsvContent {
  const scanner = new CsvScanner(bytes, source.delimiter, place);
  let isRecord = scanner.next();
  const width = scanner.count;
  const header = source.header && isRecord ? readHeader(scanner, place) : undefined;
  if (header) isRecord = scanner.next();
  const readings = fields.map((field): Reading => {
    const cells = cellsOf(field, header, width, place);
    const isCategory = field.origin.kind === 'category';
    return {
      field,
      cells,
      numbers: isCategory ? undefined : new Growing(Float64Array),
      ids: isCategory ? new Growing(Uint32Array) : undefined,
      texts: new ByteTable(),
    };
  });
  const nameOf = (cell: number): string => header?.[cell] ?? String(cell);
  let records = 0;
  for (; isRecord; isRecord = scanner.next(), records++) {
    const where = (cell: number): string =>
      `${place.file}, record ${records} (counting from 0, line ${scanner.line}), column ${nameOf(cell)}`;
    if (scanner.count !== width) throw ragged(scanner, records, width, header !== undefined, place);
    for (const reading of readings) readRecord(scanner, reading, where);
  }
  const places = new Map(
    readings.map(({ field, cells }) => [
      field.name,
      { ...place, locate: locator(bytes, source, cells.map(nameOf), place) },
    ]),
  );
  return { records, places, numbers: numbersOf(readings, records), categories: categoriesOf(readings) };
}

function readRecord(scanner: CsvScanner, reading: Reading, where: (cell: number) => string): void {
  const { field, cells, numbers, ids, texts } = reading;
  for (const cell of cells) {
    const [start, end] = [scanner.start(cell), scanner.end(cell)];
    if (ids !== undefined) {
      if (start === end) throw wrongCell(where(cell), 'the cell is empty', field.span);
      const content = scanner.content(cell);
      ids.push(texts.intern(content));
      continue;
    }
    const value = parseNumber(scanner.bytes, start, end);
    if (value === undefined) throw wrongCell(where(cell), notANumber(scanner.content(cell)), field.span);
    numbers?.push(value);
  }
}

function wrongCell(where: string, what: string, span: Span): RuntimeFailure {
  const help = what.startsWith('"') ? 'Names are read by category("…").' : undefined;
  return new RuntimeFailure('E0405', `${where}: ${what}`, { span, help });
}

function notANumber(content: Uint8Array): string {
  if (content.length === 0) return 'the cell is empty';
  return `${quotedCell(content)} is not a number`;
}

/** A cell as errors show it, cut after 40 characters. */
export function quotedCell(content: Uint8Array): string {
  const text = new TextDecoder().decode(content.subarray(0, 160));
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}

function readHeader(scanner: CsvScanner, { file, span }: FilePlace): string[] {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  return Array.from({ length: scanner.count }, (_, cell) => {
    try {
      return decoder.decode(scanner.content(cell)).trim();
    } catch {
      throw new RuntimeFailure('E0402', `${file} is not text in UTF-8`, { span });
    }
  });
}

/** The positions that a field reads. */
function cellsOf(
  field: FieldSpec,
  header: readonly string[] | undefined,
  width: number,
  place: FilePlace,
): number[] {
  const { origin, span } = field;
  switch (origin.kind) {
    case 'columns':
      return origin.columns.map((column) => cellOf(column, header, width, { ...place, span }));
    case 'category':
      return [cellOf(origin.column, header, width, { ...place, span })];
    case 'column_range': {
      const first = cellOf(origin.first, header, width, { ...place, span });
      if (first + origin.count <= width) return Array.from({ length: origin.count }, (_, i) => first + i);
      throw new RuntimeFailure(
        'E0216',
        `${place.file} has ${width - first} columns from that one on, not ${origin.count}`,
        { span },
      );
    }
    case 'array':
    case 'window':
      throw new Error(`internal: a csv has no ${origin.kind}`);
    default:
      return origin satisfies never;
  }
}

function cellOf(
  column: CsvColumn,
  header: readonly string[] | undefined,
  width: number,
  { file, span }: FilePlace,
): number {
  if (typeof column === 'number') {
    const cell = column < 0 ? column + width : column;
    if (cell >= 0 && cell < width) return cell;
    throw new RuntimeFailure('E0216', `${file} has ${width} columns, so none is number ${column}`, {
      span,
      help:
        width > 0 ? `They count from 0 to ${width - 1}, or from the end from -1 to ${-width}.` : undefined,
    });
  }
  const cell = header?.indexOf(column) ?? -1;
  if (header !== undefined && cell >= 0) {
    if (header.indexOf(column, cell + 1) < 0) return cell;
    throw new RuntimeFailure('E0202', `${file} has two columns of the name ${column}`, {
      span,
      help: 'Ask for one by its position, counting from 0.',
    });
  }
  const near = nearestName(column, header ?? []);
  throw new RuntimeFailure('E0201', `${file} has no column ${column}`, {
    span,
    help: near === undefined ? `Its columns are ${(header ?? []).join(', ')}.` : `Did you mean ${near}?`,
  });
}

function ragged(
  scanner: CsvScanner,
  record: number,
  width: number,
  hasHeader: boolean,
  { file, span }: FilePlace,
): RuntimeFailure {
  const cells = scanner.count === 1 ? '1 cell' : `${scanner.count} cells`;
  return new RuntimeFailure(
    'E0404',
    `${file}, record ${record} (counting from 0, line ${scanner.line}) has ${cells}, the ${hasHeader ? 'header' : 'first record'} has ${width}`,
    { span, help: 'A cell that holds the delimiter or a line end stands in quotes.' },
  );
}

/** Finds the line of a record by going through the file once more: only errors ask. */
function locator(
  bytes: Uint8Array,
  source: CsvSource,
  names: readonly string[],
  place: FilePlace,
): (record: number, element: number) => string {
  return (record, element) => {
    const scanner = new CsvScanner(bytes, source.delimiter, place);
    for (let i = source.header ? -1 : 0; i <= record; i++) scanner.next();
    return `record ${record} (counting from 0, line ${scanner.line}), column ${names[element] ?? ''}`;
  };
}

function numbersOf(readings: readonly Reading[], records: number): Map<string, RawArray> {
  const found = new Map<string, RawArray>();
  for (const { field, cells, numbers } of readings) {
    if (numbers === undefined) continue;
    const shape =
      field.origin.kind === 'columns' && field.shape.length === 0 ? [records] : [records, cells.length];
    found.set(field.name, { format: 'csv', shape, data: numbers.values() });
  }
  return found;
}

function categoriesOf(readings: readonly Reading[]): Map<string, CategoryCells> {
  return new Map(
    readings.flatMap(({ field, ids, texts }) =>
      ids === undefined ? [] : [[field.name, { ids: ids.values(), texts }] as const],
    ),
  );
}

/** A typed array that grows by half its size. */
class Growing<T extends Float64Array | Uint32Array> {
  private array: T;
  private length = 0;
  private readonly make: new (length: number) => T;

  constructor(make: new (length: number) => T) {
    this.make = make;
    this.array = new make(1024);
  }

  push(value: number): void {
    if (this.length === this.array.length) {
      const larger = new this.make(Math.ceil(1.5 * this.length));
      larger.set(this.array);
      this.array = larger;
    }
    this.array[this.length++] = value;
  }

  /** Of its own length: what was kept ready is given back. */
  values(): T {
    return this.array.slice(0, this.length) as T;
  }
}
