/**
 * Expressions, arguments and indices: concrete to abstract syntax. In: nodes without errors. Out: the types of
 * ast.ts. Reported: what the grammar is too wide for (the order of arguments, what may follow `->`).
 */
import type { CstNode, IToken } from 'chevrotain';
import type { Span } from '../diagnostics.ts';
import type { Argument, Expression, Identifier, Range } from './ast.ts';
import { maybeNode, maybeToken, node, nodes, placeOfNode, token, tokens } from './cst.ts';
import { UNITS, stringValue } from './lex.ts';
import { combine } from './operators.ts';
import type { Context, Operand, Placed } from './operators.ts';
import { endOf } from './tokens.ts';

/** A bound on the depth of the tree that later stages walk. */
const LONGEST_CHAIN = 1000;

export function identifier(name: IToken, { source }: Context): Identifier {
  return { text: name.image, span: source.span(name.startOffset, endOf(name)) };
}

export function buildExpression(expression: CstNode, context: Context): Expression {
  const operands = nodes(expression, 'operand').map((operand): Operand => {
    const prefixes = tokens(operand, 'prefix');
    return { ...buildPostfix(node(operand, 'postfix'), context), prefixes };
  });
  let left = combine(operands, tokens(expression, 'operator'), context);
  const pipes = nodes(expression, 'pipe');
  checkLength(pipes, '`->`', context);
  for (const pipe of pipes) left = buildPipe(left, pipe, context);
  return left.expression;
}

function buildPipe(left: Placed, pipe: CstNode, context: Context): Placed {
  const label = maybeToken(pipe, 'label');
  const target = buildPostfix(node(pipe, 'postfix'), context);
  checkPipeTarget(target, context);
  const { start } = left;
  const { end } = target;
  return {
    expression: {
      kind: 'pipe',
      left: left.expression,
      ...(label ? { label: identifier(label, context) } : {}),
      target: target.expression,
      span: context.source.span(start, end),
    },
    start,
    end,
  };
}

function checkPipeTarget({ expression: { kind }, start, end }: Placed, { problems }: Context): void {
  if (kind === 'name' || kind === 'call' || kind === 'member' || kind === 'index') return;
  const help = 'after `->` stands a name or a call: `x -> relu`, `x -> dense(10)`';
  problems.push({ code: 'E0102', start, end, message: 'expected a layer or function after `->`', help });
}

function checkLength(chain: readonly CstNode[], what: string, { problems }: Context): void {
  const last = chain[LONGEST_CHAIN];
  if (!last) return;
  const message = `more than ${LONGEST_CHAIN} ${what} in a row are not supported`;
  problems.push({ code: 'E0901', ...placeOfNode(last), message });
}

function buildPostfix(postfix: CstNode, context: Context): Placed {
  let base = buildPrimary(postfix, context);
  const suffixes = nodes(postfix, 'suffix');
  checkLength(suffixes, 'calls and indices', context);
  for (const suffix of suffixes.slice(0, LONGEST_CHAIN)) base = buildSuffix(base, suffix, context);
  return base;
}

function buildSuffix(base: Placed, suffix: CstNode, context: Context): Placed {
  const { start } = base;
  const { end } = placeOfNode(suffix);
  const span = context.source.span(start, end);
  const call = maybeNode(suffix, 'arguments');
  const ranges = maybeNode(suffix, 'ranges');
  let expression: Expression;
  if (call) {
    const list = buildArguments(call, context);
    expression = { kind: 'call', callee: base.expression, arguments: list, span };
  } else if (ranges) {
    expression = { kind: 'index', base: base.expression, ranges: buildRanges(ranges, context), span };
  } else {
    const name = identifier(token(suffix, 'Name'), context);
    expression = { kind: 'member', base: base.expression, name, span };
  }
  return { expression, start, end };
}

/** What a `postfix` node begins with, before its suffixes. */
function buildPrimary(postfix: CstNode, context: Context): Placed {
  const { start } = placeOfNode(postfix);
  const last =
    maybeToken(postfix, 'Name') ??
    maybeToken(postfix, 'Unit') ??
    maybeToken(postfix, 'Number') ??
    maybeToken(postfix, 'String') ??
    token(postfix, 'RightParenthesis');
  const end = endOf(last);
  return { expression: primaryExpression(postfix, context.source.span(start, end), context), start, end };
}

function primaryExpression(postfix: CstNode, span: Span, context: Context): Expression {
  const name = maybeToken(postfix, 'Name');
  if (name) return { kind: 'name', name: name.image, span };
  const number = maybeToken(postfix, 'Number');
  if (number) return buildNumber(number, maybeToken(postfix, 'Unit'), span);
  const string = maybeToken(postfix, 'String');
  if (string) return { kind: 'string', value: stringValue(string), span };
  const items = nodes(postfix, 'expression').map((item) => buildExpression(item, context));
  const [only] = items;
  return only && items.length === 1 ? only : { kind: 'tuple', items, span };
}

function buildNumber(number: IToken, unit: IToken | undefined, span: Span): Expression {
  const text = number.image;
  const digits = text.replaceAll('_', '');
  return {
    kind: 'number',
    value: digits.endsWith('%') ? hundredth(digits.slice(0, -1)) : Number(digits),
    integer: /^\d+$/.test(digits),
    ...(unit ? { unit: UNITS[unit.image as keyof typeof UNITS] } : {}),
    text,
    span,
  };
}

/** Moved in the text and not divided, so that `0.1%` is the number nearest to 0.001. */
function hundredth(digits: string): number {
  const [mantissa = '', exponent = '0'] = digits.toLowerCase().split('e');
  return Number(`${mantissa}e${Number(exponent) - 2}`);
}

export function buildArguments(list: CstNode, context: Context): Argument[] {
  const result = nodes(list, 'argument').map((argument): Argument => {
    const { start, end } = placeOfNode(argument);
    const name = maybeToken(argument, 'Name');
    return {
      ...(name ? { name: identifier(name, context) } : {}),
      value: buildExpression(node(argument, 'expression'), context),
      span: context.source.span(start, end),
    };
  });
  const named = result.findIndex((argument) => argument.name);
  const late = named < 0 ? -1 : result.findIndex((argument, index) => index > named && !argument.name);
  const misplaced = nodes(list, 'argument')[late];
  if (misplaced) {
    context.problems.push({
      code: 'E0111',
      ...placeOfNode(misplaced),
      message: 'positional arguments come before named ones',
      help: 'move it to the front, or give its name',
    });
  }
  return result;
}

export function buildRanges(ranges: CstNode, context: Context): Range[] {
  return nodes(ranges, 'range').map((range) => buildRange(range, context));
}

function buildRange(range: CstNode, context: Context): Range {
  const { start, end } = placeOfNode(range);
  const span = context.source.span(start, end);
  const first = maybeNode(range, 'expression');
  const slice = maybeNode(range, 'slice');
  const from = first && buildExpression(first, context);
  if (!slice) return from ? { kind: 'at', index: from, span } : { kind: 'rest', span };
  const to = maybeNode(slice, 'to');
  const step = maybeNode(slice, 'step');
  return {
    kind: 'slice',
    ...(from ? { from } : {}),
    ...(to ? { to: buildExpression(to, context) } : {}),
    ...(step ? { step: buildExpression(step, context) } : {}),
    span,
  };
}
