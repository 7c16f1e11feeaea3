/**
 * What a program is given at a call, checked: names, numbers and their count. In: arrays by name. Out: bytes as a
 * routine's inputs take them. Everything wrong is a RuntimeFailure at the call, with what is expected.
 */
import { nearestName } from '../checkpoint/names.ts';
import { copyRecords, fitColumn, type Column } from '../data/column.ts';
import { elementCount, shapeText, type NumberArray } from '../data/raw-array.ts';
import { RuntimeFailure } from '../failure.ts';
import type { Span, StorageType } from '../plan-format.ts';

/** One array, all records one after another, or the numbers in a list. */
export type Numbers = NumberArray | readonly number[];

/** Arrays by the name of the input. */
export type GivenArrays = Readonly<Record<string, Numbers>>;

export interface ExpectedInput {
  name: string;
  /** Of one record. */
  shape: number[];
  storage: StorageType;
  /** Upper bound, exclusive. */
  below?: number;
  /** It may be left out, and is not looked at. */
  optional?: boolean;
  span: Span;
}

const WORDS: Readonly<Record<StorageType, string>> = {
  f32: 'a Float32Array',
  u8: 'whole numbers of a byte, for example a Uint8Array',
  u32: 'whole numbers, for example a Uint32Array',
  i32: 'whole numbers, for example an Int32Array',
};

/**
 * Columns of the arrays, and their number of records. `what` names the whole in messages, for example `the batch`.
 * E0201 an unknown name; E0212 one is missing; E0209 another dtype; E0214 another number of values; E0405 a value
 * that does not fit.
 */
export function readArrays(
  given: GivenArrays,
  expected: readonly ExpectedInput[],
  what: string,
): { records: number; columns: Map<string, Column> } {
  checkNames(given, expected, what);
  let first: { name: string; records: number } | undefined;
  const columns = new Map<string, Column>();
  for (const input of expected) {
    const { name } = input;
    const numbers = given[name];
    if (numbers === undefined) continue;
    const data = toArray(numbers, input, what);
    const size = elementCount(input.shape);
    if (data.length === 0 || data.length % size !== 0) {
      throw new RuntimeFailure('E0214', `${name} of ${what} has ${data.length} values`, {
        help: `A record of ${name} is ${shapeText(input.shape)}, ${size} ${size === 1 ? 'value' : 'values'}.`,
      });
    }
    const records = data.length / size;
    first ??= { name, records };
    if (records !== first.records) {
      throw new RuntimeFailure(
        'E0406',
        `${first.name} of ${what} has ${first.records} records, ${name} has ${records}`,
      );
    }
    const raw = { format: 'npy' as const, shape: [records, ...input.shape], data };
    columns.set(name, fitColumn(raw, input, { file: what }));
  }
  return { records: first?.records ?? 0, columns };
}

/** Bytes of records of a column, in memory of their own. */
export function columnBytes(column: Column, start: number, records: number): Uint8Array {
  const bytes = column.recordSize * (column.storage === 'u8' ? 1 : 4) * records;
  const target = new Uint8Array(Math.ceil(bytes / 4) * 4);
  copyRecords(
    column,
    Uint32Array.from({ length: records }, (_, i) => start + i),
    target,
  );
  return target;
}

function checkNames(given: unknown, expected: readonly ExpectedInput[], what: string): void {
  const names = expected.map(({ name }) => name);
  const list = names.join(', ');
  if (typeof given !== 'object' || given === null || Array.isArray(given) || ArrayBuffer.isView(given)) {
    throw new RuntimeFailure('E0213', `${what} is no object with an array for each of ${list}`);
  }
  for (const name of Object.keys(given)) {
    if (names.includes(name)) continue;
    const near = nearestName(name, names);
    throw new RuntimeFailure('E0201', `${what} has ${name}, which the program does not know`, {
      help: near === undefined ? `It takes ${list}.` : `Did you mean ${near}?`,
    });
  }
  for (const { name, optional } of expected) {
    if (optional !== true && (given as GivenArrays)[name] === undefined) {
      throw new RuntimeFailure('E0212', `${what} has no ${name}`, { help: `It takes ${list}.` });
    }
  }
}

function toArray(numbers: Numbers, { name, storage }: ExpectedInput, what: string): NumberArray {
  if (Array.isArray(numbers)) {
    const list = numbers as readonly unknown[];
    const wrong = list.find((value) => typeof value !== 'number');
    if (wrong === undefined) return Float64Array.from(list as readonly number[]);
    throw wrongType(name, storage, what, `a list that holds ${typeof wrong}s`);
  }
  if (!ArrayBuffer.isView(numbers) || !('length' in numbers)) {
    throw wrongType(name, storage, what, numbers === null ? 'null' : typeof numbers);
  }
  const array: NumberArray = numbers;
  const isFloat = array instanceof Float32Array || array instanceof Float64Array;
  const fits = storage === 'f32' ? array instanceof Float32Array : !isFloat;
  if (!fits || 'byteLength' in array === false || isWide(array)) {
    throw wrongType(name, storage, what, `a ${array.constructor.name}`);
  }
  return array;
}

/** 64-bit integers are no numbers. */
const isWide = (array: unknown): boolean => array instanceof BigInt64Array || array instanceof BigUint64Array;

const wrongType = (name: string, storage: StorageType, what: string, found: string): RuntimeFailure =>
  new RuntimeFailure('E0209', `${name} of ${what} is ${found}; it takes ${WORDS[storage]}`);
