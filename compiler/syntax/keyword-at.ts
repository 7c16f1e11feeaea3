/**
 * Which keyword a statement begins with. In: tokens and an index where a statement may begin. Out: the keyword,
 * judged by the word and the token after it: `metric = 3`, `split(x, 2)` and `from[B]` begin with names.
 */
import type { IToken } from 'chevrotain';
import { T, is } from './tokens.ts';
import type { Keyword } from './tokens.ts';

const DECLARATIONS: ReadonlySet<string> = new Set<Keyword>([
  'use', 'let', 'fn', 'layer', 'model', 'data', 'train',
]); // prettier-ignore

/** Statements whose keyword an expression, arguments or a block may follow. */
const BEFORE_EXPRESSIONS: ReadonlySet<string> = new Set<Keyword>([
  'return', 'emit', 'repeat', 'if', 'minimize', 'step',
]); // prettier-ignore

/** Statements whose keyword a name (or string) follows. */
const BEFORE_NAMES: ReadonlySet<string> = new Set<Keyword>([
  ...(DECLARATIONS as ReadonlySet<Keyword>),
  'param', 'state', 'scan', 'from', 'augment', 'metric', 'update', 'split',
]); // prettier-ignore

/** Statements with a block. */
export const BLOCK_KEYWORDS: ReadonlySet<string> = new Set<Keyword>([
  'fn', 'layer', 'model', 'data', 'train', 'repeat', 'scan', 'if', 'step', 'else',
]); // prettier-ignore

/** The keyword that the token at `index` is if a statement begins there. */
export function keywordAt(tokens: readonly IToken[], index: number): Keyword | undefined {
  const token = tokens[index];
  if (!is(token, T.Name) || !token) return undefined;
  const word = token.image;
  const next = tokens[index + 1];
  if (is(next, T.Equals) || is(next, T.CompoundAssign) || is(next, T.LeftBracket)) return undefined;
  if (is(next, T.Dot) || is(next, T.Colon)) return undefined;
  if (BEFORE_EXPRESSIONS.has(word)) return word as Keyword;
  if (!BEFORE_NAMES.has(word)) return undefined;
  if (!next || is(next, T.Newline) || is(next, T.LeftBrace) || is(next, T.RightBrace)) return word as Keyword;
  const named = is(next, T.Name) || is(next, T.Number) || is(next, T.String);
  return named || is(next, T.And) || is(next, T.Or) || is(next, T.Not) ? (word as Keyword) : undefined;
}

/** Whether the tokens from `index` begin a declaration, which no block holds. */
export function startsDeclaration(tokens: readonly IToken[], index: number): boolean {
  const keyword = keywordAt(tokens, index);
  const next = tokens[index + 1];
  return keyword !== undefined && DECLARATIONS.has(keyword) && (is(next, T.Name) || is(next, T.String));
}

/** Whether the tokens from `index` begin a statement with a block (a `fn` may do without). */
export function startsBlock(tokens: readonly IToken[], index: number): boolean {
  const labelled = is(tokens[index], T.Name) && is(tokens[index + 1], T.Colon);
  const keyword = keywordAt(tokens, labelled ? index + 2 : index);
  return keyword !== undefined && BLOCK_KEYWORDS.has(keyword);
}
