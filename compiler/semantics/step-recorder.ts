/**
 * What one run of a step's body leaves behind: its metrics, what it minimizes, its loss. In: the statements as
 * they are met. Out: checked scalars. Gradients are added when the body is through, so that all are taken at
 * the same point.
 */
import type { Span } from '../../runtime/plan-format.ts';
import type * as ast from '../syntax/ast.ts';
import { blame } from './arguments.ts';
import type { Context, NamedStatement, Place, StepRecorder } from './context.ts';
import { asTensor } from './convert.ts';
import { Poisoned, Scope } from './scope.ts';
import { printAxes } from './tensors.ts';
import { describeValue, type UpdateRuleValue, type Value } from './values.ts';

export interface RecordedMetric {
  readonly name: ast.Identifier;
  readonly id: number;
  readonly after: 'identity' | 'exp';
}

export interface RecordedMinimize {
  readonly loss: number;
  readonly lossSpan: Span;
  readonly over: readonly { value: Value; span: Span }[];
  readonly rule: UpdateRuleValue;
  readonly span: Span;
  readonly ruleSpan: Span;
}

export class Recorder implements StepRecorder {
  readonly metrics: RecordedMetric[] = [];
  readonly minimizes: RecordedMinimize[] = [];
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  metric(statement: NamedStatement, place: Place): void {
    const context = this.#context;
    const { name } = statement;
    const same = this.metrics.find((metric) => metric.name.text === name.text);
    if (same || name.text === 'loss') {
      context.fail(
        'E0202',
        name.span,
        same ? `the metric \`${name.text}\` is declared twice` : '`loss` is reported by itself',
        {
          related: same ? [{ message: 'first declared here', span: same.name.span }] : undefined,
          help: same ? undefined : 'bind it: `loss = …`',
        },
      );
    }
    if (RESERVED.has(name.text)) {
      context.fail('E0202', name.span, `\`${name.text}\` stands beside the metrics in every report already`, {
        help: 'choose another name',
      });
    }
    const value = metricValue(context, statement.value, place);
    const span = blame(context, statement.value, place);
    context.current = span;
    const after = value.kind === 'summary' ? value.after : 'identity';
    const tensor = value.kind === 'summary' ? value.of : value;
    const id = this.#scalar(asTensor(context, tensor, span), span, `the metric \`${name.text}\``, true);
    this.metrics.push({ name, id, after });
  }

  minimize(statement: Extract<ast.Statement, { kind: 'minimize' }>, place: Place): void {
    const context = this.#context;
    const list = context.session.diagnostics;
    const lossSpan = blame(context, statement.loss, place);
    // Each part reports its own mistakes.
    const loss = list.guard(() => {
      const id = asTensor(context, context.evaluate(statement.loss, place), lossSpan);
      return this.#scalar(id, lossSpan, 'what is minimized', false);
    });
    const over = statement.over.flatMap(
      (expression) =>
        list.guard(() => ({ value: context.evaluate(expression, place), span: expression.span })) ?? [],
    );
    const ruleSpan = statement.with.span;
    const rule = list.guard(() =>
      ruleOf(context, context.evaluate(statement.with, place), statement.with, place),
    );
    if (loss === undefined || rule === undefined || over.length < statement.over.length) throw new Poisoned();
    this.minimizes.push({ loss, lossSpan, over, rule, span: statement.span, ruleSpan });
  }

  /** The binding `loss` of the body, else the sum of what is minimized, each value once (weights by group). */
  loss(scope: Scope): number | undefined {
    const context = this.#context;
    const bound = scope.local('loss');
    if (bound) {
      const value = bound.get();
      const span = bound.span ?? this.minimizes[0]?.lossSpan;
      if (!span) throw new Error('internal: a loss without a place');
      if (value.kind === 'tensor' || value.kind === 'number') {
        return this.#scalar(asTensor(context, value, span), span, 'the loss', true);
      }
    }
    const parts = [...new Set(this.minimizes.map((minimize) => minimize.loss))];
    const [first, ...rest] = parts;
    if (first === undefined) return undefined;
    const { tensors } = context.graph(this.minimizes[0]!.lossSpan);
    context.current = this.minimizes[0]!.lossSpan;
    return rest.reduce((sum, part) => tensors.binary('add', sum, part), first);
  }

  /** A tensor of shape [] and f32; metrics of other dtypes are counted as numbers. */
  #scalar(id: number, span: Span, what: string, cast: boolean): number {
    const context = this.#context;
    const { tensors } = context.graph(span);
    if (tensors.rank(id) !== 0) {
      context.fail('E0303', span, `${what} must be a scalar, this is ${printAxes(tensors.axes(id))}`, {
        help: 'take its mean: `mean(…)`',
      });
    }
    const dtype = tensors.dtype(id);
    if (dtype === 'f32') return id;
    if (cast) return tensors.cast(id, 'f32');
    return context.fail('E0209', span, `${what} must be f32, this is ${dtype}`, {
      help: 'cast it: `f32(…)`',
    });
  }
}

/**
 * What a metric says. Where the whole of it is a call of `top_k`, that is the metric of this name, unless the
 * program has a `top_k` of its own; inside an expression it is the function.
 */
function metricValue(context: Context, expression: ast.Expression, place: Place): Value {
  const call = expression.kind === 'pipe' ? expression.target : expression;
  if (call.kind !== 'call' || call.callee.kind !== 'name' || !METRICS.has(call.callee.name)) {
    return context.evaluate(expression, place);
  }
  const { name } = call.callee;
  if (place.scope.lookup(name)?.get().kind !== 'builtin') return context.evaluate(expression, place);
  const scope = new Scope(place.scope);
  scope.bind(`metric.${name}`, { kind: 'builtin', name: `metric.${name}` });
  const renamed = { ...call, callee: { ...call.callee, name: `metric.${name}` } };
  const whole = expression.kind === 'pipe' ? { ...expression, target: renamed } : renamed;
  return context.evaluate(whole, { ...place, scope });
}

/** Metrics that share their name with a function. */
const METRICS = new Set(['top_k']);

/** Keys of the events that metrics would hide. */
const RESERVED = new Set(['event', 'step', 'epoch', 'name', 'split']);

/** `with adam` is `with adam()`: an optimizer whose arguments all have defaults. */
function ruleOf(context: Context, value: Value, expression: ast.Expression, place: Place): UpdateRuleValue {
  const { span } = expression;
  const called =
    value.kind === 'builtin'
      ? context.session.machine.call(context, value, { span, given: [], piped: false, place })
      : value;
  if (called.kind !== 'update rule') {
    return context.fail('E0304', span, `${describeValue(value)} is not an optimizer`, {
      help: 'for example `minimize loss with adam(lr = 1e-3)`',
    });
  }
  if (!called.optimizer) {
    context.fail('E0304', span, 'the gradient is transformed, but nothing moves the weights', {
      help: 'end the pipe with an optimizer: `… -> adam(lr = 1e-3)`',
    });
  }
  return called;
}
