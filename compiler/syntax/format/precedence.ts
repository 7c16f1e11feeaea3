/**
 * Where an operation breaks. In: the pieces of an expression without `->`. Out: the places of its loosest binary
 * operators, and how many signs stand before an operand.
 */
import type { Piece } from './pieces.ts';
import { lastToken } from './pieces.ts';
import { BINARY_OPERATORS, OPERAND_ENDS, T } from '../tokens.ts';
import { bindingLevel } from '../operators.ts';

/** The indices of the operators that bind loosest, all of one level; none in an operand. */
export function loosestOperators(pieces: readonly Piece[]): number[] {
  let loosest = Infinity;
  let found: number[] = [];
  pieces.forEach((piece, index) => {
    if (!isBinary(pieces, index) || piece.kind !== 'leaf') return;
    const level = bindingLevel(piece.token.image);
    if (level > loosest) return;
    found = level < loosest ? [index] : [...found, index];
    loosest = level;
  });
  return found;
}

export function prefixLength(pieces: readonly Piece[]): number {
  const count = pieces.findIndex(
    (piece) =>
      piece.kind !== 'leaf' || (piece.token.tokenType !== T.Minus && piece.token.tokenType !== T.Not),
  );
  return count < 0 ? pieces.length : count;
}

function isBinary(pieces: readonly Piece[], index: number): boolean {
  const [previous, piece] = [pieces[index - 1], pieces[index]];
  if (!previous || piece?.kind !== 'leaf' || !BINARY_OPERATORS.includes(piece.token.tokenType)) return false;
  return OPERAND_ENDS.has(lastToken(previous).tokenType);
}
