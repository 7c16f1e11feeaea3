/**
 * The canonical layout of a program. In: its text. Out: the same program laid out, or what is wrong with it; then
 * the text is left alone. Holds: the syntax tree stays the same and so do the comments; what was laid out stays as
 * it is; line breaks are those of the text, LF or CRLF. What the author decides: comments, one empty line between
 * statements, which blocks stand on one line, and line breaks before `->`.
 */
import type { Diagnostic } from '../../diagnostics.ts';
import { balanceBrackets } from '../brackets.ts';
import { markKeywords } from '../keywords.ts';
import { layOut } from '../layout.ts';
import { lex } from '../lex.ts';
import { parse } from '../parse.ts';
import { SourceText } from '../source-text.ts';
import { T, is } from '../tokens.ts';
import { alignComments } from './align-comments.ts';
import { readStatements } from './pieces.ts';
import { printDocument } from './print-document.ts';
import { isSameProgram } from './same-program.ts';
import { settleComments } from './settle-comments.ts';
import { StatementLayout } from './statements.ts';
import { TriviaMap, commentsOf } from './trivia.ts';

export type Formatted =
  | { readonly text: string; readonly diagnostics?: undefined }
  | { readonly text?: undefined; readonly diagnostics: readonly Diagnostic[] };

export function format(text: string, file: string): Formatted {
  const before = parse(text, file);
  if (before.diagnostics.length > 0) return { diagnostics: before.diagnostics };
  const lines = formatLines(text, file).map((line) => `${line}${/^[^\n]*\r\n/.test(text) ? '\r\n' : '\n'}`);
  const formatted = lines.join('');
  const after = parse(formatted, file);
  const isSame = after.diagnostics.length === 0 && isSameProgram(before.tree, after.tree);
  if (!isSame || commentsOf(formatted).join('\n') !== commentsOf(text).join('\n'))
    throw new Error(`internal: the layout of ${file} would be another program or lose a comment`);
  return { text: formatted };
}

function formatLines(text: string, file: string): string[] {
  const source = new SourceText(text, file);
  const { tokens } = lex(source);
  const visible = tokens.filter((token) => !is(token, T.Newline));
  const trivia = new TriviaMap(source, visible);
  const marked = markKeywords(layOut(balanceBrackets(tokens, source, []).tokens, []), source, []);
  settleComments(visible, trivia);
  return alignComments(printDocument(new StatementLayout(trivia).file(readStatements(marked.tokens))));
}
