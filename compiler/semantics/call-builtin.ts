/** Calls a row of the builtin table: matches the arguments, checks them by kind, runs the row. */
import type { Span } from '../../runtime/plan-format.ts';
import type * as ast from '../syntax/ast.ts';
import { matchArguments } from './arguments.ts';
import {
  BuiltinCall,
  type BuiltinParameter,
  type ParameterKind,
  type ReadArgument,
} from './builtins/spec.ts';
import { builtinShapes } from './builtins/shapes.ts';
import { builtinNamed } from './builtins/table.ts';
import type { CallSite, Context, GivenArgument } from './context.ts';
import { asAxis, asBoolean, asInteger, asNumber, asString } from './convert.ts';
import { evaluateGiven } from './functions.ts';
import { didYouMean } from './nearest.ts';
import { describeValue, text, type UpdateRuleValue, type Value, type Watch } from './values.ts';
import { wordHere } from './words-elsewhere.ts';

export function callBuiltin(context: Context, name: string, site: CallSite): Value {
  const builtin = builtinNamed(name);
  const [fed, ...given] = site.given;
  if (site.piped && fed && builtin.piped === 'result') {
    const target = callBuiltin(context, name, { ...site, given, piped: false, label: undefined });
    return context.session.machine.call(context, target, { ...site, given: [fed] });
  }
  if (site.piped && fed && builtin.piped === 'rule') {
    const next = callBuiltin(context, name, { ...site, given, piped: false });
    return joinRules(context, evaluateGiven(context, fed, site.place), next, fed.span, site.span);
  }
  const matched = matchArguments(context, builtin.shown ?? name, builtinShapes(name).shapes, site);
  const single = new Map<string, ReadArgument>();
  let rest: readonly ReadArgument[] = [];
  for (const parameter of builtin.parameters) {
    if (parameter.rest) {
      rest = matched.rest.map((argument) => read(context, name, parameter, argument, site));
      continue;
    }
    const argument = matched.single.get(parameter.name);
    if (argument) single.set(parameter.name, read(context, name, parameter, argument, site));
    else if (parameter.default) {
      single.set(parameter.name, { value: parameter.default, span: site.span, given: false });
    }
  }
  context.current = site.span;
  const result = builtin.run(new BuiltinCall(context, name, site, single, rest));
  if (result.kind === 'tensor') checkRank(context, result.id, site.span);
  return result;
}

const MOST_AXES = 8;

function checkRank(context: Context, id: number, span: Span): void {
  const rank = context.tensors(span).rank(id);
  if (rank <= MOST_AXES) return;
  context.fail('E0214', span, `a tensor has up to ${MOST_AXES} axes, this would have ${rank}`);
}

/** `clip_norm(1.0) -> adam(lr = 1e-3)` */
function joinRules(context: Context, left: Value, right: Value, leftSpan: Span, span: Span): UpdateRuleValue {
  if (left.kind !== 'update rule') {
    return context.fail('E0304', leftSpan, `${describeValue(left)} is no gradient transform`);
  }
  if (right.kind !== 'update rule') throw new Error('internal: a rule that is none');
  if (left.optimizer) {
    return context.fail('E0304', span, 'nothing may follow the optimizer');
  }
  return { ...right, transforms: [...left.transforms, ...right.transforms] };
}

function read(
  context: Context,
  called: string,
  parameter: BuiltinParameter,
  argument: GivenArgument,
  site: CallSite,
): ReadArgument {
  const { span } = argument;
  const name = argument.name?.text;
  const label = parameter.rest ? {} : { name: parameter.name };
  const common = { span, given: true, ...(name === undefined ? label : { name }) };
  const what = `\`${name ?? parameter.name}\``;
  if (typeof parameter.kind === 'object') {
    return { ...common, value: readWord(context, parameter.kind.words, argument, site, what) };
  }
  if (parameter.kind === 'watch') {
    const watch = readWatch(context, argument, what);
    return { ...common, value: text(watch.path.join('.')), watch };
  }
  const value = evaluateGiven(context, argument, site.place);
  const fed = site.piped && argument === site.given[0];
  if (fed && value.kind === 'tensor' && !TAKES_TENSORS.includes(parameter.kind)) {
    const shown = builtinNamed(called).shown ?? called;
    context.fail('E0213', span, `\`${shown}\` takes no tensor: it begins with ${what}`, {
      help: wordHere(called),
    });
  }
  return { ...common, value: checked(context, parameter.kind, value, span, what) };
}

const TAKES_TENSORS: readonly ParameterKind[] = ['value', 'tensor', 'operand'];

function readWord(
  context: Context,
  words: readonly string[],
  argument: GivenArgument,
  site: CallSite,
  what: string,
): Value {
  const { expression, span } = argument;
  const word = expression?.kind === 'name' ? expression.name : undefined;
  if (word !== undefined && words.includes(word)) return text(word);
  const value =
    word !== undefined && !site.place.scope.lookup(word)
      ? undefined
      : evaluateGiven(context, argument, site.place);
  if (value?.kind === 'string' && words.includes(value.value)) return value;
  const help =
    (word === undefined ? undefined : didYouMean(word, words)) ?? `it is one of ${words.join(', ')}`;
  return context.fail('E0213', span, `${what} is one of ${words.join(', ')}`, { help });
}

/** `valid.critic.loss` as a path. */
function readWatch(context: Context, argument: GivenArgument, what: string): Watch {
  const path = argument.expression ? dottedPath(argument.expression) : undefined;
  if (path) return { path, span: argument.span };
  return context.fail('E0213', argument.span, `${what} names a reported number, for example \`valid.loss\``);
}

function dottedPath(expression: ast.Expression): string[] | undefined {
  if (expression.kind === 'name') return [expression.name];
  if (expression.kind === 'string') return expression.value.split('.');
  if (expression.kind !== 'member') return undefined;
  const base = dottedPath(expression.base);
  return base ? [...base, expression.name.text] : undefined;
}

/** Checks a value against the kind of its parameter; `none` stands where it is the default's meaning. */
function checked(
  context: Context,
  kind: Exclude<ParameterKind, object | 'watch'>,
  value: Value,
  span: Span,
  what: string,
): Value {
  switch (kind) {
    case 'value':
    case 'axes':
    case 'axis':
    case 'tensor':
    case 'operand':
      return value;
    case 'size':
      asAxis(context, value, span);
      return value;
    case 'integer':
      asInteger(context, value, span, what);
      return value;
    case 'number':
      asNumber(context, value, span, what);
      return value;
    case 'boolean':
      return { kind: 'bool', value: asBoolean(context, value, span, what) };
    case 'string':
      asString(context, value, span, what);
      return value;
    case 'duration': {
      const count = value.kind === 'number' ? value.value : value.kind === 'amount' ? value.count : undefined;
      const unit = value.kind === 'amount' ? value.unit : 'step';
      if (count === undefined || (unit !== 'epoch' && unit !== 'step')) {
        return context.fail(
          'E0213',
          span,
          `${what} is a number of steps or epochs, not ${describeValue(value)}`,
          {
            help: 'for example `100`, `100 steps` or `1 epoch`',
          },
        );
      }
      if (!Number.isInteger(count) || count < 0) {
        return context.fail('E0220', span, `${what} counts whole steps or epochs, this is ${count}`);
      }
      return value;
    }
    case 'rate':
      if (value.kind === 'number' || value.kind === 'schedule') return value;
      return context.fail('E0213', span, `${what} is a number or a schedule, not ${describeValue(value)}`, {
        help: 'for example `1e-3` or `cosine(1e-3)`',
      });
    default:
      return kind satisfies never;
  }
}
