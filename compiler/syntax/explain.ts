/**
 * Says in a user's words why the grammar does not hold. In: the parser's error, the tokens and their heads.
 * Out: one problem, at the token where a reader would stop. The checks go from the particular to the general.
 */
import type { IRecognitionException, IToken } from 'chevrotain';
import { noBlock } from './bracket-problems.ts';
import { explainBeginning, explainParts } from './explain-beginning.ts';
import { continues, isClosing, isOpening } from './heads.ts';
import type { Failure } from './heads.ts';
import { keywordAt } from './keyword-at.ts';
import type { Statements } from './keywords.ts';
import { UNITS } from './lex.ts';
import { explainContinuation, placeOf } from './misfit.ts';
import type { Problem, SourceText } from './source-text.ts';
import {
  BINARY_OPERATORS,
  HeadEnd,
  K,
  OPERAND_ENDS,
  OPERAND_STARTS,
  T,
  endOf,
  is,
  keywordOf,
} from './tokens.ts';
import { expected, found, meant } from './words.ts';

/** The index of the head that an error belongs to. */
export function headOf({ tokens, heads }: Statements, token: IToken): number {
  const at = indexOf(tokens, token);
  const inside = tokens[at] !== undefined && !endsHead(tokens[at]);
  return heads[inside ? at : Math.max(0, at - 1)] ?? 0;
}

/** The tokens of the head that begins at an index. */
export function headTokens({ tokens, heads }: Statements, start: number): readonly IToken[] {
  let end = start;
  while (end < tokens.length && heads[end] === start && !endsHead(tokens[end])) end += 1;
  return tokens.slice(start, end);
}

/** Says in a user's words what is wrong where the parser stopped. */
export function explain(error: IRecognitionException, statements: Statements, source: SourceText): Problem {
  const { tokens } = statements;
  const at = indexOf(tokens, error.token);
  const start = headOf(statements, error.token);
  const head = headTokens(statements, start);
  const failure: Failure = {
    head,
    at: Math.min(Math.max(at - start, 0), head.length),
    token: is(tokens[at], HeadEnd) ? tokens[at + 1] : tokens[at],
    wanted: error.message,
    rule: error.context.ruleStack.at(-1),
    source,
  };
  return (
    explainReserved(failure) ??
    explainParts(failure) ??
    explainPreviousLine(failure) ??
    explainCutOff(failure) ??
    explainBeginning(failure) ??
    explainOperator(failure) ??
    explainNeighbours(failure) ??
    explainGenerally(failure)
  );
}

function indexOf(tokens: readonly IToken[], token: IToken): number {
  const at = tokens.indexOf(token);
  return at < 0 ? tokens.length : at;
}

function endsHead(token: IToken | undefined): boolean {
  return is(token, T.Newline) || is(token, HeadEnd) || is(token, T.LeftBrace) || is(token, T.RightBrace);
}

function isReserved(token: IToken | undefined): boolean {
  return is(token, T.And) || is(token, T.Or) || is(token, T.Not);
}

/** `and = 3`, `let not = 3`, `f(or = 3)` */
function explainReserved({ head, at, token, wanted }: Failure): Problem | undefined {
  const [before, after] = [head[at - 1], head[at + 1]];
  const asName = is(after, T.Equals) || is(after, T.LeftBracket) || is(after, T.Colon);
  const afterOperand = before !== undefined && OPERAND_ENDS.has(before.tokenType);
  let word: IToken | undefined;
  if (isReserved(token) && (wanted === T.Name.name || (asName && !afterOperand))) word = token;
  else if (is(token, T.Equals) && isReserved(before)) word = before;
  if (!word) return undefined;
  return {
    code: 'E0112',
    ...placeOf(word),
    message: `\`${word.image}\` is a reserved word`,
    help: 'choose another name: `and`, `or` and `not` are operators',
  };
}

/** `x =`, and in the next line `y = 3`: what is wrong is the line before. */
function explainPreviousLine({ head, at, token, source }: Failure): Problem | undefined {
  for (const index of [at, at - 1]) {
    if (!continues(head, index, source)) continue;
    const binds = index === at - 1 && (is(token, T.Equals) || is(token, T.CompoundAssign));
    if (binds || keywordAt(head, index) !== undefined) return explainContinuation(head, index);
  }
  return undefined;
}

function explainCutOff({ head, at, token, wanted, rule }: Failure): Problem | undefined {
  if (at < head.length || is(token, T.LeftBrace)) return undefined;
  const last = head.at(-1);
  const end = last ? endOf(last) : 0;
  if (wanted === HeadEnd.name) return noBlock(head[0], end);
  const what = expected(wanted, rule, last);
  return {
    code: 'E0105',
    start: end,
    end,
    message: `the statement is cut off: ${what} is missing after \`${last?.image ?? ''}\``,
    ...(is(last, T.Comma)
      ? { help: 'after a comma the list goes on; take the comma out if it ends here' }
      : {}),
  };
}

/** An operator where none can follow: after a pipe, or in front of nothing. */
function explainOperator({ head, at, token }: Failure): Problem | undefined {
  const before = head[at - 1];
  if (!token || !BINARY_OPERATORS.includes(token.tokenType)) return undefined;
  if (before && OPERAND_ENDS.has(before.tokenType)) {
    if (!followsPipe(head, at)) return undefined;
    return {
      code: 'E0110',
      ...placeOf(token),
      message: `\`${token.image}\` cannot follow \`->\` without parentheses`,
      help: `\`->\` binds loosest: write \`(x -> f) ${token.image} …\``,
    };
  }
  if (is(token, T.Star) && is(before, T.Star)) {
    return {
      code: 'E0102',
      ...placeOf(token),
      message: 'unexpected `*` after `*`',
      help: 'a power is written `^`',
    };
  }
  if (is(token, T.Slash) && is(before, T.Slash)) {
    const help = 'a comment begins with `#`; a whole quotient is `floor(a / b)`';
    return { code: 'E0102', ...placeOf(token), message: 'unexpected `/` after `/`', help };
  }
  return undefined;
}

/** Whether a `->` stands before `at` inside the same brackets, with nothing between that would end it. */
function followsPipe(head: readonly IToken[], at: number): boolean {
  let depth = 0;
  for (let index = at - 1; index >= 0; index--) {
    const token = head[index];
    if (isClosing(token)) depth += 1;
    else if (isOpening(token)) depth -= 1;
    if (depth < 0) return false;
    if (depth > 0) continue;
    if (is(token, T.Arrow)) return true;
    if (is(token, T.Comma) || is(token, T.Equals)) return false;
  }
  return false;
}

/** Two operands side by side, or `:` and `=` where they mean something elsewhere. */
function explainNeighbours(failure: Failure): Problem | undefined {
  const { head, at, token, wanted, rule, source } = failure;
  const before = head[at - 1];
  if (!token || !before || !OPERAND_ENDS.has(before.tokenType)) return undefined;
  const message = `unexpected ${found(token)} after ${found(before)}`;
  const problem = { code: 'E0102', ...placeOf(token), message } as const;
  const keyword = keywordOf(head[0]);
  if (is(token, T.Equals) && (keyword === 'if' || keyword === 'repeat' || keyword === 'return')) {
    return { ...problem, help: 'to compare, write `==`' };
  }
  if (is(token, T.Equals) && is(head[at + 1], T.Greater)) return { ...problem, help: 'write `->`' };
  if (is(token, T.Colon) && rule === 'tensor') {
    return { ...problem, help: 'a dimension is one expression, or `...` for any number of them' };
  }
  if (is(token, T.Colon)) {
    const last = at === head.length - 1 && keyword !== undefined;
    const label = 'a label stands after `->`: `x -> name: layer(…)`; a bound instance is `name = layer(…)`';
    return { ...problem, help: last ? 'a block stands in `{ }`' : label };
  }
  if (!OPERAND_STARTS.has(token.tokenType)) return undefined;
  if (
    is(before, T.Number) &&
    is(token, T.Name) &&
    source.line(before.startOffset) === source.line(token.startOffset)
  ) {
    const near = meant(token.image, Object.keys(UNITS));
    if (near !== undefined) return { ...problem, message: `unknown unit \`${token.image}\``, help: near };
  }
  if (!ANYTHING.includes(wanted)) return explainWord(failure);
  if (before.image === 'if')
    return { ...problem, help: 'inside an expression write `where(condition, a, b)`' };
  return { ...problem, help: 'an operator or a comma is missing between them, or a line break' };
}

/** What could be expected in so many places that naming it would mislead. */
const ANYTHING: readonly string[] = [
  '', 'EOF', T.RightBrace.name, T.RightParenthesis.name, T.RightBracket.name,
]; // prettier-ignore

/** `minimize loss wiht adam()`: another word where one keyword stands. */
function explainWord(failure: Failure): Problem {
  const { token, wanted } = failure;
  const keyword = wanted.toLowerCase();
  const help = token && keyword in K ? meant(token.image, [keyword]) : undefined;
  return { ...explainGenerally(failure), ...(help !== undefined ? { help } : {}) };
}

function explainGenerally({ head, at, token, wanted, rule }: Failure): Problem {
  const last = head.at(-1);
  const before = head[at - 1];
  const lacking = isOpening(before) || is(before, T.Comma);
  const closing = wanted === T.RightParenthesis.name || wanted === T.RightBracket.name;
  const what = lacking && closing ? 'an expression' : expected(wanted, rule, before);
  const place = token ? placeOf(token) : { start: last ? endOf(last) : 0, end: last ? endOf(last) : 0 };
  const keyword = keywordOf(head[0]);
  const several = is(token, T.Comma) && (keyword === 'return' || keyword === 'emit');
  return {
    code: 'E0102',
    ...place,
    message: `expected ${what}, found ${found(token)}`,
    ...(several ? { help: `several values stand in parentheses: \`${keyword} (a, b)\`` } : {}),
  };
}
