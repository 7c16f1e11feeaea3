/**
 * What stands between the tokens. In: a source and its tokens without line breaks. Out: for each token the comments
 * before it on lines of their own, those behind it on its line, and whether an empty line or a line break comes
 * before it. Holds: every comment belongs to one token; those after the last token belong to `end`.
 */
import type { IToken } from 'chevrotain';
import { lex } from '../lex.ts';
import { SourceText } from '../source-text.ts';
import { T, endOf, is } from '../tokens.ts';

export interface Comment {
  text: string;
  /** An empty line stands before it. */
  blank: boolean;
}

export interface Trivia {
  before: Comment[];
  after: string[];
  /** An empty line stands before the token, or between its comments and the token. */
  blank: boolean;
  /** The token begins a line of the source. */
  startsLine: boolean;
}

export class TriviaMap {
  readonly #byToken = new Map<IToken, Trivia>();
  /** What stands behind the last token of the file. */
  readonly end: Trivia = emptyTrivia();

  constructor(source: SourceText, tokens: readonly IToken[]) {
    let previous: IToken | undefined;
    for (const token of tokens) {
      this.#read(source, previous, token);
      previous = token;
    }
    this.#read(source, previous, undefined);
  }

  of(token: IToken): Trivia {
    let found = this.#byToken.get(token);
    if (!found) this.#byToken.set(token, (found = emptyTrivia()));
    return found;
  }

  /** The comments behind a token, which are then no longer there: whoever takes them places them. */
  takeAfter(token: IToken): string[] {
    return this.of(token).after.splice(0);
  }

  takeBefore(token: IToken): Comment[] {
    return this.of(token).before.splice(0);
  }

  /** Whether an empty line stands before a token and its comments. */
  startsGroup(token: IToken): boolean {
    const { before, blank } = this.of(token);
    return before[0]?.blank ?? blank;
  }

  /** Reads the gap between two tokens. */
  #read(source: SourceText, previous: IToken | undefined, next: IToken | undefined): void {
    const start = previous ? endOf(previous) : 0;
    const gap = source.text.slice(start, next ? next.startOffset : source.text.length);
    const trivia = next ? this.of(next) : this.end;
    let breaks = previous ? 0 : 1;
    // Where the comment behind `previous` stands: one right below it goes on with it.
    let column = -1;
    for (const match of gap.matchAll(/\n|#[^\n]*/g)) {
      if (match[0] === '\n') {
        breaks += 1;
        continue;
      }
      const text = match[0].trimEnd();
      const at = source.column(start + match.index);
      if (breaks === 0 && previous) {
        this.of(previous).after.push(text);
        column = at;
      } else if (previous && breaks === 1 && at === column && trivia.before.length === 0) {
        this.of(previous).after.push(text);
      } else {
        trivia.before.push({
          text,
          blank: breaks > 1 && (previous !== undefined || trivia.before.length > 0),
        });
        column = -1;
      }
      breaks = 0;
    }
    trivia.startsLine = breaks > 0 || trivia.before.length > 0;
    trivia.blank = breaks > 1;
  }
}

function emptyTrivia(): Trivia {
  return { before: [], after: [], blank: false, startsLine: false };
}

/** All comments of a text, in order, without the spaces at their ends. */
export function commentsOf(text: string): string[] {
  const source = new SourceText(text, '');
  const tokens = lex(source).tokens.filter((token) => !is(token, T.Newline));
  const trivia = new TriviaMap(source, tokens);
  const own = (list: readonly Comment[]): string[] => list.map((comment) => comment.text);
  const found = tokens.flatMap((token) => [...own(trivia.of(token).before), ...trivia.of(token).after]);
  return [...found, ...own(trivia.end.before)];
}
