/**
 * The vocabulary: what the lexer finds in a text, and the keywords that only a later look at a statement
 * tells from names (keywords.ts), so the lexer itself never produces them. Holds: no token spans lines, but
 * the line break itself; `and`, `or`, `not` are the only reserved words.
 */
import type { IToken, TokenType } from 'chevrotain';
import { createToken, Lexer } from './chevrotain.ts';

const Name = createToken({ name: 'Name', pattern: /[A-Za-z_][A-Za-z0-9_]*/ });

function reserved(name: string, text: string): TokenType {
  return createToken({ name, pattern: text, longer_alt: Name });
}

function punctuation(name: string, text: string): TokenType {
  return createToken({ name, pattern: text });
}

/** A token that is never read from a text, only made by a later pass. */
function made(name: string): TokenType {
  return createToken({ name, pattern: Lexer.NA });
}

/** Everything the lexer finds; of two that match at one place the one written first wins. */
export const T = {
  Space: createToken({ name: 'Space', pattern: /[ \t]+/, group: Lexer.SKIPPED }),
  Comment: createToken({ name: 'Comment', pattern: /#[^\n]*/, group: Lexer.SKIPPED }),
  Newline: createToken({ name: 'Newline', pattern: /\r?\n/, line_breaks: true }),
  And: reserved('And', 'and'),
  Or: reserved('Or', 'or'),
  Not: reserved('Not', 'not'),
  Name,
  /** A `%` that touches a number belongs to it. */
  Number: createToken({
    name: 'Number',
    pattern: /(?:\d+(?:_\d+)*(?:\.\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:[eE][+-]?\d+)?%?/,
  }),
  /** Without its closing quote where that is missing; lex.ts reports it. */
  String: createToken({ name: 'String', pattern: /"(?:[^"\\\r\n]|\\[^\r\n])*(?:"|\\)?/ }),
  Arrow: punctuation('Arrow', '->'),
  Ellipsis: punctuation('Ellipsis', '...'),
  /** `+=` and its like: no part of the language, read to be refused by name. */
  CompoundAssign: createToken({ name: 'CompoundAssign', pattern: /(?:\*\*|\/\/|[-+*/%@^])=(?!=)/ }),
  EqualEqual: punctuation('EqualEqual', '=='),
  NotEqual: punctuation('NotEqual', '!='),
  LessEqual: punctuation('LessEqual', '<='),
  GreaterEqual: punctuation('GreaterEqual', '>='),
  Less: punctuation('Less', '<'),
  Greater: punctuation('Greater', '>'),
  Equals: punctuation('Equals', '='),
  Plus: punctuation('Plus', '+'),
  Minus: punctuation('Minus', '-'),
  Star: punctuation('Star', '*'),
  Slash: punctuation('Slash', '/'),
  Percent: punctuation('Percent', '%'),
  At: punctuation('At', '@'),
  Caret: punctuation('Caret', '^'),
  Comma: punctuation('Comma', ','),
  Colon: punctuation('Colon', ':'),
  Dot: punctuation('Dot', '.'),
  LeftParenthesis: punctuation('LeftParenthesis', '('),
  RightParenthesis: punctuation('RightParenthesis', ')'),
  LeftBracket: punctuation('LeftBracket', '['),
  RightBracket: punctuation('RightBracket', ']'),
  LeftBrace: punctuation('LeftBrace', '{'),
  RightBrace: punctuation('RightBrace', '}'),
} as const;

/** Keywords by their text. They are names wherever keywords.ts does not say otherwise. */
export const K = {
  use: made('Use'),
  let: made('Let'),
  fn: made('Fn'),
  layer: made('Layer'),
  model: made('Model'),
  data: made('Data'),
  train: made('Train'),
  on: made('On'),
  param: made('Param'),
  state: made('State'),
  return: made('Return'),
  emit: made('Emit'),
  repeat: made('Repeat'),
  as: made('As'),
  scan: made('Scan'),
  in: made('In'),
  along: made('Along'),
  if: made('If'),
  else: made('Else'),
  from: made('From'),
  augment: made('Augment'),
  metric: made('Metric'),
  update: made('Update'),
  split: made('Split'),
  step: made('Step'),
  minimize: made('Minimize'),
  over: made('Over'),
  with: made('With'),
} as const;

export type Keyword = keyof typeof K;

/** `epoch`, `steps`, … after a number. */
export const Unit = made('Unit');

/** The end of a head, put in before its `{`: where parsing goes on after an error in the head. */
export const HeadEnd = made('HeadEnd');

/** A `fn` with a block; `K.fn` is one with an expression. */
export const FnBlock = made('FnBlock');

const KEYWORDS: ReadonlySet<TokenType> = new Set<TokenType>([...Object.values(K), FnBlock]);

/** Stands for the head of a statement that was refused before parsing; keywords.ts. */
export const Broken = made('Broken');

export const VOCABULARY: readonly TokenType[] = [
  ...Object.values(T),
  ...Object.values(K),
  Unit,
  HeadEnd,
  FnBlock,
  Broken,
];

/** The operators between two operands. */
export const BINARY_OPERATORS: readonly TokenType[] = [
  T.Or, T.And, T.Less, T.LessEqual, T.Greater, T.GreaterEqual, T.EqualEqual, T.NotEqual,
  T.Plus, T.Minus, T.Star, T.Slash, T.Percent, T.At, T.Caret,
]; // prettier-ignore

/** What an operand can end in, and what it can begin with (brackets, which also continue one, aside). */
export const OPERAND_ENDS: ReadonlySet<TokenType> = new Set<TokenType>([
  T.Name, T.Number, Unit, T.String, T.RightParenthesis, T.RightBracket,
]); // prettier-ignore
export const OPERAND_STARTS: ReadonlySet<TokenType> = new Set<TokenType>([T.Name, T.Number, T.String]);

/** After one of these a line break ends nothing. */
export const CONTINUING: ReadonlySet<TokenType> = new Set<TokenType>([
  ...BINARY_OPERATORS, T.Not, T.Comma, T.Equals, T.Arrow, T.CompoundAssign,
]); // prettier-ignore

export function is(token: IToken | undefined, type: TokenType): boolean {
  return token !== undefined && token.tokenType === type;
}

/** The keyword that a token has been found to be. */
export function keywordOf(token: IToken | undefined): Keyword | undefined {
  return token !== undefined && KEYWORDS.has(token.tokenType) ? (token.image as Keyword) : undefined;
}

export function isName(token: IToken | undefined, text: string): boolean {
  return token !== undefined && token.tokenType === T.Name && token.image === text;
}

export function endOf(token: IToken): number {
  return (token.endOffset ?? token.startOffset - 1) + 1;
}

/** Makes a token another one, for example the name `repeat` the keyword. */
export function retype(token: IToken, type: TokenType): void {
  token.tokenType = type;
  token.tokenTypeIdx = type.tokenTypeIdx ?? 0;
}

/** A token without text at an offset, put in where one is missing. */
export function virtualToken(type: TokenType, offset: number, image = ''): IToken {
  return {
    image,
    startOffset: offset,
    endOffset: offset + image.length - 1,
    tokenType: type,
    tokenTypeIdx: type.tokenTypeIdx ?? 0,
  };
}
