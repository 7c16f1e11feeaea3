/** The names that expressions use, wherever they stand. */
import type * as ast from '../syntax/ast.ts';
import type { WrittenCall } from './call-shapes.ts';

export type UsedName = Extract<ast.Expression, { kind: 'name' }>;

/** Calls back for every name of an expression; `called` where it stands as a layer or function. */
export function visitNames(
  expression: ast.Expression,
  visit: (name: UsedName, called: boolean) => void,
  called = false,
): void {
  if (expression.kind === 'name') return visit(expression, called);
  if (expression.kind === 'pipe') {
    visitNames(expression.left, visit);
    return visitNames(expression.target, visit, true);
  }
  if (expression.kind === 'call') {
    visitNames(expression.callee, visit, true);
    return expression.arguments.forEach(({ value }) => visitNames(value, visit));
  }
  for (const part of partsOf(expression)) visitNames(part, visit);
}

/** Calls back for every call and every stage of a pipe, outermost last. */
export function visitCalls(expression: ast.Expression, visit: (call: WrittenCall) => void): void {
  for (const part of partsOf(expression)) visitCalls(part, visit);
  if (expression.kind === 'call') {
    visit({ callee: expression.callee, given: expression.arguments, fed: undefined, span: expression.span });
  }
  if (expression.kind === 'pipe' && expression.target.kind !== 'call') {
    visit({ callee: expression.target, given: [], fed: expression.left, span: expression.target.span });
  }
  if (expression.kind === 'pipe' && expression.target.kind === 'call') {
    const { callee, arguments: given, span } = expression.target;
    visit({ callee, given, fed: expression.left, span });
  }
}

/** Calls back for every label of a pipe. */
export function visitLabels(expression: ast.Expression, visit: (label: ast.Identifier) => void): void {
  for (const part of partsOf(expression)) visitLabels(part, visit);
  if (expression.kind === 'pipe' && expression.label) visit(expression.label);
}

/** Calls back for every name behind a dot. */
export function visitMembers(expression: ast.Expression, visit: (member: ast.Identifier) => void): void {
  const whole = expression.kind === 'pipe' ? [expression.left, expression.target] : partsOf(expression);
  for (const part of whole) visitMembers(part, visit);
  if (expression.kind === 'member') visit(expression.name);
}

/** The expressions directly inside one; a pipe's target counts by its own parts. */
function partsOf(expression: ast.Expression): ast.Expression[] {
  switch (expression.kind) {
    case 'number':
    case 'string':
    case 'name':
      return [];
    case 'tuple':
      return expression.items;
    case 'binary':
      return [expression.left, expression.right];
    case 'unary':
      return [expression.operand];
    case 'call':
      return [expression.callee, ...expression.arguments.map(({ value }) => value)];
    case 'index':
      return [
        expression.base,
        ...expression.ranges.flatMap((range) =>
          range.kind === 'at'
            ? [range.index]
            : range.kind === 'slice'
              ? [range.from, range.to, range.step].filter((each) => each !== undefined)
              : [],
        ),
      ];
    case 'member':
      return [expression.base];
    case 'pipe':
      return [expression.left, ...partsOf(expression.target)];
    default:
      return expression satisfies never;
  }
}

export function namesIn(expression: ast.Expression): Set<string> {
  const names = new Set<string>();
  visitNames(expression, ({ name }) => names.add(name));
  return names;
}
