/**
 * The spaces between two pieces in a row that no operator, comma or `->` stands between. In: two neighbours. Out:
 * whether a space stands there.
 */
import { K, OPERAND_ENDS, T, is } from '../tokens.ts';
import type { Piece } from './pieces.ts';
import { firstToken, lastToken } from './pieces.ts';

export function isSpaced(before: Piece, after: Piece): boolean {
  const left = lastToken(before);
  const right = firstToken(after);
  // `3 .T` and `10% (x)`: what touches a number belongs to it.
  if (is(left, T.Number)) return !is(right, T.Colon);
  if (is(left, T.Dot) || is(right, T.Dot) || is(right, T.Colon)) return false;
  if (after.kind === 'leaf') return true;
  // A call or an index touches what it is of; `step` may have arguments of its own.
  return !OPERAND_ENDS.has(left.tokenType) && !is(left, K.step);
}
