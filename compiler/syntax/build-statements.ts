/**
 * Statements: concrete to abstract syntax. In: nodes of the grammar's `block` and `statement`. Out: the types of
 * ast.ts. Holds: a statement in which parsing failed yields nothing (its error is reported elsewhere), but what
 * its block holds is still looked at.
 */
import type { CstNode } from 'chevrotain';
import type { Span } from '../diagnostics.ts';
import type { Binding, Block, IfStatement, ScanStatement, Statement, Target } from './ast.ts';
import { buildArguments, buildExpression, identifier } from './build-expressions.ts';
import { buildColumnTensor, buildWeight } from './build-tensors.ts';
import { maybeNode, maybeToken, node, nodes, placeOfNode, token, tokens } from './cst.ts';
import type { Context } from './operators.ts';

/** The alternatives of the grammar's `statement` that are no declarations. */
type StatementRule =
  | 'bindingStatement' | 'columnStatement' | 'weightStatement' | 'valueStatement' | 'repeatStatement'
  | 'scanStatement' | 'ifStatement' | 'namedStatement' | 'splitStatement' | 'stepStatement' | 'minimizeStatement'
  | 'brokenStatement'; // prettier-ignore

type Build = (node: CstNode, context: Context, span: Span) => Statement | undefined;

const BUILDERS: { readonly [R in StatementRule]: Build } = {
  bindingStatement: (statement, context, span) => ({
    kind: 'binding',
    entries: nodes(statement, 'binding').map((binding) => buildBinding(binding, context)),
    span,
  }),
  columnStatement: buildColumn,
  weightStatement: (statement, context, span) => ({
    kind: maybeToken(statement, 'Param') ? 'param' : 'state',
    entries: nodes(statement, 'weight').map((weight) => buildWeight(weight, context)),
    span,
  }),
  valueStatement: (statement, context, span) => ({
    kind: maybeToken(statement, 'Return') ? 'return' : 'emit',
    value: buildExpression(node(statement, 'expression'), context),
    span,
  }),
  repeatStatement: buildRepeat,
  scanStatement: buildScan,
  ifStatement: buildIf,
  namedStatement: (statement, context, span) => ({
    kind: namedKind(statement),
    name: identifier(token(statement, 'Name'), context),
    value: buildExpression(node(statement, 'expression'), context),
    span,
  }),
  splitStatement: (statement, context, span) => ({
    kind: 'split',
    entries: nodes(statement, 'share').map((share) => ({
      name: identifier(token(share, 'Name'), context),
      share: buildExpression(node(share, 'expression'), context),
      span: spanOf(share, context),
    })),
    span,
  }),
  stepStatement: buildStep,
  minimizeStatement: (statement, context, span) => ({
    kind: 'minimize',
    loss: buildExpression(node(statement, 'loss'), context),
    over: nodes(statement, 'over').map((weights) => buildExpression(weights, context)),
    with: buildExpression(node(statement, 'with'), context),
    span,
  }),
  brokenStatement: (statement, context) => {
    const block = maybeNode(statement, 'block');
    if (block) buildBlock(block, context);
    return undefined;
  },
};

export function spanOf(cst: CstNode, { source }: Context): Span {
  const { start, end } = placeOfNode(cst);
  return source.span(start, end);
}

/** Whether parsing failed in a `statement` node, or in the head of the one it holds. */
export function failed(statement: CstNode, child: CstNode, context: Context): boolean {
  if (statement.recoveredNode || context.failed.has(statement.location?.startOffset ?? -1)) return true;
  const head = Object.keys(child.children).find((name) => name.endsWith('Head'));
  return head !== undefined && maybeNode(child, head)?.recoveredNode === true;
}

/** The statement of a `statement` node; undefined where parsing it failed or a declaration stands. */
export function buildStatement(statement: CstNode, context: Context): Statement | undefined {
  const rule = Object.keys(statement.children)[0];
  const child = rule === undefined ? undefined : maybeNode(statement, rule);
  if (rule === undefined || !child) return undefined;
  if (failed(statement, child, context)) {
    for (const block of [...nodes(child, 'block'), ...nodes(child, 'else')]) buildBlock(block, context);
    return undefined;
  }
  if (rule in BUILDERS) return BUILDERS[rule as StatementRule](child, context, spanOf(child, context));
  misplaced(statement, context);
  return undefined;
}

export function buildBlock(block: CstNode, context: Context): Block {
  const built = nodes(block, 'statement').map((statement) => buildStatement(statement, context));
  return { statements: built.filter((statement) => statement !== undefined), span: spanOf(block, context) };
}

function misplaced(declaration: CstNode, { problems, source }: Context): void {
  const { start } = placeOfNode(declaration);
  const word = /^\w+/.exec(source.text.slice(start))?.[0] ?? '';
  problems.push({
    code: 'E0108',
    start,
    end: start + word.length,
    message: `\`${word}\` belongs at the top level of a file`,
    help: word === 'let' ? 'inside a block write `name = …`' : 'move it out of the block',
  });
}

function namedKind(statement: CstNode): 'from' | 'augment' | 'metric' | 'update' {
  if (maybeToken(statement, 'From')) return 'from';
  if (maybeToken(statement, 'Augment')) return 'augment';
  return maybeToken(statement, 'Metric') ? 'metric' : 'update';
}

function buildBinding(binding: CstNode, context: Context): Binding {
  return {
    target: buildTarget(node(binding, 'target'), context),
    value: buildExpression(node(binding, 'expression'), context),
    span: spanOf(binding, context),
  };
}

function buildTarget(target: CstNode, context: Context): Target {
  const span = spanOf(target, context);
  const names = tokens(target, 'Name').map((name) => identifier(name, context));
  const [name] = names;
  // A trailing comma makes no tuple, and `(a) = x` none either.
  return name && names.length === 1 ? { kind: 'name', name, span } : { kind: 'tuple', names, span };
}

function buildColumn(statement: CstNode, context: Context, span: Span): Statement | undefined {
  const tensor = buildColumnTensor(statement, context);
  const value = maybeNode(statement, 'expression');
  const built = value && buildExpression(value, context);
  return tensor && { kind: 'column', tensor, ...(built ? { value: built } : {}), span };
}

function buildRepeat(statement: CstNode, context: Context, span: Span): Statement {
  const head = node(statement, 'repeatHead');
  const label = maybeToken(head, 'label');
  const variable = maybeToken(head, 'variable');
  return {
    kind: 'repeat',
    ...(label ? { label: identifier(label, context) } : {}),
    count: buildExpression(node(head, 'expression'), context),
    ...(variable ? { variable: identifier(variable, context) } : {}),
    body: buildBlock(node(statement, 'block'), context),
    span,
  };
}

function buildScan(statement: CstNode, context: Context, span: Span): ScanStatement {
  const head = node(statement, 'scanHead');
  const carries: ScanStatement['carries'] = [];
  for (const cst of nodes(head, 'carry')) {
    const { tensor, value, span: place } = buildWeight(cst, context);
    if (value) carries.push({ tensor, value, span: place });
    else noStart(cst, context);
  }
  return {
    kind: 'scan',
    sequences: nodes(head, 'sequence').map((sequence) => ({
      name: identifier(token(sequence, 'Name'), context),
      value: buildExpression(node(sequence, 'expression'), context),
      span: spanOf(sequence, context),
    })),
    along: identifier(token(head, 'along'), context),
    carries,
    body: buildBlock(node(statement, 'block'), context),
    span,
  };
}

function noStart(carry: CstNode, { problems }: Context): void {
  const help = 'write its value before the first turn: `h[B, U] = zeros()`';
  problems.push({ code: 'E0102', ...placeOfNode(carry), message: 'the carry has no start value', help });
}

function buildIf(statement: CstNode, context: Context, span: Span): IfStatement {
  const otherwise = maybeNode(statement, 'else');
  const nested = maybeNode(statement, 'ifStatement');
  const elseBlock = otherwise ? buildBlock(otherwise, context) : nested && elseIf(nested, context);
  return {
    kind: 'if',
    condition: buildExpression(node(node(statement, 'ifHead'), 'expression'), context),
    then: buildBlock(node(statement, 'block'), context),
    ...(elseBlock ? { else: elseBlock } : {}),
    span,
  };
}

function elseIf(nested: CstNode, context: Context): Block | undefined {
  const span = spanOf(nested, context);
  // A failed head has been reported; its block is still looked at.
  if (node(nested, 'ifHead').recoveredNode) {
    for (const block of nodes(nested, 'block')) buildBlock(block, context);
    return undefined;
  }
  return { statements: [buildIf(nested, context, span)], span };
}

function buildStep(statement: CstNode, context: Context, span: Span): Statement {
  const head = node(statement, 'stepHead');
  const name = maybeToken(head, 'Name');
  const list = maybeNode(head, 'arguments');
  return {
    kind: 'step',
    ...(name ? { name: identifier(name, context) } : {}),
    arguments: list ? buildArguments(list, context) : [],
    body: buildBlock(node(statement, 'block'), context),
    span,
  };
}
