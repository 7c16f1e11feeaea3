/**
 * Tells keywords from names. In: tokens laid out, one line break between statements. Out: the same with the
 * keywords of each statement retyped, and for each token where its statement's head begins. A head is what
 * stands before the statement's end or its `{`. Holds afterwards: every `{` follows a head that takes a block;
 * the head of any other is refused here and replaced by one `Broken` token.
 */
import type { IToken } from 'chevrotain';
import { hasEquals, outside } from './heads.ts';
import { BLOCK_KEYWORDS, keywordAt } from './keyword-at.ts';
import { isUnit } from './lex.ts';
import { explainMisfit } from './misfit.ts';
import type { Problem, SourceText } from './source-text.ts';
import {
  Broken,
  FnBlock,
  HeadEnd,
  K,
  OPERAND_ENDS,
  T,
  Unit,
  endOf,
  is,
  isName,
  retype,
  virtualToken,
} from './tokens.ts';
import type { Keyword } from './tokens.ts';

/** Keywords inside a head: names where an operand could not stand, as right after another one. */
const INNER: Readonly<Partial<Record<Keyword, readonly Keyword[]>>> = {
  repeat: ['as'],
  scan: ['in', 'along'],
  minimize: ['over', 'with'],
};

export interface Statements {
  tokens: IToken[];
  /** For each token the index of the first token of its head; for a `}` that of its block's head. */
  heads: number[];
}

export function markKeywords(tokens: readonly IToken[], source: SourceText, problems: Problem[]): Statements {
  const result: IToken[] = [];
  const heads: number[] = [];
  const owners: number[] = [];
  const push = (token: IToken, head: number): void => {
    result.push(token);
    heads.push(head);
  };
  let at = 0;
  while (at < tokens.length) {
    const end = headEnd(tokens, at);
    const head = tokens.slice(at, end);
    const start = result.length;
    const braced = is(tokens[end], T.LeftBrace);
    const keyword = markHead(head, source);
    const misfit = braced && !takesBlock(head, keyword);
    if (misfit) {
      addMisfit(explainMisfit(head, tokens[end], source), head, problems);
      push(brokenHead(head, tokens[end]), start);
    } else {
      for (const token of head) push(token, start);
      const last = head.at(-1);
      if (braced && last && !is(last, K.else)) push(virtualToken(HeadEnd, endOf(last)), start);
      if (braced && keyword === 'fn' && head[0]) retype(head[0], FnBlock);
    }
    // What stands in the braces of `x = if a { b } else { c }` are no statements.
    at = misfit && hasEquals(head) ? afterBlocks(tokens, end) : end;
    // What lies between two heads: braces and line breaks. `else` after a `}` begins a head of its own.
    for (let between = tokens[at]; between && isBoundary(between); between = tokens[at]) {
      if (is(between, T.LeftBrace)) owners.push(start);
      const owner = is(between, T.RightBrace) ? owners.pop() : undefined;
      push(between, owner ?? start);
      at += 1;
      if (is(between, T.LeftBrace) || is(between, T.Newline)) break;
      if (isElse(tokens, at)) break;
    }
  }
  return { tokens: result, heads };
}

function isBoundary(token: IToken | undefined): boolean {
  return is(token, T.Newline) || is(token, T.LeftBrace) || is(token, T.RightBrace);
}

function isElse(tokens: readonly IToken[], index: number): boolean {
  const after = tokens[index + 1];
  return isName(tokens[index], 'else') && (is(after, T.LeftBrace) || isName(after, 'if'));
}

function headEnd(tokens: readonly IToken[], start: number): number {
  let end = start;
  while (end < tokens.length && !isBoundary(tokens[end])) end += 1;
  return end;
}

/** In place of what has been said of the same tokens before, which it explains better. */
function addMisfit(problem: Problem, head: readonly IToken[], problems: Problem[]): void {
  const start = head[0]?.startOffset ?? problem.start;
  const earlier = problems.findIndex((other) => other.code === 'E0102' && other.start === start);
  if (earlier >= 0) problems.splice(earlier, 1);
  problems.push(problem);
}

/** The index after the block that begins at `index`, and after the ones that `else` adds. */
function afterBlocks(tokens: readonly IToken[], index: number): number {
  let depth = 0;
  for (let at = index; at < tokens.length; at++) {
    if (is(tokens[at], T.LeftBrace)) depth += 1;
    else if (is(tokens[at], T.RightBrace)) depth -= 1;
    if (depth === 0 && is(tokens[at], T.RightBrace)) {
      if (!isElse(tokens, at + 1)) return at + 1;
      while (!is(tokens[at + 1], T.LeftBrace) && at + 1 < tokens.length) at += 1;
    }
  }
  return tokens.length;
}

function brokenHead(head: readonly IToken[], brace: IToken | undefined): IToken {
  const [first] = head;
  const last = head.at(-1);
  const token = virtualToken(Broken, (first ?? brace)?.startOffset ?? 0);
  if (last) token.endOffset = endOf(last) - 1;
  return token;
}

/** Retypes the keywords of one head and says which statement it is. */
function markHead(head: readonly IToken[], source: SourceText): Keyword | undefined {
  markUnits(head, source);
  const labelled = is(head[0], T.Name) && is(head[1], T.Colon);
  const first = labelled ? 2 : 0;
  const token = head[first];
  if (!token) return undefined;
  if (!labelled && isName(token, 'else') && (head.length === 1 || isName(head[1], 'if'))) {
    retype(token, K.else);
    if (head[1]) retype(head[1], K.if);
    return 'else';
  }
  const keyword = keywordAt(head, first);
  if (keyword === undefined || (labelled && keyword !== 'repeat')) return undefined;
  retype(token, K[keyword]);
  if (keyword === 'train') {
    // `train on on d` is a block named `on`.
    const on = isName(head[2], 'on') && !(isName(head[1], 'on') && head[3] === undefined) ? head[2] : head[1];
    if (isName(on, 'on') && on) retype(on, K.on);
  }
  const inner = INNER[keyword];
  if (inner) markInner(head, first, inner);
  return keyword;
}

function markInner(head: readonly IToken[], first: number, words: readonly Keyword[]): void {
  for (const index of outside(head)) {
    const [token, previous] = [head[index], head[index - 1]];
    if (index <= first || !token || !previous || !OPERAND_ENDS.has(previous.tokenType)) continue;
    const word = words.find((text) => isName(token, text));
    if (word) retype(token, K[word]);
  }
}

function markUnits(head: readonly IToken[], source: SourceText): void {
  head.forEach((token, index) => {
    const number = head[index - 1];
    if (!number || !is(number, T.Number) || !is(token, T.Name) || !isUnit(token.image)) return;
    if (source.line(number.startOffset) === source.line(token.startOffset)) retype(token, Unit);
  });
}

function takesBlock(head: readonly IToken[], keyword: Keyword | undefined): boolean {
  if (keyword === undefined || !BLOCK_KEYWORDS.has(keyword)) return false;
  return keyword !== 'fn' || !hasEquals(head);
}
