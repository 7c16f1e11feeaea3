/** What holds of every layout. In: a program's text. Out: its layout, after the checks. */
import { expect } from 'vitest';
import { format } from '../../../compiler/syntax/format/format.ts';
import { isSameProgram } from '../../../compiler/syntax/format/same-program.ts';
import { WIDTH } from '../../../compiler/syntax/format/print-document.ts';
import { parse } from '../../../compiler/syntax/parse.ts';

export function formatted(text: string): string {
  const { text: result, diagnostics } = format(text, 'test.net');
  expect(diagnostics, text).toBeUndefined();
  return result ?? '';
}

/** Same tree, same comments in the same order, and nothing to do the second time. */
export function holds(text: string): string {
  const result = formatted(text);
  const [before, after] = [parse(text, 'test.net'), parse(result, 'test.net')];
  expect(after.diagnostics, result).toEqual([]);
  expect(isSameProgram(before.tree, after.tree), `${text}\n----\n${result}`).toBe(true);
  expect(commentsOf(result), `${text}\n----\n${result}`).toEqual(commentsOf(text));
  expect(formatted(result)).toBe(result);
  expect(/[ \t]\r?\n|\n\r?\n\r?\n|^\s/.exec(result), result).toBeNull();
  return result;
}

/** The comments of a text, found apart from the layout's own reading of it. */
export function commentsOf(text: string): string[] {
  const found = text.match(/"(?:[^"\\\n]|\\.)*"|#[^\n]*/g) ?? [];
  return found.filter((match) => match.startsWith('#')).map((comment) => comment.trimEnd());
}

/** The code of the lines that are longer than they should be. */
export function longLines(text: string): string[] {
  return text.split('\n').filter((line) => line.replace(/ *#.*$/, '').length > WIDTH);
}
