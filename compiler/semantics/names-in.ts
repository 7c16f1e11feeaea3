/** The names that expressions use, wherever they stand. */
import type * as ast from '../syntax/ast.ts';

export type UsedName = Extract<ast.Expression, { kind: 'name' }>;

/** Calls back for every name of an expression; `called` where it stands as a layer or function. */
export function visitNames(
  expression: ast.Expression,
  visit: (name: UsedName, called: boolean) => void,
  called = false,
): void {
  const inner = (each: ast.Expression | undefined): void => {
    if (each) visitNames(each, visit);
  };
  switch (expression.kind) {
    case 'number':
    case 'string':
      return;
    case 'name':
      return visit(expression, called);
    case 'tuple':
      return expression.items.forEach(inner);
    case 'binary':
      inner(expression.left);
      return inner(expression.right);
    case 'unary':
      return inner(expression.operand);
    case 'call':
      visitNames(expression.callee, visit, true);
      return expression.arguments.forEach(({ value }) => inner(value));
    case 'index':
      inner(expression.base);
      for (const range of expression.ranges) {
        if (range.kind === 'at') inner(range.index);
        if (range.kind === 'slice') [range.from, range.to, range.step].forEach(inner);
      }
      return;
    case 'member':
      return inner(expression.base);
    case 'pipe':
      inner(expression.left);
      return visitNames(expression.target, visit, expression.target.kind === 'name');
    default:
      expression satisfies never;
  }
}

export function namesIn(expression: ast.Expression): Set<string> {
  const names = new Set<string>();
  visitNames(expression, ({ name }) => names.add(name));
  return names;
}
