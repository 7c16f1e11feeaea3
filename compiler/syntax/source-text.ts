/**
 * A source text and places in it. In: text and file name. Out: spans (lines and columns from 1, columns in
 * UTF-16 units, ends exclusive) and diagnostics for offsets. Holds: a byte order mark at the start is no part
 * of the text, so offset 0 and column 1 are the first character after it.
 */
import { errorAt } from '../diagnostics.ts';
import type { Diagnostic, DiagnosticCode, Span } from '../diagnostics.ts';

/** A range of offsets, the end exclusive. */
export interface Place {
  start: number;
  end: number;
}

/** A user's mistake on its way to a diagnostic: the same, with offsets for places. */
export interface Problem extends Place {
  code: DiagnosticCode;
  message: string;
  help?: string;
  related?: (Place & { message: string })[];
}

export class SourceText {
  readonly file: string;
  readonly text: string;
  readonly #lineStarts: number[] = [0];
  readonly #firstLine: number;

  /** `firstLine`: the line of the file that the text begins with, from 1. */
  constructor(text: string, file: string, firstLine = 1) {
    this.file = file;
    this.#firstLine = firstLine;
    this.text = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
    for (let at = this.text.indexOf('\n'); at >= 0; at = this.text.indexOf('\n', at + 1)) {
      this.#lineStarts.push(at + 1);
    }
  }

  /** The line of the text that an offset lies in, from 0. */
  line(offset: number): number {
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** The column of an offset, from 0. */
  column(offset: number): number {
    return offset - (this.#lineStarts[this.line(offset)] ?? 0);
  }

  span(start: number, end: number): Span {
    const line = this.line(start);
    const endLine = this.line(end);
    return {
      file: this.file,
      line: line + this.#firstLine,
      column: start - (this.#lineStarts[line] ?? 0) + 1,
      endLine: endLine + this.#firstLine,
      endColumn: end - (this.#lineStarts[endLine] ?? 0) + 1,
    };
  }

  diagnostic(problem: Problem): Diagnostic {
    const related = problem.related?.map(({ message, start, end }) => ({
      message,
      span: this.span(start, end),
    }));
    return errorAt(problem.code, this.span(problem.start, problem.end), problem.message, {
      ...(problem.help !== undefined ? { help: problem.help } : {}),
      ...(related ? { related } : {}),
    });
  }
}
