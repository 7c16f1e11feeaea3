/**
 * Binds the arguments of a call to parameters: positional ones in order, then named ones. Every mistake has
 * its code and stands at the argument: unknown name, too many, twice, missing.
 */
import type { Span } from '../diagnostics.ts';
import type * as ast from '../syntax/ast.ts';
import type { CallSite, Context, GivenArgument, Place } from './context.ts';
import { didYouMean } from './nearest.ts';

export interface ParameterShape {
  readonly name: string;
  readonly required: boolean;
  /** `positional` takes all positional arguments that are left; `named` all names that are left. */
  readonly rest?: 'positional' | 'named';
}

/** Arguments by parameter; a rest parameter has a list. */
export interface MatchedArguments {
  readonly single: ReadonlyMap<string, GivenArgument>;
  readonly rest: readonly GivenArgument[];
}

const list = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ');

function takes(callee: string, parameters: readonly ParameterShape[]): string {
  const names = parameters.map((parameter) => parameter.name);
  return names.length === 0 ? `\`${callee}\` takes no arguments` : `\`${callee}\` takes ${list(names)}`;
}

/** `callee` is the name in messages. */
export function matchArguments(
  context: Context,
  callee: string,
  parameters: readonly ParameterShape[],
  site: Pick<CallSite, 'given' | 'span'>,
): MatchedArguments {
  const single = new Map<string, GivenArgument>();
  const rest: GivenArgument[] = [];
  const ordinary = parameters.filter((parameter) => parameter.rest === undefined);
  const positionalRest = parameters.find((parameter) => parameter.rest === 'positional');
  const namedRest = parameters.find((parameter) => parameter.rest === 'named');
  // Parameters behind a positional rest are given by name only.
  const restAt = positionalRest ? parameters.indexOf(positionalRest) : parameters.length;
  const inOrder = parameters.slice(0, restAt).filter((parameter) => parameter.rest === undefined);
  let next = 0;
  for (const argument of site.given) {
    if (argument.name === undefined) {
      const parameter = inOrder[next];
      next += 1;
      if (parameter) single.set(parameter.name, argument);
      else if (positionalRest) rest.push(argument);
      else {
        context.fail('E0211', argument.span, `too many arguments: ${takes(callee, parameters)}`, {
          help: inOrder.length === 0 ? undefined : `it takes ${inOrder.length} at most`,
        });
      }
      continue;
    }
    const { text, span } = argument.name;
    if (ordinary.some((parameter) => parameter.name === text)) {
      if (single.has(text)) context.fail('E0218', span, `the argument \`${text}\` is given twice`);
      single.set(text, argument);
    } else if (namedRest) {
      if (rest.some((other) => other.name?.text === text)) {
        context.fail('E0218', span, `the argument \`${text}\` is given twice`);
      }
      rest.push(argument);
    } else {
      const names = ordinary.map((parameter) => parameter.name);
      context.fail('E0210', span, `\`${callee}\` has no argument \`${text}\``, {
        help: didYouMean(text, names) ?? takes(callee, ordinary),
      });
    }
  }
  for (const parameter of parameters) {
    const missing = parameter.rest ? rest.length === 0 : !single.has(parameter.name);
    if (parameter.required && missing) {
      context.fail('E0212', site.span, `\`${callee}\` needs the argument \`${parameter.name}\``, {
        help: takes(callee, parameters),
      });
    }
  }
  return { single, rest };
}

/** The arguments of a call as written. */
export function givenArguments(
  context: Context,
  args: readonly ast.Argument[],
  place: Place,
): GivenArgument[] {
  return args.map((argument) => ({
    ...(argument.name ? { name: argument.name } : {}),
    expression: argument.value,
    span: blame(context, argument.value, place),
  }));
}

/**
 * The place to blame for a value. In the standard library a parameter stands for the argument that the
 * user wrote.
 */
export function blame(context: Context, expression: ast.Expression, place: Place): Span {
  if (expression.kind !== 'name' || !context.isStandard(expression.span)) return expression.span;
  return place.scope.lookup(expression.name)?.argument ?? expression.span;
}
