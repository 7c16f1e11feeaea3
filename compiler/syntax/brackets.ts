/**
 * Makes brackets balance. In: tokens with every line break. Out: the same where each `(`, `[` and `{` has its
 * partner: a missing one is put in as a token without text where a reader would, and reported; one too many is
 * left out, and reported. So one missing bracket is one error, and what follows it is still read as meant.
 */
import type { IToken, TokenType } from 'chevrotain';
import { closesNothing, notClosed, openedAt } from './bracket-problems.ts';
import { balanceBraces } from './braces.ts';
import type { Problem, SourceText } from './source-text.ts';
import {
  CONTINUING,
  OPERAND_ENDS,
  OPERAND_STARTS,
  T,
  endOf,
  is,
  isName,
  retype,
  virtualToken,
} from './tokens.ts';

/** Deeper than people write; keeps the recursion of every later stage bounded. */
const DEEPEST = 200;

export interface Balanced {
  tokens: IToken[];
  /** Of `( )` and `[ ]`: the statement they stand in has been explained. */
  problems: Problem[];
  braceProblems: Problem[];
}

export function balanceBrackets(
  tokens: readonly IToken[],
  source: SourceText,
  lexical: readonly Problem[],
): Balanced {
  const problems: Problem[] = [];
  const tooDeep = findTooDeep(tokens);
  // Nothing is made of such a file: no later stage could walk it.
  if (tooDeep) return { tokens: [], problems: [tooDeep], braceProblems: [] };
  const rounds = closeRounds(tokens, pairRounds(tokens, problems), lexical, problems);
  const braceProblems: Problem[] = [];
  return { tokens: balanceBraces(rounds, source, braceProblems), problems, braceProblems };
}

function findTooDeep(tokens: readonly IToken[]): Problem | undefined {
  let depth = 0;
  /** Of each depth: the blocks chained by `else` there, which nest in the tree. */
  const chained: number[] = [];
  for (const [index, token] of tokens.entries()) {
    if (isOpening(token) || is(token, T.LeftBrace)) depth += 1;
    else if (isClosing(token) || is(token, T.RightBrace)) depth -= 1;
    if (is(token, T.RightBrace)) {
      let next = index + 1;
      while (is(tokens[next], T.Newline)) next += 1;
      chained[Math.max(depth, 0)] = isName(tokens[next], 'else') ? (chained[Math.max(depth, 0)] ?? 0) + 1 : 0;
    }
    if (depth <= DEEPEST && (chained[Math.max(depth, 0)] ?? 0) <= DEEPEST) continue;
    const place = { start: token.startOffset, end: endOf(token) };
    const what =
      depth > DEEPEST
        ? `brackets nested more than ${DEEPEST} deep`
        : `more than ${DEEPEST} \`else\` in a row`;
    return { code: 'E0901', ...place, message: `${what} are not supported` };
  }
  return undefined;
}

function isOpening(token: IToken | undefined): boolean {
  return is(token, T.LeftParenthesis) || is(token, T.LeftBracket);
}

function isClosing(token: IToken | undefined): boolean {
  return is(token, T.RightParenthesis) || is(token, T.RightBracket);
}

function partnerOf(opening: IToken): TokenType {
  return is(opening, T.LeftParenthesis) ? T.RightParenthesis : T.RightBracket;
}

interface Pairing {
  /** Openings that nothing closes before the next brace or the end. */
  alone: Set<IToken>;
  /** Closings that nothing opened. */
  dropped: Set<IToken>;
  /** Partners that are missing just before a token: the `]` of `f(a[0)`. */
  before: Map<IToken, IToken[]>;
}

/** `( )` and `[ ]` never hold braces, so a brace ends the search for a partner. */
function pairRounds(tokens: readonly IToken[], problems: Problem[]): Pairing {
  const pairing: Pairing = { alone: new Set(), dropped: new Set(), before: new Map() };
  let open: IToken[] = [];
  for (const token of tokens) {
    if (isOpening(token)) {
      open.push(token);
    } else if (isClosing(token)) {
      closeOne(token, open, pairing, problems);
    } else if (is(token, T.LeftBrace) || is(token, T.RightBrace)) {
      for (const opening of open) pairing.alone.add(opening);
      open = [];
    }
  }
  for (const opening of open) pairing.alone.add(opening);
  return pairing;
}

function closeOne(token: IToken, open: IToken[], pairing: Pairing, problems: Problem[]): void {
  const top = open.at(-1);
  if (!top) {
    problems.push(closesNothing(token));
    pairing.dropped.add(token);
    return;
  }
  const matching = open.findLastIndex((opening) => is(token, partnerOf(opening)));
  if (matching === open.length - 1) {
    open.pop();
    return;
  }
  problems.push({
    code: 'E0104',
    start: token.startOffset,
    end: endOf(token),
    message: `\`${top.image}\` is not closed before \`${token.image}\``,
    help: `write \`${is(top, T.LeftParenthesis) ? ')' : ']'}\` ${matching < 0 ? 'instead' : 'before it'}`,
    related: [openedAt(top)],
  });
  if (matching < 0) {
    retype(token, partnerOf(top));
    open.pop();
    return;
  }
  const inner = open.splice(matching).slice(1).reverse();
  pairing.before.set(
    token,
    inner.map((opening) => virtualToken(partnerOf(opening), token.startOffset)),
  );
}

/**
 * Puts in what is missing: for an opening without partner at the first line end after which a new statement
 * seems to begin, else before the brace or the end.
 */
function closeRounds(
  tokens: readonly IToken[],
  pairing: Pairing,
  lexical: readonly Problem[],
  problems: Problem[],
): IToken[] {
  const { alone, dropped, before } = pairing;
  if (alone.size + dropped.size + before.size === 0) return [...tokens];
  const result: IToken[] = [];
  let open: IToken[] = [];
  let previousEnd = 0;
  const closeAll = (): void => {
    if (open.length === 0) return;
    // A string that is not closed has swallowed the bracket.
    const from = open[0]?.startOffset ?? 0;
    const swallowed = lexical.some(
      ({ code, start }) => code === 'E0103' && start > from && start < previousEnd,
    );
    if (!swallowed) problems.push(notClosed(open, previousEnd));
    for (const opening of open.reverse()) result.push(virtualToken(partnerOf(opening), previousEnd));
    open = [];
  };
  tokens.forEach((token, index) => {
    if (dropped.has(token)) return;
    const brace = is(token, T.LeftBrace) || is(token, T.RightBrace);
    const hopeless = open.every((opening) => alone.has(opening));
    if (brace || (hopeless && is(token, T.Newline) && endsStatement(tokens, index))) closeAll();
    if (isOpening(token)) open.push(token);
    const inserted = before.get(token) ?? [];
    for (const missing of inserted) result.push(missing);
    if (isClosing(token)) open.length -= 1 + inserted.length;
    result.push(token);
    if (!is(token, T.Newline)) previousEnd = endOf(token);
  });
  closeAll();
  return result;
}

/** Whether the line break at `index` stands between two operands, or before a brace or the end. */
function endsStatement(tokens: readonly IToken[], index: number): boolean {
  const previous = tokens[index - 1];
  let after = index;
  while (is(tokens[after], T.Newline)) after += 1;
  const next = tokens[after];
  if (previous && CONTINUING.has(previous.tokenType)) return false;
  if (!next || is(next, T.LeftBrace) || is(next, T.RightBrace)) return true;
  return previous !== undefined && OPERAND_ENDS.has(previous.tokenType) && OPERAND_STARTS.has(next.tokenType);
}
