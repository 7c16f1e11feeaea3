/**
 * A user's words for tokens, rules and spellings. In: what the parser names. Out: parts of messages. Nothing
 * here speaks of tokens, rules or alternatives.
 */
import type { IToken, TokenType } from 'chevrotain';
import { Broken, HeadEnd, K, T } from './tokens.ts';

/** What was expected, by the name of the token type. */
const EXPECTED_TOKENS: Readonly<Record<string, string>> = {
  [T.Name.name]: 'a name',
  [T.String.name]: 'a file name in quotes',
  [T.Equals.name]: '`=`',
  [T.Arrow.name]: '`->`',
  [T.Colon.name]: '`:`',
  [T.LeftParenthesis.name]: '`(`',
  [T.RightParenthesis.name]: '`,` or `)`',
  [T.LeftBracket.name]: '`[`',
  [T.RightBracket.name]: '`,` or `]`',
  [T.LeftBrace.name]: '`{`',
  [HeadEnd.name]: '`{`',
  [T.RightBrace.name]: 'the end of the line',
  [K.repeat.name]: '`repeat`',
  [K.on.name]: '`on` and a data block',
  [K.in.name]: '`in`',
  [K.along.name]: '`along` and a dimension',
  [K.with.name]: '`with` and an optimizer',
  EOF: 'the end of the line',
};

/** What was expected where a rule begins that could begin in several ways. */
const EXPECTED_RULES: Readonly<Record<string, string>> = {
  tensors: 'a tensor',
  dimension: 'a dimension',
  range: 'an index',
  target: 'a name',
  ifStatement: 'a block or `if`',
  statement: 'a statement',
};

/** What follows the first word of a statement. */
const EXPECTED_AFTER: ReadonlyMap<TokenType, string> = new Map([
  [K.if, 'a condition'],
  [K.repeat, 'a count'],
  [K.minimize, 'a loss'],
  [K.over, 'a model or weights'],
  [K.with, 'an optimizer'],
  [K.in, 'a tensor'],
]);

export function expected(tokenName: string, rule: string | undefined, previous: IToken | undefined): string {
  if (tokenName === T.Equals.name && rule === 'functionDeclaration') return '`=` or a block';
  const token = EXPECTED_TOKENS[tokenName];
  if (token !== undefined) return token;
  const named = EXPECTED_RULES[rule ?? ''];
  if (named !== undefined) return named;
  if (previous?.tokenType === T.Arrow) return 'a layer or function';
  return (previous && EXPECTED_AFTER.get(previous.tokenType)) ?? 'an expression';
}

export function found(token: IToken | undefined): string {
  if (!token) return 'the end of the file';
  if (token.tokenType === T.Newline) return 'the end of the line';
  if (token.tokenType === Broken || token.image === '') return 'the end of the statement';
  return `\`${token.image}\``;
}

/** Words of other languages, and what they are here. */
const FOREIGN: ReadonlyMap<string, string> = new Map([
  ['for', 'a loop is `repeat n { … }`, over time `scan x in xs along T { … }`'],
  ['while', 'a loop is `repeat n { … }`, over time `scan x in xs along T { … }`'],
  ['loop', 'a loop is `repeat n { … }`'],
  ['def', 'a function is `fn name(x) = …`'],
  ['func', 'a function is `fn name(x) = …`'],
  ['function', 'a function is `fn name(x) = …`'],
  ['class', 'a network is `model name: x[B, N] -> y[B, M] { … }`, a template of one `layer`'],
  ['module', 'a network is `model name: x[B, N] -> y[B, M] { … }`, a template of one `layer`'],
  ['network', 'a network is `model name: x[B, N] -> y[B, M] { … }`'],
  ['import', 'a file is taken in by `use "file.net"`'],
  ['include', 'a file is taken in by `use "file.net"`'],
  ['const', 'a constant is `let name = …`'],
  ['var', 'a constant is `let name = …`; inside a block `name = …`'],
  ['elif', 'write `else if`'],
  ['elsif', 'write `else if`'],
  ['dataset', 'data is described by `data name { … }`'],
  ['maximize', 'write `minimize -…`'],
]);

/** Help for a word that begins no statement; undefined where nothing is near. */
export function meant(word: string, candidates: Iterable<string>): string | undefined {
  const near = nearest(word, candidates);
  if (near !== undefined) return `did you mean \`${near}\`?`;
  return FOREIGN.get(word);
}

/** The candidate at the smallest edit distance, if it is one or, in a longer word, two. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let smallest = word.length > 4 ? 2.5 : word.length > 2 ? 1.5 : 0.5;
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (candidate === word || distance >= smallest) continue;
    best = candidate;
    smallest = distance;
  }
  return best;
}

/** Insertions, deletions, replacements and swaps of neighbours (Damerau and Levenshtein, restricted). */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let cost = Math.min(replace, (last[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1);
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, (beforeLast[j - 2] ?? cost) + 1);
      current.push(cost);
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length] ?? 0;
}
