/**
 * Texts as tokens. In: the bytes of a text in UTF-8. Out: its vocabulary, and one code a token in as few bytes
 * as the vocabulary needs. Characters are numbered in the order of their code points, words by how often they
 * occur, then by alphabet; words are what stands between blanks, tabs and line ends.
 */
import type { TokensSpec } from '../plan-format.ts';
import { ByteTable, compareBytes } from './byte-table.ts';
import { startOfText } from './csv-scan.ts';
import type { Vocabulary } from './tables.ts';
import { CodePoints } from './utf8.ts';

export type Codes = Uint8Array | Uint16Array | Uint32Array;

/** Why a text cannot be encoded: the byte where it fails. */
export class TextFault extends Error {
  readonly kind: 'not utf-8' | 'unknown' | 'above';
  readonly start: number;
  readonly end: number;
  readonly code: number;

  constructor(kind: TextFault['kind'], start: number, end: number, code = 0) {
    super(kind);
    this.kind = kind;
    this.start = start;
    this.end = end;
    this.code = code;
  }
}

/** Throws TextFault where the bytes are not UTF-8. */
export function vocabularyOf(bytes: Uint8Array, tokens: TokensSpec): Vocabulary {
  switch (tokens.kind) {
    case 'bytes':
      return { kind: 'bytes' };
    case 'chars':
      return { kind: 'chars', characters: charactersOf(bytes) };
    case 'words': {
      const words = wordsOf(bytes);
      const { limit } = tokens;
      if (limit === undefined) return { kind: 'words', words };
      return { kind: 'words', words: words.slice(0, limit - 1), unknown: limit - 1 };
    }
    default:
      return tokens satisfies never;
  }
}

/** Codes below this occur. */
export function vocabularySize(vocabulary: Vocabulary): number {
  switch (vocabulary.kind) {
    case 'bytes':
      return 256;
    case 'chars':
      return [...vocabulary.characters].length;
    case 'words':
      return vocabulary.unknown === undefined ? vocabulary.words.length : vocabulary.unknown + 1;
    default:
      return vocabulary satisfies never;
  }
}

/** Throws TextFault where a token is not in the vocabulary, or its code is not below `below`. */
export function encodeText(bytes: Uint8Array, vocabulary: Vocabulary, below = Infinity): Codes {
  switch (vocabulary.kind) {
    case 'bytes':
      return encodeBytes(bytes, below);
    case 'chars':
      return encodeCharacters(bytes, vocabulary.characters, below);
    case 'words':
      return encodeWords(bytes, vocabulary, below);
    default:
      return vocabulary satisfies never;
  }
}

function encodeBytes(bytes: Uint8Array, below: number): Codes {
  if (below < 256) {
    const at = bytes.findIndex((byte) => byte >= below);
    if (at >= 0) throw new TextFault('above', at, at + 1, bytes[at]);
  }
  return bytes;
}

function charactersOf(bytes: Uint8Array): string {
  const seen = new Uint8Array(0x110000);
  const points = new CodePoints(bytes, startOfText(bytes));
  for (let point = points.next(); point >= 0; point = points.next()) seen[point] = 1;
  if (points.broken) throw new TextFault('not utf-8', points.at, points.at + 1);
  let characters = '';
  for (let point = 0; point < seen.length; point++)
    if (seen[point] === 1) characters += String.fromCodePoint(point);
  return characters;
}

function encodeCharacters(bytes: Uint8Array, characters: string, below: number): Codes {
  const codeOf = new Int32Array(0x110000).fill(-1);
  const known = [...characters];
  known.forEach((character, code) => (codeOf[character.codePointAt(0) ?? 0] = code));
  // One character has one byte or more.
  const codes = codesFor(known.length, bytes.length);
  const points = new CodePoints(bytes, startOfText(bytes));
  let count = 0;
  for (;;) {
    const start = points.at;
    const point = points.next();
    if (point < 0) break;
    const code = codeOf[point] ?? -1;
    if (code < 0) throw new TextFault('unknown', start, points.at);
    if (code >= below) throw new TextFault('above', start, points.at, code);
    codes[count++] = code;
  }
  if (points.broken) throw new TextFault('not utf-8', points.at, points.at + 1);
  return codes.subarray(0, count);
}

/** Calls back with the bytes of each word. */
function eachWord(bytes: Uint8Array, visit: (start: number, end: number) => void): void {
  let at = startOfText(bytes);
  while (at < bytes.length) {
    while (at < bytes.length && isBlank(bytes[at])) at++;
    const start = at;
    while (at < bytes.length && !isBlank(bytes[at])) at++;
    if (at > start) visit(start, at);
  }
}

const isBlank = (byte: number | undefined): boolean =>
  byte === 0x20 || (byte !== undefined && byte >= 0x09 && byte <= 0x0d);

function wordsOf(bytes: Uint8Array): string[] {
  checkUtf8(bytes);
  const table = new ByteTable();
  const counts: number[] = [];
  eachWord(bytes, (start, end) => {
    const id = table.intern(bytes, start, end);
    counts[id] = (counts[id] ?? 0) + 1;
  });
  const order = Array.from({ length: table.size }, (_, id) => id);
  order.sort((a, b) => (counts[b] ?? 0) - (counts[a] ?? 0) || compareBytes(table.bytes(a), table.bytes(b)));
  const decoder = new TextDecoder();
  return order.map((id) => decoder.decode(table.bytes(id)));
}

function encodeWords(
  bytes: Uint8Array,
  vocabulary: Extract<Vocabulary, { kind: 'words' }>,
  below: number,
): Codes {
  checkUtf8(bytes);
  const { words, unknown } = vocabulary;
  const table = new ByteTable();
  const encoder = new TextEncoder();
  for (const word of words) table.intern(encoder.encode(word));
  let count = 0;
  eachWord(bytes, () => count++);
  const codes = codesFor(vocabularySize(vocabulary), count);
  count = 0;
  eachWord(bytes, (start, end) => {
    const found = table.find(bytes, start, end);
    const code = found >= 0 ? found : unknown;
    if (code === undefined) throw new TextFault('unknown', start, end);
    if (code >= below) throw new TextFault('above', start, end, code);
    codes[count++] = code;
  });
  return codes;
}

function checkUtf8(bytes: Uint8Array): void {
  const points = new CodePoints(bytes, 0);
  while (points.next() >= 0);
  if (points.broken) throw new TextFault('not utf-8', points.at, points.at + 1);
}

function codesFor(vocabulary: number, count: number): Codes {
  if (vocabulary <= 0x100) return new Uint8Array(count);
  return vocabulary <= 0x10000 ? new Uint16Array(count) : new Uint32Array(count);
}
