/**
 * The words for brackets that do not balance. In: the brackets. Out: problems for the user.
 */
import type { IToken } from 'chevrotain';
import type { Place, Problem } from './source-text.ts';
import { T, endOf } from './tokens.ts';

const PARTNERS: Readonly<Record<string, string>> = {
  [T.LeftParenthesis.name]: ')',
  [T.LeftBracket.name]: ']',
  [T.LeftBrace.name]: '}',
};

/** Brackets that nothing closes, reported where their partners are missing. */
export function notClosed(openings: readonly IToken[], at: number): Problem {
  const [first] = openings;
  const one = openings.length === 1 && first !== undefined;
  const missing = openings.map((opening) => PARTNERS[opening.tokenType.name]);
  return {
    code: 'E0104',
    start: at,
    end: at,
    message: one ? `\`${first.image}\` is not closed` : `${openings.length} brackets are not closed`,
    help: `write \`${missing.reverse().join('')}\` here`,
    related: openings.map((opening) => openedAt(opening)),
  };
}

/** A closing bracket too many. */
export function closesNothing(token: IToken): Problem {
  const place = { start: token.startOffset, end: endOf(token) };
  return { code: 'E0102', ...place, message: `\`${token.image}\` closes nothing`, help: 'take it out' };
}

/** The note that points from a missing bracket to its partner. */
export function openedAt(opening: IToken): Place & { message: string } {
  return { message: 'opened here', start: opening.startOffset, end: endOf(opening) };
}

/** The statement that begins with `first` and ends at an offset lacks its block. */
export function noBlock(first: IToken | undefined, at: number): Problem {
  return {
    code: 'E0105',
    start: at,
    end: at,
    message: `\`${first?.image ?? ''}\` has no block`,
    help: 'write `{` here: it stands on the line of its statement',
  };
}
