/** Evaluates expressions: in go syntax and the names in view, out comes a value; tensors land in the graph. */
import type * as ast from '../syntax/ast.ts';
import { blame, givenArguments } from './arguments.ts';
import type { CallSite, Context, Place } from './context.ts';
import { indexValue } from './indexing.ts';
import { memberOf } from './members.ts';
import { resolveName } from './names.ts';
import { binaryOperation, unaryOperation } from './operators.ts';
import { float, integer, text, tuple, type Value } from './values.ts';

export function evaluate(context: Context, expression: ast.Expression, place: Place): Value {
  const operand = (inner: ast.Expression) => ({
    value: evaluate(context, inner, place),
    span: blame(context, inner, place),
  });
  switch (expression.kind) {
    case 'number': {
      const { value, unit, span } = expression;
      if (unit) return { kind: 'amount', count: value, unit };
      const origin = context.isStandard(span) ? undefined : { text: 'written here', span };
      return expression.integer ? integer(value, origin) : float(value, origin);
    }
    case 'string':
      return text(expression.value);
    case 'name':
      return resolveName(context, expression, place, false);
    case 'tuple':
      return tuple(expression.items.map((item) => evaluate(context, item, place)));
    case 'binary': {
      const left = operand(expression.left);
      const right = operand(expression.right);
      return binaryOperation(context, expression.operator, left, right, expression.span);
    }
    case 'unary':
      return unaryOperation(context, expression.operator, operand(expression.operand), expression.span);
    case 'call':
      return context.session.machine.call(context, callee(context, expression.callee, place), {
        span: expression.span,
        given: givenArguments(context, expression.arguments, place),
        piped: false,
        callee: blame(context, expression.callee, place),
        place,
      });
    case 'index':
      return indexValue(context, operand(expression.base), expression.ranges, expression.span, place);
    case 'member':
      return memberOf(context, operand(expression.base), expression.name, expression.span);
    case 'pipe':
      return evaluatePipe(context, expression, place);
    default:
      return expression satisfies never;
  }
}

/** A name that is called is looked up as a layer or function. */
function callee(context: Context, expression: ast.Expression, place: Place): Value {
  if (expression.kind === 'name') return resolveName(context, expression, place, true);
  return evaluate(context, expression, place);
}

/**
 * `left -> label: target(arguments)`. The left side is to blame for what it brings where it is a name or the
 * like; behind another pipe, the stage itself is.
 */
function evaluatePipe(
  context: Context,
  expression: Extract<ast.Expression, { kind: 'pipe' }>,
  place: Place,
): Value {
  const { left, target, label } = expression;
  const value = evaluate(context, left, place);
  const span = left.kind === 'pipe' ? target.span : blame(context, left, place);
  const called = target.kind === 'call';
  const written = called ? givenArguments(context, target.arguments, place) : [];
  const site: CallSite = {
    span: target.span,
    given: [{ value, span }, ...written],
    piped: true,
    callee: blame(context, called ? target.callee : target, place),
    label,
    place,
  };
  return context.session.machine.call(context, callee(context, called ? target.callee : target, place), site);
}
