/**
 * Balances `{ }`. In: tokens with every line break, `( )` and `[ ]` balanced. Out: the same with each brace
 * paired. That one is missing is told by the counts of the whole file, where it is missing by indentation: a
 * declaration at the left edge ends every block, a `}` further left than its block ends the outer one.
 */
import type { IToken } from 'chevrotain';
import { closesNothing, noBlock, notClosed } from './bracket-problems.ts';
import { hasEquals, isClosing, isOpening } from './heads.ts';
import { startsBlock, startsDeclaration } from './keyword-at.ts';
import type { Problem, SourceText } from './source-text.ts';
import { CONTINUING, T, endOf, is, isName, virtualToken } from './tokens.ts';

interface OpenBrace {
  token: IToken;
  /** The column of the first token on its line. */
  indent: number;
}

export function balanceBraces(tokens: readonly IToken[], source: SourceText, problems: Problem[]): IToken[] {
  const result: IToken[] = [];
  const open: OpenBrace[] = [];
  /** Closing braces that are still missing (below zero: opening ones). */
  let missing = countMissing(tokens);
  let previousEnd = 0;
  let indent = 0;
  let lineStart = 0;
  const close = (count: number): void => {
    if (count === 0) return;
    const closed = open.splice(open.length - count);
    const at = previousEnd;
    problems.push(notClosed(closed.map(({ token }) => token), at)); // prettier-ignore
    for (let n = 0; n < count; n++) {
      result.push(virtualToken(T.RightBrace, at), virtualToken(T.Newline, at));
    }
    missing -= count;
  };
  tokens.forEach((token, index) => {
    if (is(token, T.Newline)) {
      if (missing < 0 && lacksBrace(tokens, lineStart, index)) {
        problems.push(noBlock(tokens[lineStart], previousEnd));
        const brace = virtualToken(T.LeftBrace, previousEnd);
        open.push({ token: brace, indent });
        result.push(brace);
        missing += 1;
      }
      lineStart = index + 1;
    } else {
      if (index === lineStart) {
        indent = source.column(token.startOffset);
        if (missing > 0) close(closedBy(tokens, index, open, indent, missing));
      }
      if (is(token, T.LeftBrace)) open.push({ token, indent });
      previousEnd = endOf(token);
    }
    if (is(token, T.RightBrace)) {
      const early = missing < 0 && closesEarly(tokens, lineStart, index);
      if (early) missing += 1;
      if (early || !open.pop()) {
        problems.push(closesNothing(token));
        if (early) result.push(virtualToken(T.Newline, previousEnd));
        return;
      }
    }
    result.push(token);
  });
  close(open.length);
  return result;
}

/** Whether a `}` amid a line, from whose start no `{` waits for it, has code of the same block after it. */
function closesEarly(tokens: readonly IToken[], lineStart: number, index: number): boolean {
  const after = tokens[index + 1];
  if (index === lineStart || !after || is(after, T.Newline) || is(after, T.RightBrace)) return false;
  return countMissing(tokens.slice(lineStart, index)) <= 0;
}

function countMissing(tokens: readonly IToken[]): number {
  let missing = 0;
  for (const token of tokens) missing += is(token, T.LeftBrace) ? 1 : is(token, T.RightBrace) ? -1 : 0;
  return missing;
}

/** How many open braces must have ended before the line that begins at `index`. */
function closedBy(
  tokens: readonly IToken[],
  index: number,
  open: readonly OpenBrace[],
  indent: number,
  missing: number,
): number {
  const [outermost] = open;
  if (!outermost) return 0;
  if (startsDeclaration(tokens, index) && indent <= outermost.indent) return Math.min(open.length, missing);
  if (!is(tokens[index], T.RightBrace)) return 0;
  const owner = open.findLastIndex((brace) => brace.indent <= indent);
  return owner < 0 ? 0 : Math.min(open.length - 1 - owner, missing);
}

/** Whether the line from `start` to its end at `end` is a statement whose `{` has been forgotten. */
function lacksBrace(tokens: readonly IToken[], start: number, end: number): boolean {
  const last = tokens[end - 1];
  if (!last || !startsBlock(tokens, start) || CONTINUING.has(last.tokenType)) return false;
  const line = tokens.slice(start, end);
  if (line.some((token) => is(token, T.LeftBrace)) || (isName(line[0], 'fn') && hasEquals(line)))
    return false;
  const opened = line.filter(isOpening).length - line.filter(isClosing).length;
  let next = end;
  while (is(tokens[next], T.Newline)) next += 1;
  return opened === 0 && !is(tokens[next], T.LeftBrace) && !is(tokens[next], T.Arrow);
}
