/**
 * Tokens with their brackets and blocks nested. In: the tokens of a file without errors, one line break between two
 * statements and none elsewhere (layout.ts), keywords marked (keywords.ts). Out: statements of pieces. Holds: every
 * token but line breaks and those without text stands in exactly one piece.
 */
import type { IToken } from 'chevrotain';
import { isClosing, isOpening } from '../heads.ts';
import { T, is } from '../tokens.ts';

export type Piece =
  | { readonly kind: 'leaf'; readonly token: IToken }
  | { readonly kind: 'bracket'; readonly open: IToken; readonly close: IToken; readonly inside: Piece[] };

export interface Block {
  readonly open: IToken;
  readonly close: IToken;
  readonly statements: readonly Statement[];
}

/** `if a {…} else {…}` has two parts, a binding one without block. */
export interface Statement {
  readonly parts: readonly { readonly head: readonly Piece[]; readonly block?: Block }[];
}

export function readStatements(tokens: readonly IToken[]): Statement[] {
  return new Reader(tokens.filter(({ image }) => image !== '')).statements();
}

class Reader {
  readonly #tokens: readonly IToken[];
  #at = 0;

  constructor(tokens: readonly IToken[]) {
    this.#tokens = tokens;
  }

  /** Up to a `}` or the end. */
  statements(): Statement[] {
    const result: Statement[] = [];
    for (let token = this.#peek(); token && !is(token, T.RightBrace); token = this.#peek()) {
      if (is(token, T.Newline)) this.#at += 1;
      else result.push(this.#statement());
    }
    return result;
  }

  #statement(): Statement {
    const parts: { head: Piece[]; block?: Block }[] = [];
    for (;;) {
      const head = this.#pieces(
        (token) => is(token, T.Newline) || is(token, T.LeftBrace) || is(token, T.RightBrace),
      );
      const block = is(this.#peek(), T.LeftBrace) ? this.#block() : undefined;
      parts.push(block ? { head, block } : { head });
      const next = this.#peek();
      // After a block only its `else` may follow without a line break.
      if (!block || !next || is(next, T.Newline) || is(next, T.RightBrace)) return { parts };
    }
  }

  #block(): Block {
    const open = this.#take();
    const statements = this.statements();
    return { open, statements, close: this.#take() };
  }

  #pieces(ends: (token: IToken) => boolean): Piece[] {
    const result: Piece[] = [];
    for (let token = this.#peek(); token && !ends(token); token = this.#peek()) {
      const open = this.#take();
      if (!isOpening(open)) {
        result.push({ kind: 'leaf', token: open });
        continue;
      }
      const inside = this.#pieces(isClosing);
      result.push({ kind: 'bracket', open, inside, close: this.#take() });
    }
    return result;
  }

  #peek(): IToken | undefined {
    return this.#tokens[this.#at];
  }

  #take(): IToken {
    const token = this.#tokens[this.#at];
    if (!token) throw new Error('internal: a bracket without its end');
    this.#at += 1;
    return token;
  }
}

export function firstToken(piece: Piece): IToken {
  return piece.kind === 'leaf' ? piece.token : piece.open;
}

export function lastToken(piece: Piece): IToken {
  return piece.kind === 'leaf' ? piece.token : piece.close;
}

/** Pieces between those that `separates` holds for, and these. */
export function splitPieces(
  pieces: readonly Piece[],
  separates: (piece: Piece, index: number) => boolean,
): { parts: Piece[][]; separators: Piece[] } {
  const parts: Piece[][] = [[]];
  const separators: Piece[] = [];
  pieces.forEach((piece, index) => {
    if (separates(piece, index)) {
      separators.push(piece);
      parts.push([]);
    } else {
      parts.at(-1)?.push(piece);
    }
  });
  return { parts, separators };
}
