/**
 * Why a head takes no block. In: what stands before a `{` and is no statement with a block. Out: the problem.
 */
import type { IToken } from 'chevrotain';
import { continues } from './heads.ts';
import { BLOCK_KEYWORDS, startsBlock } from './keyword-at.ts';
import type { Place, Problem, SourceText } from './source-text.ts';
import { T, endOf, is, isName, keywordOf } from './tokens.ts';
import { meant } from './words.ts';

export function explainMisfit(
  head: readonly IToken[],
  brace: IToken | undefined,
  source: SourceText,
): Problem {
  const [first] = head;
  const place = brace ? { start: brace.startOffset, end: endOf(brace) } : { start: 0, end: 0 };
  if (!first) {
    return {
      code: 'E0102',
      ...place,
      message: 'a block without a statement',
      help: 'a block follows the line it belongs to',
    };
  }
  const dangling = head.findIndex((_, at) => continues(head, at, source) && startsBlock(head, at));
  if (dangling > 0) return explainContinuation(head, dangling);
  const keyword = keywordOf(first);
  const inner = head.find((token) => isName(token, 'if'));
  if (inner) {
    const help = 'inside an expression write `where(condition, a, b)`';
    return { code: 'E0102', ...placeOf(inner), message: '`if` is a statement', help };
  }
  if (isName(first, 'else')) {
    const wrong = head[1] ?? first;
    const help = 'after `else` stands `{` or `if`';
    return {
      code: 'E0102',
      ...placeOf(wrong),
      message: `unexpected \`${wrong.image}\` after \`else\``,
      help,
    };
  }
  if (keyword === undefined && is(first, T.Name)) {
    const help = meant(first.image, BLOCK_KEYWORDS);
    const message = `unknown statement \`${first.image}\``;
    if (help !== undefined) return { code: 'E0102', ...placeOf(first), message, help };
  }
  if (keyword === 'fn') {
    const help = 'a function is an expression after `=`, or a block';
    return { code: 'E0102', ...place, message: 'unexpected `{` after the expression of a function', help };
  }
  const message = keyword === undefined ? 'unexpected `{`' : `\`${keyword}\` takes no block`;
  const help = `a block follows ${[...BLOCK_KEYWORDS].map((word) => `\`${word}\``).join(', ')}`;
  return { code: 'E0102', ...place, message, help };
}

/** The line before the one that begins at `index` ends so that the statement goes on. */
export function explainContinuation(head: readonly IToken[], index: number): Problem {
  const before = head[index - 1];
  const image = before?.image ?? '';
  return {
    code: 'E0105',
    ...(before ? placeOf(before) : { start: 0, end: 0 }),
    message: `the statement is cut off after \`${image}\``,
    help: `after \`${image}\` a statement goes on in the next line: complete it, or take the \`${image}\` out`,
  };
}

export function placeOf(token: IToken): Place {
  return { start: token.startOffset, end: endOf(token) };
}
