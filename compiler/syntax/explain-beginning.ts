/**
 * Why the beginning of a statement does not hold. In: a failure at or near it. Out: the problem, or undefined
 * where the beginning is not at fault.
 */
import type { IToken } from 'chevrotain';
import { afterBracket, hasEquals } from './heads.ts';
import type { Failure } from './heads.ts';
import { placeOf } from './misfit.ts';
import type { Problem } from './source-text.ts';
import { K, OPERAND_STARTS, T, endOf, is } from './tokens.ts';
import { found, meant } from './words.ts';

const STATEMENT_KEYWORDS = Object.keys(K).filter(
  (word) => !['on', 'as', 'in', 'along', 'over', 'with'].includes(word),
);

export const PARTS_MESSAGE = 'tensors cannot be assigned by parts';
export const PARTS_HELP =
  'a tensor is a value: bind a new one, made by `where`, `concat`, `pad` or `scatter_add` from the old';

/** `x.y = 3`, `x[0].y = 3`, `x += 1`; the plain `x[0] = 3` fits the grammar and is refused later. */
export function explainParts({ head, at }: Failure): Problem | undefined {
  const [first] = head;
  if (!first || !is(first, T.Name)) return undefined;
  let end = 1;
  while (is(head[end], T.LeftBracket) || is(head[end], T.Dot)) {
    end = is(head[end], T.Dot) ? end + 2 : afterBracket(head, end);
  }
  const operator = head[end];
  if (!operator || at > end) return undefined;
  if (is(operator, T.CompoundAssign)) return changedInPlace(first, operator, head.slice(0, end));
  if (!is(operator, T.Equals) || end === 1) return undefined;
  return assignedByParts(first.startOffset, endOf(head[end - 1] ?? first));
}

export function assignedByParts(start: number, end: number): Problem {
  return { code: 'E0107', start, end, message: PARTS_MESSAGE, help: PARTS_HELP };
}

function changedInPlace(first: IToken, operator: IToken, left: readonly IToken[]): Problem {
  const sign = operator.image.slice(0, -1);
  const help = left.length === 1 ? `write \`${first.image} = ${first.image} ${sign} …\`` : PARTS_HELP;
  return {
    code: 'E0107',
    start: first.startOffset,
    end: endOf(operator),
    message: `${PARTS_MESSAGE}: \`${operator.image}\` does not exist`,
    help,
  };
}

/** Where a statement might begin. */
const BEGINNING_RULES: readonly string[] = ['statement', 'target', 'block', 'file'];

export function explainBeginning(failure: Failure): Problem | undefined {
  const { head, at, rule } = failure;
  const [first, second] = head;
  if (!first) return undefined;
  if (rule === 'target' && at > 0) return explainTarget(failure);
  if (at > 0 || !BEGINNING_RULES.includes(rule ?? '')) return undefined;
  if (is(first, K.else)) {
    return problemAt(first, '`else` without an `if`', '`else` follows the `}` of an `if`');
  }
  if (is(first, T.Name)) return explainName(first, second, head);
  if (hasEquals(head)) return problemAt(first, `a statement cannot begin with ${found(first)}`);
  return expressionAlone(head);
}

function explainName(first: IToken, second: IToken | undefined, head: readonly IToken[]): Problem {
  const beside = second !== undefined && OPERAND_STARTS.has(second.tokenType);
  if (beside || !hasEquals(head)) {
    const help = meant(first.image, STATEMENT_KEYWORDS);
    if (help !== undefined && (beside || second === undefined || is(second, T.LeftParenthesis))) {
      return problemAt(first, `unknown statement \`${first.image}\``, help);
    }
  }
  if (is(second, T.Colon)) {
    const help = 'a label stands before `repeat`, or after `->`; an instance gets its name by `name = …`';
    return problemAt(second ?? first, `unexpected \`:\` after \`${first.image}\``, help);
  }
  if (beside && second)
    return problemAt(second, `expected \`=\` after \`${first.image}\`, found ${found(second)}`);
  if (!hasEquals(head)) return expressionAlone(head);
  return problemAt(
    second ?? first,
    `expected \`=\` after \`${first.image}\`, found ${found(second)}`,
    TARGET_HELP,
  );
}

const TARGET_HELP = 'on the left of `=` stands a name, or names in parentheses: `(a, b) = f(x)`';

/** `(a + b) = …`, `(x -> f) …`: after a parenthesis that is no list of names. */
function explainTarget({ head, token }: Failure): Problem | undefined {
  if (!is(head[0], T.LeftParenthesis)) return undefined;
  if (!hasEquals(head)) return expressionAlone(head);
  return token && problemAt(token, `unexpected ${found(token)} in a list of names`, TARGET_HELP);
}

function expressionAlone(head: readonly IToken[]): Problem {
  const [first, last] = [head[0], head.at(-1)];
  return {
    code: 'E0102',
    start: first?.startOffset ?? 0,
    end: last ? endOf(last) : 0,
    message: 'an expression alone is not a statement',
    help: 'bind it to a name, `y = …`, or give it back, `return …`',
  };
}

function problemAt(token: IToken, message: string, help?: string): Problem {
  return { code: 'E0102', ...placeOf(token), message, ...(help !== undefined ? { help } : {}) };
}
