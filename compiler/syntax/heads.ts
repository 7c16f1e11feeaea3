/**
 * Questions about the tokens of one statement's head that several explanations ask. In: a head. Out: indices
 * and answers. Holds: round and square brackets of a head balance.
 */
import type { IToken } from 'chevrotain';
import type { SourceText } from './source-text.ts';
import { CONTINUING, T, is } from './tokens.ts';

/** Where and why parsing stopped. */
export interface Failure {
  /** The tokens of the statement's head. */
  head: readonly IToken[];
  /** The index of the offending token in the head; its length where the head ended too early. */
  at: number;
  /** The offending token; undefined at the end of the file. */
  token: IToken | undefined;
  /** The name of the token type that was expected, where it was one. */
  wanted: string;
  /** The grammar's rule that was being read. */
  rule: string | undefined;
  source: SourceText;
}

export function isOpening(token: IToken | undefined): boolean {
  return is(token, T.LeftParenthesis) || is(token, T.LeftBracket);
}

export function isClosing(token: IToken | undefined): boolean {
  return is(token, T.RightParenthesis) || is(token, T.RightBracket);
}

/** The index after the bracket that closes the one at `index`. */
export function afterBracket(head: readonly IToken[], index: number): number {
  let depth = 0;
  for (let at = index; at < head.length; at++) {
    if (isOpening(head[at])) depth += 1;
    else if (isClosing(head[at])) depth -= 1;
    if (depth === 0) return at + 1;
  }
  return head.length;
}

/** The indices of the tokens outside of brackets, the opening ones among them. */
export function outside(head: readonly IToken[]): number[] {
  const result: number[] = [];
  for (let at = 0; at < head.length; at = isOpening(head[at]) ? afterBracket(head, at) : at + 1)
    result.push(at);
  return result;
}

export function hasEquals(head: readonly IToken[]): boolean {
  return outside(head).some((at) => is(head[at], T.Equals));
}

/** Whether a line of the source begins at `index` and the one before it could not end there. */
export function continues(head: readonly IToken[], index: number, source: SourceText): boolean {
  const [token, before] = [head[index], head[index - 1]];
  if (!token || !before || !CONTINUING.has(before.tokenType)) return false;
  return source.line(token.startOffset) > source.line(before.startOffset);
}
