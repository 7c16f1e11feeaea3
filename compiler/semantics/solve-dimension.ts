/**
 * Solves a declared dimension for the one name in it that nothing has bound yet: `x[B, 2 * N]` given 8 binds
 * N to 4. In: the expression and the size it must have. Out: the name with its size, or why there is none.
 */
import {
  addDimensions,
  divideDimensions,
  multiplyDimensions,
  subtractDimensions,
  type Dimension,
} from '../graph/dimension.ts';
import type * as ast from '../syntax/ast.ts';

export type Solution =
  | {
      readonly kind: 'solved';
      readonly name: Extract<ast.Expression, { kind: 'name' }>;
      readonly size: Dimension;
    }
  /** The size that is given cannot come out of the expression. */
  | { readonly kind: 'impossible' }
  /** No unknown name, several, or one inside a call. */
  | { readonly kind: 'not solvable' };

/** `known` gives the size of a part without unknown names, else undefined. */
export function solveDimension(
  expression: ast.Expression,
  target: Dimension,
  known: (part: ast.Expression) => Dimension | undefined,
): Solution {
  if (expression.kind === 'name') return { kind: 'solved', name: expression, size: target };
  if (expression.kind !== 'binary') return { kind: 'not solvable' };
  const { operator, left, right } = expression;
  const [a, b] = [known(left), known(right)];
  if ((a === undefined) === (b === undefined)) return { kind: 'not solvable' };
  const rest = a === undefined ? undoRight(operator, target, b ?? 0) : undoLeft(operator, a, target);
  if (rest === 'not solvable') return { kind: rest };
  if (rest === undefined) return { kind: 'impossible' };
  return solveDimension(a === undefined ? left : right, rest, known);
}

type Undone = Dimension | undefined | 'not solvable';

/** x of `x op b = target`. */
function undoRight(operator: ast.BinaryOperator, target: Dimension, b: Dimension): Undone {
  switch (operator) {
    case '+':
      return subtractDimensions(target, b);
    case '-':
      return addDimensions(target, b);
    case '*':
      return divideDimensions(target, b);
    case '/':
      return multiplyDimensions(target, b);
    default:
      return 'not solvable';
  }
}

/** x of `a op x = target`. */
function undoLeft(operator: ast.BinaryOperator, a: Dimension, target: Dimension): Undone {
  switch (operator) {
    case '+':
      return subtractDimensions(target, a);
    case '-':
      return subtractDimensions(a, target);
    case '*':
      return divideDimensions(target, a);
    case '/':
      return divideDimensions(a, target);
    default:
      return 'not solvable';
  }
}
