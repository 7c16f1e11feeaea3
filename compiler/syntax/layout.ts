/**
 * Decides which line breaks end a statement (LANGUAGE.md section 2). In: tokens with every line break, brackets
 * balanced. Out: the same with one line break between two statements and none elsewhere, as the grammar has it.
 */
import type { IToken } from 'chevrotain';
import type { Problem } from './source-text.ts';
import { CONTINUING, T, endOf, is, isName, virtualToken } from './tokens.ts';

export function layOut(tokens: readonly IToken[], problems: Problem[]): IToken[] {
  const result: IToken[] = [];
  let depth = 0;
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index];
    if (!token) break;
    if (!is(token, T.Newline)) {
      if (is(token, T.LeftParenthesis) || is(token, T.LeftBracket)) depth += 1;
      else if (is(token, T.RightParenthesis) || is(token, T.RightBracket)) depth -= 1;
      if (is(result.at(-1), T.RightBrace) && !continuesIf(tokens, index)) separate(token, result, problems);
      result.push(token);
      continue;
    }
    let next = index;
    while (is(tokens[next + 1], T.Newline)) next += 1;
    index = next;
    if (depth === 0 && ends(result, tokens, next + 1, problems)) result.push(token);
  }
  return result;
}

/** Whether a line break between what came and what begins at `next` ends a statement. */
function ends(
  result: readonly IToken[],
  tokens: readonly IToken[],
  next: number,
  problems: Problem[],
): boolean {
  const previous = result.at(-1);
  const following = tokens[next];
  if (!previous || is(previous, T.LeftBrace) || is(previous, T.Newline)) return false;
  if (!following || is(following, T.RightBrace)) return false;
  if (CONTINUING.has(previous.tokenType)) return false;
  if (is(following, T.Arrow)) return false;
  if (isName(following, 'with') || isName(following, 'over')) {
    const after = tokens[next + 1];
    return is(after, T.Equals) || is(after, T.LeftBracket) || is(after, T.Colon);
  }
  if (is(previous, T.RightBrace)) return !continuesIf(tokens, next);
  if (is(following, T.LeftBrace)) {
    problems.push({
      code: 'E0102',
      start: following.startOffset,
      end: endOf(following),
      message: '`{` on a line of its own',
      help: '`{` stands on the line of its statement',
    });
    return false;
  }
  return true;
}

function continuesIf(tokens: readonly IToken[], index: number): boolean {
  const after = tokens[index + 1];
  return isName(tokens[index], 'else') && (is(after, T.LeftBrace) || isName(after, 'if'));
}

/** A block ends its statement: what follows the `}` on its line, but `else`, needs a line of its own. */
function separate(token: IToken, result: IToken[], problems: Problem[]): void {
  if (is(token, T.RightBrace)) return;
  problems.push({
    code: 'E0102',
    start: token.startOffset,
    end: endOf(token),
    message: `unexpected \`${token.image}\` after \`}\``,
    help: 'the next statement begins on a new line',
  });
  result.push(virtualToken(T.Newline, token.startOffset));
}
