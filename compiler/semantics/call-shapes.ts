/**
 * Whether a call fits what it calls, by names and number of arguments alone. In: a callee and the call as
 * written. Out: an error where an argument is unknown, too many or missing. Nothing is evaluated.
 */
import type { Span } from '../../runtime/plan-format.ts';
import type * as ast from '../syntax/ast.ts';
import { matchArguments, type ParameterShape } from './arguments.ts';
import { builtinShapes } from './builtins/shapes.ts';
import type { Context } from './context.ts';
import type { Value } from './values.ts';

/** A call as written; `fed` is what a pipe brings. */
export interface WrittenCall {
  readonly callee: ast.Expression;
  readonly given: readonly ast.Argument[];
  readonly fed: ast.Expression | undefined;
  readonly span: Span;
}

const parameterShapes = (parameters: readonly ast.Parameter[]): ParameterShape[] =>
  parameters.map(({ name, default: value }) => ({ name: name.text, required: value === undefined }));

export function checkCall(context: Context, callee: Value, call: WrittenCall): void {
  const written = call.given.map(({ name, span }) => ({ ...(name ? { name } : {}), span }));
  const withFed = call.fed ? [{ span: call.fed.span }, ...written] : written;
  const match = (name: string, shapes: readonly ParameterShape[], given: typeof written): void => {
    matchArguments(context, name, shapes, { given, span: call.span });
  };
  switch (callee.kind) {
    case 'layer': {
      const { name, parameters } = callee.declaration;
      return match(name.text, parameterShapes(parameters), written);
    }
    case 'function': {
      const { name, parameters } = callee.declaration;
      return match(name.text, parameterShapes(parameters), withFed);
    }
    case 'builtin': {
      const { shapes, fedApart } = builtinShapes(callee.name);
      return match(callee.name, shapes, fedApart ? written : withFed);
    }
    default:
  }
}
