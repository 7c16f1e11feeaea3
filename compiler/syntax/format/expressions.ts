/**
 * The layout of expressions and of lists in brackets. In: pieces of one expression. Out: a document. Long lists break
 * between their items, long chains before every `->` (a break that stands there already is kept: it groups), other
 * operations behind their loosest operators. Parentheses stay as they are written.
 */
import type { IToken, TokenType } from 'chevrotain';
import { T, is } from '../tokens.ts';
import { isClosing } from '../heads.ts';
import type { Document } from './document.ts';
import {
  BLANK_LINE, FRESH_LINE, LINE, NOTHING, SOFT_LINE, SPACE, comments, concat, group, indent, text, whereBroken,
} from './document.ts'; // prettier-ignore
import type { Piece } from './pieces.ts';
import { firstToken, lastToken, splitPieces } from './pieces.ts';
import { loosestOperators, prefixLength } from './precedence.ts';
import { isSpaced } from './spacing.ts';
import type { TriviaMap } from './trivia.ts';

export class ExpressionLayout {
  protected readonly trivia: TriviaMap;

  constructor(trivia: TriviaMap) {
    this.trivia = trivia;
  }

  /** An expression; its lines after the first are indented where `hanging`. */
  expression(pieces: readonly Piece[], hanging = true): Document {
    const chain = splitPieces(pieces, (piece) => isLeaf(piece, T.Arrow));
    if (chain.separators.length > 0) return this.#chain(chain.parts, chain.separators, hanging);
    return this.#operation(pieces, hanging);
  }

  token(token: IToken): Document {
    const { after } = this.trivia.of(token);
    return concat(this.leading(token), text(token.image), comments(after));
  }

  /** The comments on lines of their own before a token, once: whoever asks first places them. */
  leading(token: IToken): Document {
    const before = this.trivia.takeBefore(token);
    if (before.length === 0) return NOTHING;
    const isApart = this.trivia.of(token).blank && !isClosing(token) && !is(token, T.RightBrace);
    return concat(this.ownLines(before), isApart ? BLANK_LINE : NOTHING);
  }

  /** Comments on lines of their own. */
  ownLines(list: readonly { text: string; blank: boolean }[]): Document {
    if (list.length === 0) return NOTHING;
    const lines = list.map((comment, index) =>
      concat(comment.blank && index > 0 ? BLANK_LINE : FRESH_LINE, text(comment.text)),
    );
    return concat(...lines, FRESH_LINE);
  }

  /** Names, brackets and what else stands in a row, with the spaces between. */
  sequence(pieces: readonly Piece[]): Document {
    const parts: Document[] = [];
    pieces.forEach((piece, index) => {
      const previous = pieces[index - 1];
      if (previous && isSpaced(previous, piece)) parts.push(SPACE);
      parts.push(this.piece(piece));
    });
    return concat(...parts);
  }

  piece(piece: Piece): Document {
    return piece.kind === 'leaf' ? this.token(piece.token) : this.#bracket(piece);
  }

  #chain(stages: readonly Piece[][], arrows: readonly Piece[], hanging: boolean): Document {
    const [first = [], ...others] = stages;
    const kept = arrows.some((arrow) => this.trivia.of(firstToken(arrow)).startsLine);
    const rest = others.map((stage, index) => {
      const arrow = arrows[index];
      if (!arrow) return NOTHING;
      const token = firstToken(arrow);
      const head = concat(this.token(token), SPACE, this.#label(stage));
      if (!kept) return concat(LINE, head);
      return this.trivia.of(token).startsLine ? concat(FRESH_LINE, head) : group(LINE, head);
    });
    return group(this.#operation(first, hanging), hanging ? indent(...rest) : concat(...rest));
  }

  /** `label: target`, or the target. */
  #label(stage: readonly Piece[]): Document {
    if (!isLeaf(stage[1], T.Colon)) return this.#operation(stage, true);
    return concat(this.sequence(stage.slice(0, 2)), SPACE, this.#operation(stage.slice(2), true));
  }

  #operation(pieces: readonly Piece[], hanging: boolean): Document {
    const operators = loosestOperators(pieces);
    if (operators.length === 0) return this.#operand(pieces);
    const parts: Document[] = [];
    let start = 0;
    for (const at of [...operators, pieces.length]) {
      const operator = pieces[at];
      const operand = this.#operation(pieces.slice(start, at), true);
      const breaks = start === 0 ? NOTHING : LINE;
      parts.push(concat(breaks, operand, operator ? concat(SPACE, this.piece(operator)) : NOTHING));
      start = at + 1;
    }
    const [first = NOTHING, ...others] = parts;
    return group(first, hanging ? indent(...others) : concat(...others));
  }

  #operand(pieces: readonly Piece[]): Document {
    const count = prefixLength(pieces);
    const prefixes = pieces.slice(0, count).map((piece) => {
      return concat(this.piece(piece), isLeaf(piece, T.Not) ? SPACE : NOTHING);
    });
    return concat(...prefixes, this.sequence(pieces.slice(count)));
  }

  // Lists -------------------------------------------------------------------------------------------------

  #bracket({ open, close, inside }: Piece & { kind: 'bracket' }): Document {
    const dangling = this.leading(close);
    if (inside.length === 0) return concat(this.token(open), indent(dangling), this.token(close));
    const { parts, separators } = splitPieces(inside, (piece) => isLeaf(piece, T.Comma));
    const items = parts.at(-1)?.length === 0 ? parts.slice(0, -1) : parts;
    const list = items.flatMap((item, index) => {
      const last = item.at(-1);
      const comma = separators[index];
      // Comments behind an item come after its comma.
      const behind = last ? this.trivia.takeAfter(lastToken(last)) : [];
      if (comma) behind.push(...this.trivia.takeAfter(firstToken(comma)));
      const goesOn = index < items.length - 1;
      const start = this.#beforeItem(item, index === 0);
      const content = concat(
        is(open, T.LeftBracket) ? this.#range(item) : this.argument(item),
        goesOn ? text(',') : NOTHING,
      );
      // Named arguments and lists in the list get a line each, others as many to a line as fit.
      const isSmall = start === LINE && !hasOwnLine(item) && !hasOwnLine(items[index - 1] ?? []);
      const placed = isSmall ? group(start, content) : concat(start, content);
      return [placed, goesOn || items.length === 1 ? NOTHING : whereBroken(','), comments(behind)];
    });
    return group(this.token(open), indent(SOFT_LINE, group(...list), dangling), SOFT_LINE, this.token(close));
  }

  /** A place to break, or an empty line that is kept, and the comments before an item. */
  #beforeItem([first]: readonly Piece[], isFirst: boolean): Document {
    if (!first) return NOTHING;
    const isGroup = !isFirst && this.trivia.startsGroup(firstToken(first));
    // Outside of the groups of the item, which they would break.
    const leading = this.leading(firstToken(first));
    if (isGroup) return concat(BLANK_LINE, leading);
    return leading === NOTHING && !isFirst ? LINE : leading;
  }

  /** `name = value` or a value. */
  argument(item: readonly Piece[]): Document {
    const at = item.findIndex((piece) => isLeaf(piece, T.Equals));
    const equals = item[at];
    if (!equals) return this.expression(item, true);
    const name = this.sequence(item.slice(0, at));
    return concat(name, SPACE, this.piece(equals), SPACE, this.expression(item.slice(at + 1), true));
  }

  /** `a:b:c`, with spaces around the colons where one of the three is an operation. */
  #range(item: readonly Piece[]): Document {
    const { parts, separators } = splitPieces(
      item,
      (piece, at) => isLeaf(piece, T.Colon) && !isLeaf(item[at - 2], T.Arrow),
    );
    if (separators.length === 0) return this.expression(item, true);
    const isWide = parts.some(
      (part) => loosestOperators(part).length > 0 || part.some((p) => isLeaf(p, T.Arrow)),
    );
    return concat(
      ...parts.flatMap((part, index) => {
        const colon = separators[index - 1];
        const filled = part.length > 0;
        const after = isWide && (parts[index - 1]?.length ?? 0) > 0 ? SPACE : NOTHING;
        const sign = colon ? [after, this.piece(colon), isWide && filled ? SPACE : NOTHING] : [];
        return filled ? [...sign, this.expression(part, true)] : sign;
      }),
    );
  }
}

export function isLeaf(piece: Piece | undefined, type: TokenType): boolean {
  return piece?.kind === 'leaf' && is(piece.token, type);
}

function hasOwnLine(item: readonly Piece[]): boolean {
  return isLeaf(item[1], T.Equals) || item.some(isList);
}

/** Whether a bracket holds several things; a comma at its end separates nothing. */
function isList(piece: Piece): boolean {
  return piece.kind === 'bracket' && piece.inside.slice(0, -1).some((inner) => isLeaf(inner, T.Comma));
}
