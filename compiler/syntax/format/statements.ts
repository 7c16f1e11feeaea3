/**
 * The layout of statements and blocks. In: the statements of a file with their comments. Out: a document. A block
 * whose one statement stands on the line of its `{` stays on one line where it fits; one empty line between two
 * statements is kept.
 */
import { K, T, keywordOf } from '../tokens.ts';
import type { Document } from './document.ts';
import {
  BLANK_LINE, FRESH_LINE, LINE, NOTHING, SPACE, concat, fluid, group, indent, join,
} from './document.ts'; // prettier-ignore
import { ExpressionLayout, isLeaf } from './expressions.ts';
import type { Block, Piece, Statement } from './pieces.ts';
import { firstToken, splitPieces } from './pieces.ts';

export class StatementLayout extends ExpressionLayout {
  file(statements: readonly Statement[]): Document {
    const end = this.trivia.end.before;
    const [first] = end;
    const last = concat(first?.blank ? BLANK_LINE : NOTHING, this.ownLines(end));
    return concat(this.#statements(statements), end.length > 0 ? last : NOTHING);
  }

  #statements(statements: readonly Statement[]): Document {
    return concat(
      ...statements.map((statement, index) => {
        const [first] = statement.parts[0]?.head ?? [];
        const isGroup = index > 0 && first !== undefined && this.trivia.startsGroup(firstToken(first));
        const leading = first ? this.leading(firstToken(first)) : NOTHING;
        return concat(isGroup ? BLANK_LINE : FRESH_LINE, leading, this.#statement(statement));
      }),
    );
  }

  #statement({ parts }: Statement): Document {
    const oneLine = parts.every(({ block }) => !block || this.#isOneLine(block));
    const documents = parts.map(({ head, block }, index) => {
      const before = index > 0 ? SPACE : NOTHING;
      return concat(before, this.#head(head), block ? concat(SPACE, this.#block(block, oneLine)) : NOTHING);
    });
    return oneLine ? group(...documents) : concat(...documents);
  }

  /** Whether the author wrote a block on one line, and it may stay there. */
  #isOneLine({ open, close, statements }: Block): boolean {
    if (statements.length === 0) return this.trivia.of(close).before.length === 0;
    const [first] = statements[0]?.parts[0]?.head ?? [];
    return (
      statements.length === 1 &&
      first !== undefined &&
      !this.trivia.of(firstToken(first)).startsLine &&
      this.trivia.of(open).after.length === 0
    );
  }

  #block({ open, close, statements }: Block, oneLine: boolean): Document {
    const [only] = statements;
    const { before } = this.trivia.of(close);
    if (!only && before.length === 0) return concat(this.token(open), this.token(close));
    if (oneLine && only)
      return concat(this.token(open), indent(LINE, this.#statement(only)), LINE, this.token(close));
    const blank = statements.length > 0 && before[0]?.blank ? BLANK_LINE : FRESH_LINE;
    const dangling = before.length > 0 ? concat(blank, this.leading(close)) : NOTHING;
    return concat(
      this.token(open),
      indent(this.#statements(statements), dangling),
      FRESH_LINE,
      this.token(close),
    );
  }

  /** What stands before a block, or a whole statement without one. */
  #head(pieces: readonly Piece[]): Document {
    const [first] = pieces;
    if (isLeaf(first, K.layer) || isLeaf(first, K.model)) return this.#signature(pieces);
    if (isLeaf(first, K.minimize)) return this.#minimize(pieces);
    return this.#entries(pieces);
  }

  /** `layer name(parameters): inputs -> outputs` */
  #signature(pieces: readonly Piece[]): Document {
    const colon = pieces.findIndex((piece) => isLeaf(piece, T.Colon));
    const { parts, separators } = splitPieces(pieces.slice(colon + 1), (piece) => isLeaf(piece, T.Arrow));
    const [inputs = [], outputs = []] = parts;
    const [arrow] = separators;
    const result = arrow ? concat(LINE, this.piece(arrow), SPACE, this.#tensors(outputs)) : NOTHING;
    const head = this.sequence(pieces.slice(0, colon + 1));
    return concat(head, group(SPACE, this.#tensors(inputs), indent(result)));
  }

  #tensors(pieces: readonly Piece[]): Document {
    const { parts, separators } = splitPieces(pieces, (piece) => isLeaf(piece, T.Comma));
    return concat(
      ...parts.map((part, index) => {
        const comma = separators[index];
        const tensor = concat(this.sequence(part), comma ? this.piece(comma) : NOTHING);
        return index === 0 ? tensor : indent(LINE, tensor);
      }),
    );
  }

  /** `minimize loss over weights with optimizer` */
  #minimize(pieces: readonly Piece[]): Document {
    const at = pieces.findIndex((piece) => isLeaf(piece, K.with));
    const [keyword] = pieces.slice(at);
    const optimizer = pieces.slice(at + 1);
    const end = concat(keyword ? this.piece(keyword) : NOTHING, SPACE, this.expression(optimizer, true));
    const isCall = !optimizer.some((piece) => isLeaf(piece, T.Arrow));
    return group(this.#entries(pieces.slice(0, at)), isCall ? concat(SPACE, end) : fluid(end));
  }

  /** What commas separate: bindings, weights, carries. */
  #entries(pieces: readonly Piece[]): Document {
    const { parts, separators } = splitPieces(pieces, (piece) => isLeaf(piece, T.Comma));
    const entries = parts.map((part, index) => {
      const comma = separators[index];
      return concat(this.#entry(part), comma ? this.piece(comma) : NOTHING);
    });
    const [first = NOTHING, ...others] = entries;
    return group(first, indent(...others.map((entry) => concat(LINE, entry))));
  }

  #entry(pieces: readonly Piece[]): Document {
    const at = pieces.findIndex((piece) => isLeaf(piece, T.Equals));
    const equals = pieces[at];
    if (!equals) return this.#phrase(pieces);
    const value = pieces.slice(at + 1);
    const left = concat(this.#phrase(pieces.slice(0, at)), SPACE, this.piece(equals));
    const right = this.expression(value, true);
    return concat(left, this.#staysOnLine(pieces, value) ? concat(SPACE, right) : fluid(right));
  }

  /** Whether a value too long for its line rather breaks inside: chains do, and calls behind a short name. */
  #staysOnLine(pieces: readonly Piece[], value: readonly Piece[]): boolean {
    if (value.some((piece) => isLeaf(piece, T.Arrow))) return true;
    return !isLeaf(pieces[0], K.fn) && value.length === 2 && value[1]?.kind === 'bracket';
  }

  /** Keywords and the expressions between them. */
  #phrase(pieces: readonly Piece[]): Document {
    const runs: Document[] = [];
    let run: Piece[] = [];
    const flush = (): void => {
      if (run.length > 0) runs.push(this.expression(run, true));
      run = [];
    };
    pieces.forEach((piece, index) => {
      const isKeyword = piece.kind === 'leaf' && keywordOf(piece.token) !== undefined;
      const takesArguments = isLeaf(piece, K.step) && pieces[index + 1]?.kind === 'bracket';
      if (!isKeyword || takesArguments) {
        run.push(piece);
      } else {
        flush();
        runs.push(this.piece(piece));
      }
    });
    flush();
    return join(SPACE, runs);
  }
}
