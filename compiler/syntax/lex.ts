/**
 * Text to tokens. In: a source text. Out: its tokens, line breaks among them, comments and spaces left out,
 * and what was wrong below the level of statements: characters, strings, numbers. Holds: whatever the text,
 * tokens come back in order and inside it, so that parsing can go on.
 */
import type { ILexingError, IToken } from 'chevrotain';
import { Lexer } from './chevrotain.ts';
import type { Problem, SourceText } from './source-text.ts';
import { T, endOf, is } from './tokens.ts';

/** Units that may stand after a number, by every spelling. */
export const UNITS = {
  epoch: 'epoch',
  epochs: 'epoch',
  step: 'step',
  steps: 'step',
  MB: 'MB',
  GB: 'GB',
} as const;

export function isUnit(text: string): text is keyof typeof UNITS {
  return Object.hasOwn(UNITS, text);
}

const ESCAPES: Readonly<Record<string, string>> = { '"': '"', '\\': '\\', n: '\n', t: '\t' };

/** What people write who come from elsewhere. */
const CHARACTER_HELP: Readonly<Record<string, string>> = {
  ';': 'a line break ends a statement',
  "'": 'strings stand in double quotes: "…"',
  '`': 'strings stand in double quotes: "…"',
  '“': 'strings stand in straight double quotes: "…"',
  '”': 'strings stand in straight double quotes: "…"',
  '&': 'write `and`',
  '|': 'write `or`; a function is applied with `->`',
  '!': 'write `not`, or `!=` to compare',
  '×': 'write `*`',
  '·': 'write `*`',
  '−': 'write `-`',
  '–': 'write `-`',
  '→': 'write `->`',
  '≤': 'write `<=`',
  '≥': 'write `>=`',
  '≠': 'write `!=`',
  '…': 'write `...`',
  '\r': 'lines end in LF or CRLF',
};

const LEXER = new Lexer(Object.values(T), {
  positionTracking: 'onlyOffset',
  ensureOptimizations: true,
  skipValidations: true,
});

export function lex(source: SourceText): { tokens: IToken[]; problems: Problem[] } {
  const result = LEXER.tokenize(source.text);
  // The lexer counts starts alone: faster, and all that is needed as no token is longer than its image.
  for (const token of result.tokens) token.endOffset = token.startOffset + token.image.length - 1;
  const problems = characterProblems(result.errors, source);
  const tokens = joinNumbers(result.tokens, source.text, problems);
  for (const token of tokens) if (is(token, T.String)) checkString(token, problems);
  return { tokens, problems };
}

/** The value of a string token: its text with escapes replaced. */
export function stringValue(token: IToken): string {
  const closed = token.image.length > 1 && token.image.endsWith('"');
  const inside = token.image.slice(1, closed ? -1 : undefined);
  return inside.replace(/\\(.?)/g, (whole, escaped: string) => ESCAPES[escaped] ?? whole);
}

/** One a line and character: a pair of wrong quotes is one mistake. */
function characterProblems(errors: readonly ILexingError[], source: SourceText): Problem[] {
  const problems = new Map<string, Problem>();
  for (const error of errors) {
    const key = `${source.line(error.offset)} ${source.text.charAt(error.offset)}`;
    if (!problems.has(key)) problems.set(key, characterProblem(error, source.text));
  }
  return [...problems.values()];
}

function characterProblem(error: ILexingError, text: string): Problem {
  const start = error.offset;
  const character = String.fromCodePoint(text.codePointAt(start) ?? 0);
  const visible = /^[\p{L}\p{N}\p{P}\p{S}]$/u.test(character);
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  const letter = /^\p{L}$/u.test(character);
  const help =
    CHARACTER_HELP[character] ?? (letter ? 'names are of ASCII letters, digits and `_`' : undefined);
  return {
    code: 'E0101',
    start,
    end: start + error.length,
    message: visible
      ? `unexpected character \`${character}\``
      : `unexpected character U+${code}${character === '\u00a0' ? ' (a no-break space)' : ''}`,
    ...(help !== undefined ? { help } : {}),
  };
}

/**
 * Finds malformed numbers: a number and what touches it, up to the next space or operator, is read as one.
 * A unit may touch (`64MB`).
 */
function joinNumbers(tokens: readonly IToken[], text: string, problems: Problem[]): IToken[] {
  const result: IToken[] = [];
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index];
    if (!token) break;
    result.push(token);
    if (!is(token, T.Number)) continue;
    const percent = token.image.endsWith('%');
    let last = token;
    for (;;) {
      const next = tokens[index + 1];
      if (!next || next.startOffset !== endOf(last)) break;
      const joins = is(next, T.Number) || is(next, T.Dot) || isWord(next) || (percent && opensOperand(next));
      if (!joins || (last === token && !percent && isUnit(next.image))) break;
      if (percent && opensOperand(next)) {
        problems.push(malformed(token.startOffset, endOf(next), text));
        break;
      }
      last = next;
      index += 1;
    }
    if (last !== token) {
      problems.push(malformed(token.startOffset, endOf(last), text));
      token.image = '0';
      token.endOffset = last.endOffset;
    } else {
      checkMagnitude(token, problems);
    }
  }
  return result;
}

function isWord(token: IToken): boolean {
  return is(token, T.Name) || is(token, T.And) || is(token, T.Or) || is(token, T.Not);
}

function opensOperand(token: IToken): boolean {
  return is(token, T.LeftParenthesis) || is(token, T.LeftBracket) || is(token, T.String);
}

function malformed(start: number, end: number, text: string): Problem {
  const image = text.slice(start, end);
  return { code: 'E0106', start, end, message: `\`${image}\` is not a number`, help: numberHelp(image) };
}

function numberHelp(image: string): string {
  const percent = image.indexOf('%');
  if (percent >= 0) {
    const [left, right] = [image.slice(0, percent), image.slice(percent + 1)];
    return `\`${left} % ${right}…\` with spaces is the remainder, \`${left}%\` alone is a hundredth of ${left}`;
  }
  if (/^[\d_]+\.$/.test(image)) return `write \`${image}0\``;
  if (/_$|__|_\./.test(image)) return 'an underscore stands between two digits: 20_000';
  if (/^0[xXbBoO]/.test(image)) return 'numbers are written in decimal';
  if (/^[\d._]+[eE][+-]?$/.test(image)) return 'digits are missing after the `e`: 1e-3';
  if (/^[\d_]*(\.[\d_]*){2,}$/.test(image)) return 'a number has one point';
  if (/^\d+[A-Za-z_]/.test(image)) {
    return 'a name does not begin with a digit; a product is written with `*`; units are epoch, step, MB, GB';
  }
  return 'numbers are written 12, 1.5, .5, 20_000 or 1e-3';
}

function checkMagnitude(token: IToken, problems: Problem[]): void {
  const digits = token.image.replaceAll('_', '').replace('%', '');
  const value = Number(digits);
  const place = { start: token.startOffset, end: endOf(token) };
  if (!Number.isFinite(value)) {
    const help = 'infinity is the name `inf`';
    problems.push({ code: 'E0106', ...place, message: `\`${token.image}\` is too large a number`, help });
  } else if (/^\d+$/.test(digits) && !Number.isSafeInteger(value)) {
    const message = `\`${token.image}\` is too large to be exact`;
    const help = 'integers reach to 9007199254740991; write a float with a point or an exponent';
    problems.push({ code: 'E0106', ...place, message, help });
  }
}

function checkString(token: IToken, problems: Problem[]): void {
  const { image, startOffset } = token;
  for (const match of image.matchAll(/\\(.?)/g)) {
    const escaped = match[1] ?? '';
    if (escaped === '' || escaped in ESCAPES) continue;
    const start = startOffset + match.index;
    problems.push({
      code: 'E0113',
      start,
      end: start + match[0].length,
      message: `unknown escape \`${match[0]}\` in a string`,
      help: 'strings know \\" \\\\ \\n and \\t; a backslash itself is \\\\',
    });
  }
  const closed = /^"(?:[^"\\]|\\.)*"$/s.test(image);
  if (closed) return;
  const end = endOf(token);
  const help = 'write the closing `"`; a string ends on its line';
  problems.push({ code: 'E0103', start: startOffset, end, message: 'the string is not closed', help });
}
