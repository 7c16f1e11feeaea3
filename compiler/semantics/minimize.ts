/**
 * What a `minimize` moves. In: a recorded `minimize` and the graph it stands in. Out: names of weights, the
 * transforms and the optimizer with their patterns resolved to names.
 */
import type { Span } from '../../runtime/plan-format.ts';
import type { Context, GraphState } from './context.ts';
import type { GradientTransform, MinimizeProgram, Optimizer } from './program.ts';
import type { RecordedMinimize } from './step-recorder.ts';
import { describeValue, type OptimizerTemplate, type TransformTemplate, type Value } from './values.ts';
import { isBelow, matchesPattern } from './weights.ts';

/** Weights that a value depends on along paths a derivative can take, in the order of the graph. */
export function weightsBehind(state: GraphState, value: number): string[] {
  const seen = new Set<number>();
  const open = [value];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    const node = state.tensors.builder.node(id);
    if (node.op !== 'detach') open.push(...node.inputs);
  }
  return [...state.weights].filter(([, id]) => seen.has(id)).map(([name]) => name);
}

export function resolveMinimize(context: Context, recorded: RecordedMinimize): MinimizeProgram {
  const { span, lossSpan, over } = recorded;
  const state = context.graph(span);
  const behind = weightsBehind(state, recorded.loss);
  if (behind.length === 0) {
    context.fail(
      'E0301',
      lossSpan,
      'what is minimized does not depend on any weight: there is nothing to move',
      {
        help: 'is a model called to compute it, and not inside `detach` or `frozen`?',
      },
    );
  }
  const wanted = over.map(({ value, span: place }) => ({
    names: weightsOf(context, value, place),
    place,
    value,
  }));
  for (const { names, place, value } of wanted) {
    if (names.some((name) => behind.includes(name))) continue;
    context.fail('E0301', place, `what is minimized does not depend on ${describeValue(value)}`);
  }
  const chosen = new Set(wanted.flatMap(({ names }) => names));
  const parameters = behind.filter((name) => wanted.length === 0 || chosen.has(name));
  const { transforms, optimizer } = recorded.rule;
  if (!optimizer) throw new Error('internal: a rule without an optimizer');
  return {
    parameters,
    transforms: transforms.map((transform) => resolveTransform(context, transform, parameters)),
    optimizer: resolveOptimizer(context, optimizer, parameters),
    span,
  };
}

/** The weights of a model, of an instance, of a group below a path, or one weight. */
function weightsOf(context: Context, value: Value, span: Span): string[] {
  const state = context.graph(span);
  const path =
    value.kind === 'weights' ? value.path : value.kind === 'instance' ? value.instance.path : undefined;
  if (typeof path === 'string') return [...state.weights.keys()].filter((name) => isBelow(path, name));
  if (value.kind === 'tensor') {
    const one = [...state.weights].find(([, id]) => id === value.id);
    if (one) return [one[0]];
  }
  return context.fail('E0213', span, `\`over\` names a model or a part of one, not ${describeValue(value)}`);
}

/** Weights that match; a pattern that is written and matches nothing is a mistake. */
function matching(
  context: Context,
  pattern: string,
  names: readonly string[],
  written: Span | undefined,
): string[] {
  const found = names.filter((name) => matchesPattern(pattern, name));
  if (found.length === 0 && written) {
    context.fail('E0201', written, `no weight that moves here matches "${pattern}"`, {
      help: `they are ${names.slice(0, 6).join(', ')}${names.length > 6 ? ', …' : ''}`,
    });
  }
  return found;
}

function resolveTransform(
  context: Context,
  transform: TransformTemplate,
  names: readonly string[],
): GradientTransform {
  switch (transform.kind) {
    case 'clip_value':
    case 'clip_norm':
      return transform;
    case 'decay':
      return {
        kind: 'decay',
        rate: transform.rate,
        parameters: matching(context, transform.pattern, names, transform.span),
      };
    default:
      return transform satisfies never;
  }
}

function resolveOptimizer(
  context: Context,
  template: OptimizerTemplate,
  names: readonly string[],
): Optimizer {
  if (template.kind !== 'adamw') return template;
  const { pattern, patternSpan, ...rest } = template;
  return { ...rest, decayed: matching(context, pattern, names, patternSpan) };
}
