/**
 * One column of one file, fitted to its declaration. In: what the file holds, the field as the program declares
 * it. Out: numbers that the field's storage type takes, kept as small as the file has them. The shape and
 * every value are checked here, so that a batch can be copied without looking.
 */
import { RuntimeFailure } from '../failure.ts';
import type { FieldSpec, StorageType } from '../plan-format.ts';
import { elementCount, shapeText, type FilePlace, type NumberArray, type RawArray } from './raw-array.ts';

/** What a column is declared to be. */
export type ColumnSpec = Omit<FieldSpec, 'origin'>;

export interface Column {
  storage: StorageType;
  records: number;
  /** Elements of one record. */
  recordSize: number;
  /** Of the storage's type, or of another whose every value that type takes. */
  data: NumberArray;
}

/** E0404: another shape; E0405: a value that the column cannot take. */
export function fitColumn(raw: RawArray, field: ColumnSpec, place: FilePlace): Column {
  checkShape(raw, field, place);
  checkValues(raw.data, field, place);
  const recordSize = elementCount(field.shape);
  const data = narrow(raw.data, field.storage);
  return { storage: field.storage, records: raw.shape[0] ?? 0, recordSize, data };
}

/** Copies records, one after another, in the storage type, to the start of `target`. */
export function copyRecords(column: Column, records: Uint32Array, target: Uint8Array): void {
  const { data, recordSize } = column;
  const out = storageView(column.storage, target, records.length * recordSize);
  for (let i = 0; i < records.length; i++) {
    const start = (records[i] ?? 0) * recordSize;
    out.set(data.subarray(start, start + recordSize), i * recordSize);
  }
}

function storageView(storage: StorageType, target: Uint8Array, length: number): NumberArray {
  switch (storage) {
    case 'f32':
      return new Float32Array(target.buffer, target.byteOffset, length);
    case 'i32':
      return new Int32Array(target.buffer, target.byteOffset, length);
    case 'u32':
      return new Uint32Array(target.buffer, target.byteOffset, length);
    case 'u8':
      return new Uint8Array(target.buffer, target.byteOffset, length);
    default:
      return storage satisfies never;
  }
}

/** Axes of size 1 do not count; the pixels of an IDX image may be declared as one axis. */
function checkShape(raw: RawArray, field: ColumnSpec, { file }: FilePlace): void {
  const found = raw.shape.slice(1);
  const declared = field.shape.filter((size) => size !== 1);
  const same = shapeText(found.filter((size) => size !== 1)) === shapeText(declared);
  const flat = raw.format === 'idx' && declared.length === 1 && elementCount(found) === declared[0];
  if (raw.shape.length > 0 && (same || flat)) return;
  const holds =
    raw.shape.length > 0 ? `records of shape ${shapeText(found)}` : 'a single number, not records';
  const axes = ['B', ...found].join(', ');
  throw new RuntimeFailure(
    'E0404',
    `${file} holds ${holds}; the column ${field.name} declares ${shapeText(field.shape)}`,
    {
      span: field.span,
      help:
        raw.shape.length > 0
          ? `Declare the column as the file has it, ${field.name}[${axes}], or bring the file into the declared shape.`
          : 'The first axis of a data file counts the records.',
    },
  );
}

/** Why a number cannot stand in a column, or undefined. */
type Fault = (value: number) => string | undefined;

const wholeNumbers =
  (low: number, high: number, name: string): Fault =>
  (value) =>
    value >= low && value <= high && Number.isInteger(value)
      ? undefined
      : `${value} is not a whole number from ${low} to ${high} (${name})`;

const FAULTS: { readonly [S in StorageType]: Fault } = {
  u8: wholeNumbers(0, 255, 'a byte'),
  u32: wholeNumbers(0, 0xffff_ffff, 'u32'),
  i32: wholeNumbers(-0x8000_0000, 0x7fff_ffff, 'i32'),
  f32: (value) => {
    if (Number.isNaN(value)) return 'NaN';
    const stored = Math.fround(value);
    if (!Number.isFinite(stored) && Number.isFinite(value)) return `${value} is beyond the range of f32`;
    return undefined;
  },
};

/** Whole numbers up to here are exact in f32. */
const EXACT_IN_F32 = 2 ** 24;

function checkValues(data: RawArray['data'], field: ColumnSpec, place: FilePlace): void {
  if (neverAtFault(data, field)) return;
  const fault = faultOf(data, field);
  for (let i = 0; i < data.length; i++) {
    const what = fault(Number(data[i]));
    if (what !== undefined) throw valueFailure(i, what, field, place);
  }
}

/** The bytes of images are most of what is read; there is nothing to look for. */
function neverAtFault(data: RawArray['data'], field: ColumnSpec): boolean {
  return field.below === undefined && data instanceof Uint8Array;
}

function faultOf(data: RawArray['data'], field: ColumnSpec): Fault {
  const { below } = field;
  const fits = FAULTS[field.storage];
  const inRange: Fault =
    below === undefined
      ? fits
      : (value) => fits(value) ?? (value >= 0 && value < below ? undefined : outOfRange(value, below));
  const isWhole = !(data instanceof Float32Array || data instanceof Float64Array);
  if (field.storage !== 'f32' || !isWhole) return inRange;
  // A fraction is rounded to the nearest f32 as everywhere; a whole number would become another one.
  return (value) =>
    Math.abs(value) > EXACT_IN_F32 && Math.fround(value) !== value
      ? `${value} is not exact in f32`
      : inRange(value);
}

function outOfRange(value: number, below: number): string {
  return `${value} is out of range: there are ${below} classes, 0 to ${below - 1}`;
}

function valueFailure(element: number, what: string, field: ColumnSpec, place: FilePlace): RuntimeFailure {
  const recordSize = elementCount(field.shape);
  const record = Math.floor(element / recordSize);
  const inside = field.shape.some((size) => size !== 1)
    ? `, element ${shapeText(unravel(element % recordSize, field.shape))}`
    : '';
  const where =
    place.locate?.(record, element % recordSize) ??
    `record ${record} (counting from 0), column ${field.name}${inside}`;
  return new RuntimeFailure('E0405', `${place.file}, ${where}: ${what}`, { span: field.span });
}

function unravel(element: number, shape: readonly number[]): number[] {
  let rest = element;
  const index = shape.map(() => 0);
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis] ?? 1;
    index[axis] = rest % size;
    rest = Math.floor(rest / size);
  }
  return index;
}

/** 64-bit numbers take the storage type at once; smaller ones stay as they are until a batch needs them. */
function narrow(data: RawArray['data'], storage: StorageType): NumberArray {
  if (!(data instanceof BigInt64Array || data instanceof Float64Array)) return data;
  const size = storage === 'u8' ? 1 : 4;
  const narrowed = storageView(storage, new Uint8Array(data.length * size), data.length);
  for (let i = 0; i < data.length; i++) narrowed[i] = Number(data[i]);
  return narrowed;
}
