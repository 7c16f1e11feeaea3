/** Calls of a `fn`: its body is elaborated in a scope of its own, at every call anew. It owns no weights. */
import type { Span } from '../../runtime/plan-format.ts';
import type * as ast from '../syntax/ast.ts';
import { matchArguments } from './arguments.ts';
import type { CallSite, Context, GivenArgument, Place } from './context.ts';
import { asBoolean, asInteger, asNumber } from './convert.ts';
import { NamingScope } from './naming-scope.ts';
import { announceNames } from './announce.ts';
import { Poisoned, Scope } from './scope.ts';
import type { BoundArgument, FunctionValue, Value } from './values.ts';

/** The value of an argument, evaluated where the call stands. */
export function evaluateGiven(context: Context, argument: GivenArgument, place: Place): Value {
  if (argument.value) return argument.value;
  if (argument.expression) return context.evaluate(argument.expression, place);
  throw new Error('internal: an argument without a value');
}

/** `int`, `float` and `bool` parameters take compile-time values of that kind. */
export function checkParameterType(
  context: Context,
  parameter: ast.Parameter,
  value: Value,
  span: Span,
): Value {
  const what = `\`${parameter.name.text}\``;
  switch (parameter.type?.text) {
    case undefined:
      return value;
    case 'int':
      if (value.kind !== 'dimension') asInteger(context, value, span, what);
      return value;
    case 'float':
      return { kind: 'number', value: asNumber(context, value, span, what), integer: false };
    case 'bool':
      return { kind: 'bool', value: asBoolean(context, value, span, what) };
    default:
      return context.fail(
        'E0201',
        parameter.type?.span ?? parameter.span,
        `unknown type \`${parameter.type?.text}\` of a parameter`,
        { help: 'the types of parameters are int, float and bool' },
      );
  }
}

/**
 * Evaluates arguments and binds them in `body`, defaults in the order of the parameters, where earlier
 * parameters are in view.
 */
export function bindParameters(
  context: Context,
  callee: string,
  parameters: readonly ast.Parameter[],
  site: CallSite,
  body: Scope,
): Map<string, BoundArgument> {
  const shapes = parameters.map((parameter) => ({
    name: parameter.name.text,
    required: parameter.default === undefined,
  }));
  const { single } = matchArguments(context, callee, shapes, site);
  // All arguments are evaluated where the call stands, before any name of the body is in view.
  const values = new Map(
    [...single].map(([name, argument]) => [name, evaluateGiven(context, argument, site.place)]),
  );
  const bound = new Map<string, BoundArgument>();
  for (const parameter of parameters) {
    const name = parameter.name.text;
    const argument = single.get(name);
    const given = values.get(name);
    const place: Place = { scope: body, naming: new NamingScope(null) };
    const raw = given ?? (parameter.default ? context.evaluate(parameter.default, place) : undefined);
    if (raw === undefined) throw new Error('internal: a required argument was not matched');
    const span = argument?.span ?? site.span;
    const value = checkParameterType(context, parameter, raw, span);
    bound.set(name, { value, span, given: argument !== undefined });
    body.bind(name, value, parameter.name.span, span);
  }
  return bound;
}

/** Stops where a body calls itself: everything is unrolled at compile time. */
export function refuseRecursion(context: Context, declaration: object, name: string, span: Span): void {
  if (!context.frames.some((frame) => frame.declaration === declaration)) return;
  context.fail('E0224', span, `\`${name}\` calls itself`, {
    help: 'use `repeat` for a known number of turns',
  });
}

export function callFunction(context: Context, callee: FunctionValue, site: CallSite): Value {
  const { declaration } = callee;
  const name = declaration.name.text;
  const scope = new Scope(callee.scope);
  refuseRecursion(context, declaration, name, site.span);
  bindParameters(context, name, declaration.parameters, site, scope);
  context.session.reached.add(declaration);
  const standard = context.isStandard(declaration.span);
  const frame = { name, span: site.span, declaration, standard };
  const place: Place = { scope, naming: new NamingScope(null), tail: true };
  const { body } = declaration;
  return context.within(frame, () => {
    if (!('statements' in body)) return context.evaluate(body, place);
    announceNames(body, scope);
    const errors = context.session.diagnostics.size;
    const returned = context.session.machine.run(context, body, place);
    if (returned) return returned.value;
    if (context.session.diagnostics.size > errors) throw new Poisoned();
    return context.fail('E0227', declaration.name.span, `\`${name}\` returns nothing`, {
      help: 'end its block with `return …`',
    });
  });
}
