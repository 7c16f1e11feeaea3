/**
 * Csv files cell by cell (RFC 4180). In: the bytes of a file, the delimiter. Out: record after record, where
 * its cells lie; nothing is copied. Lines end in LF or CRLF; lines with nothing on them are no records; a cell
 * in quotes may hold delimiters, line ends and doubled quotes. A byte order mark at the start is skipped.
 */
import { RuntimeFailure } from '../failure.ts';
import type { FilePlace } from './raw-array.ts';

const LF = 0x0a;
const CR = 0x0d;
const QUOTE = 0x22;

export class CsvScanner {
  readonly bytes: Uint8Array;
  /** The line that the record begins on, from 1. */
  line = 1;
  /** Cells of the record. */
  count = 0;
  private readonly delimiter: number;
  private readonly place: FilePlace;
  private readonly bounds: number[] = [];
  /** Cells with doubled quotes inside. */
  private readonly doubled = new Set<number>();
  private at: number;
  private nextLine = 1;

  constructor(bytes: Uint8Array, delimiter: string, place: FilePlace) {
    this.bytes = bytes;
    this.delimiter = delimiter.charCodeAt(0);
    this.place = place;
    this.at = startOfText(bytes);
  }

  /** Goes on to the next record; false at the end. E0402: text behind a quoted cell; E0403: a quote left open. */
  next(): boolean {
    this.skipEmptyLines();
    if (this.at >= this.bytes.length) return false;
    this.line = this.nextLine;
    this.count = 0;
    this.doubled.clear();
    for (;;) {
      if (this.bytes[this.at] === QUOTE) this.quotedCell();
      else this.plainCell();
      if (this.bytes[this.at] !== this.delimiter) break;
      this.at++;
    }
    this.endLine();
    return true;
  }

  /** Where a cell begins, without its quotes. */
  start(cell: number): number {
    return this.bounds[2 * cell] ?? 0;
  }

  end(cell: number): number {
    return this.bounds[2 * cell + 1] ?? 0;
  }

  /** A cell's bytes, doubled quotes made single. */
  content(cell: number): Uint8Array {
    const content = this.bytes.subarray(this.start(cell), this.end(cell));
    return this.doubled.has(cell) ? withSingleQuotes(content) : content;
  }

  private skipEmptyLines(): void {
    while (this.at < this.bytes.length && this.isLineEnd()) this.endLine();
  }

  private isLineEnd(): boolean {
    const byte = this.bytes[this.at];
    return byte === LF || (byte === CR && this.bytes[this.at + 1] === LF);
  }

  private endLine(): void {
    if (this.bytes[this.at] === CR) this.at++;
    if (this.bytes[this.at] === LF) this.at++;
    this.nextLine++;
  }

  private plainCell(): void {
    const { bytes, delimiter } = this;
    const start = this.at;
    let at = start;
    while (at < bytes.length && bytes[at] !== delimiter && bytes[at] !== LF) at++;
    const end = at > start && bytes[at] === LF && bytes[at - 1] === CR ? at - 1 : at;
    this.at = end;
    this.keep(start, end);
  }

  private quotedCell(): void {
    const { bytes } = this;
    const start = this.at + 1;
    const firstLine = this.nextLine;
    let at = start;
    for (; ; at++) {
      if (at >= bytes.length) {
        throw new RuntimeFailure(
          'E0403',
          `${this.place.file}, line ${firstLine}: the quoted cell is not closed`,
          {
            span: this.place.span,
            help: 'A quote inside of a quoted cell is written twice.',
          },
        );
      }
      if (bytes[at] === LF) this.nextLine++;
      if (bytes[at] !== QUOTE) continue;
      if (bytes[at + 1] !== QUOTE) break;
      this.doubled.add(this.count);
      at++;
    }
    this.keep(start, at);
    this.at = at + 1;
    if (this.at >= bytes.length || bytes[this.at] === this.delimiter || this.isLineEnd()) return;
    throw new RuntimeFailure(
      'E0402',
      `${this.place.file}, line ${this.nextLine}: text behind a quoted cell`,
      {
        span: this.place.span,
        help: 'A quote inside of a quoted cell is written twice.',
      },
    );
  }

  private keep(start: number, end: number): void {
    this.bounds[2 * this.count] = start;
    this.bounds[2 * this.count + 1] = end;
    this.count++;
  }
}

/** Behind the byte order mark, where there is one. */
export function startOfText(bytes: Uint8Array): number {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
}

function withSingleQuotes(content: Uint8Array): Uint8Array {
  const single = new Uint8Array(content.length);
  let length = 0;
  for (let i = 0; i < content.length; i++) {
    single[length++] = content[i] ?? 0;
    if (content[i] === QUOTE) i++;
  }
  return single.subarray(0, length);
}
