/**
 * What the training data decided and a trained model needs again: the categories of csv columns and the
 * vocabulary of a text. In: the metadata of a weights file. Out: tables, and back. They stand in the metadata of
 * the safetensors file under `netc_data` as JSON.
 */
import { RuntimeFailure } from '../failure.ts';

/** Codes are positions. */
export type Vocabulary =
  | { kind: 'bytes' }
  /** Every character of the text, in the order of their code points. */
  | { kind: 'chars'; characters: string }
  /** Most frequent first. `unknown`: the code of all other words, behind all known ones. */
  | { kind: 'words'; words: string[]; unknown?: number };

export interface DataTables {
  /** Names by code, by the csv column as the program names it. */
  categories: Record<string, string[]>;
  vocabulary?: Vocabulary;
}

const KEY = 'netc_data';

export const NO_TABLES: DataTables = { categories: {} };

export function isEmpty(tables: DataTables): boolean {
  return tables.vocabulary === undefined && Object.keys(tables.categories).length === 0;
}

/** The metadata of a weights file; nothing where there are no tables. */
export function tablesToMetadata(tables: DataTables): Record<string, string> {
  return isEmpty(tables) ? {} : { [KEY]: JSON.stringify(tables) };
}

/** Undefined where the file has none. E0502 where they cannot be read. */
export function tablesFromMetadata(
  metadata: Readonly<Record<string, string>>,
  file: string,
): DataTables | undefined {
  const text = metadata[KEY];
  if (text === undefined) return undefined;
  const tables = parse(text);
  if (isTables(tables)) return tables;
  throw new RuntimeFailure('E0502', `${file}: its tables of the data (${KEY}) cannot be read`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((each) => typeof each === 'string');

function isTables(value: unknown): value is DataTables {
  if (!isRecord(value) || !isRecord(value['categories'])) return false;
  if (!Object.values(value['categories']).every(isTexts)) return false;
  return value['vocabulary'] === undefined || isVocabulary(value['vocabulary']);
}

function isVocabulary(value: unknown): value is Vocabulary {
  if (!isRecord(value)) return false;
  const { kind, characters, words, unknown } = value;
  if (kind === 'bytes') return true;
  if (kind === 'chars') return typeof characters === 'string';
  return kind === 'words' && isTexts(words) && (unknown === undefined || Number.isInteger(unknown));
}
