/**
 * Moves comments to where the canonical layout breaks lines. In: tokens in order, with their comments. Out: the same
 * comments in the same order; none before a comma or a binary operator, which end a line, and none between `->`,
 * which begins one, and its target.
 */
import type { IToken } from 'chevrotain';
import { BINARY_OPERATORS, OPERAND_ENDS, T, is } from '../tokens.ts';
import type { Comment, TriviaMap } from './trivia.ts';

export function settleComments(tokens: readonly IToken[], trivia: TriviaMap): void {
  for (const [index, token] of tokens.entries()) {
    const previous = tokens[index - 1];
    const next = tokens[index + 1];
    if (!previous || !next) continue;
    if (endsLine(token, previous)) {
      const above = trivia.takeBefore(token);
      const behind = above.length > 0 ? trivia.takeAfter(token) : [];
      trivia.of(token).after.unshift(...trivia.takeAfter(previous));
      trivia.of(next).before.unshift(...above, ...behind.map(ownLine));
    } else if (is(token, T.Arrow)) {
      const { before } = trivia.of(token);
      const behind = trivia.takeAfter(token);
      if (before.length > 0) before.push(...behind.map(ownLine));
      else trivia.of(previous).after.push(...behind);
      before.push(...trivia.takeBefore(next));
    }
  }
}

function ownLine(text: string): Comment {
  return { text, blank: false };
}

function endsLine(token: IToken, previous: IToken): boolean {
  if (is(token, T.Comma)) return true;
  return BINARY_OPERATORS.includes(token.tokenType) && OPERAND_ENDS.has(previous.tokenType);
}
