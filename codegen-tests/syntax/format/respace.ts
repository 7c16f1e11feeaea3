/**
 * The same program with other spaces. In: a text that parses. Out: the text with spaces, and line breaks and
 * comments where asked, drawn anew wherever they mean nothing. Holds: statements stay on their lines, blocks that
 * begin on the line of their `{` go on doing so.
 */
import type { IToken } from 'chevrotain';
import { lex } from '../../../compiler/syntax/lex.ts';
import { SourceText } from '../../../compiler/syntax/source-text.ts';
import { CONTINUING, T, endOf, is } from '../../../compiler/syntax/tokens.ts';
import type { Draw } from '../../support/draws.ts';

export interface Respacing {
  /** Line breaks before `->`, which the layout keeps, and comments. */
  comments: boolean;
}

export function respace(text: string, draw: Draw, { comments }: Respacing): string {
  const source = new SourceText(text, 'test.net');
  const tokens = lex(source).tokens.filter((token) => !is(token, T.Newline));
  let depth = 0;
  let written = source.text.slice(0, tokens[0]?.startOffset);
  let count = 0;
  tokens.forEach((token, index) => {
    const previous = tokens[index - 1];
    if (previous) {
      const gap = source.text.slice(endOf(previous), token.startOffset);
      written += isFree(previous, token, depth) ? drawGap(gap, token) : between(gap);
    }
    if (is(token, T.LeftParenthesis) || is(token, T.LeftBracket)) depth += 1;
    if (is(token, T.RightParenthesis) || is(token, T.RightBracket)) depth -= 1;
    written += token.image;
  });
  const last = tokens.at(-1);
  return `${written}${last ? source.text.slice(endOf(last)) : ''}`;

  /** A gap that stays, but for comments on lines of their own where a line ends. */
  function between(gap: string): string {
    if (!comments || !gap.includes('\n') || !draw.chance(0.1)) return widened(gap, draw);
    count += 1;
    return `${gap}${draw.pick(['', '\n', '\n\n'])}# comment ${count}\n`;
  }

  /** A gap in which lines may break. */
  function drawGap(gap: string, next: IToken): string {
    if (gap.includes('#')) return gap;
    const keepsBreaks = is(next, T.Arrow) && !comments;
    if (keepsBreaks) return gap.includes('\n') ? gap : ' ';
    if (comments && draw.chance(0.08)) {
      count += 1;
      const before = draw.pick(['', ' ', '\n', '\n\n', '\n  ']);
      return `${before}# comment ${count}${draw.pick(['\n', '\n\n', '\n   '])}`;
    }
    if (draw.chance(0.15)) return draw.pick(['\n', '\n      ', ' \n\t']);
    return gap === '' ? '' : ' '.repeat(1 + draw.below(3));
  }
}

/** Whether a line break between two tokens of one statement means nothing. */
function isFree(previous: IToken, token: IToken, depth: number): boolean {
  if (is(previous, T.LeftBrace) || is(token, T.RightBrace) || is(previous, T.RightBrace)) return false;
  // A unit stands on the line of its number.
  if (is(previous, T.Number) && is(token, T.Name)) return false;
  return depth > 0 || CONTINUING.has(previous.tokenType) || is(token, T.Arrow);
}

function widened(gap: string, draw: Draw): string {
  return gap === ' ' && draw.chance(0.3) ? draw.pick(['  ', '\t']) : gap;
}
