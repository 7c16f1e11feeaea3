/** Helpers of the syntax tests. */
import { expect } from 'vitest';
import type { Diagnostic } from '../../compiler/diagnostics.ts';
import { parse } from '../../compiler/syntax/parse.ts';
import { printAst } from '../../compiler/syntax/print-ast.ts';

/** The tree as text, of a program without errors. */
export function tree(text: string): string {
  const { tree: parsed, diagnostics } = parse(text, 'test.net');
  expect(diagnostics.map(short)).toEqual([]);
  return printAst(parsed);
}

/** The lines of `tree` without places, of statements in a body of the given kind. */
export function statements(body: string, around: keyof typeof AROUND = 'model'): string[] {
  const [before, after] = AROUND[around];
  return tree(`${before}\n${body}\n${after}\n`)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replace(/^ *\d+:\d+ {2}/, ''))
    .slice(HEADER[around])
    .map((line) => line.slice(around === 'step' ? 4 : 2));
}

const AROUND = {
  model: ['model m: x[B, 4] -> y[B, 2] {', '}'],
  fn: ['fn f(x) {', '}'],
  data: ['data d {', '}'],
  train: ['train on d {', '}'],
  step: ['train on d { step {', '} }'],
} as const;

/** Lines that the tree has before the body. */
const HEADER = { model: 3, fn: 1, data: 1, train: 1, step: 2 } as const;

/** One expression with all its parentheses. */
export function expression(text: string): string {
  const [line = ''] = statements(`value = ${text}`);
  return line.replace(/^value = /, '');
}

export function errors(text: string): Diagnostic[] {
  return parse(text, 'test.net').diagnostics;
}

/** `E0102 2:7` */
export function short({ code, span }: Diagnostic): string {
  return `${code} ${span?.line}:${span?.column}`;
}

/** The only error of a program, which must be at a place. */
export function onlyError(text: string, code: string, line: number, column: number): string {
  const found = errors(text);
  expect(found.map(short)).toEqual([`${code} ${line}:${column}`]);
  const [error] = found;
  if (!error) return '';
  const notes = (error.related ?? []).map((note) => `${note.message} ${note.span.line}:${note.span.column}`);
  return [error.message, ...(error.help === undefined ? [] : [`help: ${error.help}`]), ...notes].join('\n');
}
