/** `param` statements: declare a weight at its first run, find it again at every other one. */
import type { Span } from '../../runtime/plan-format.ts';
import { equalShapes } from '../graph/dimension.ts';
import type * as ast from '../syntax/ast.ts';
import { blame } from './arguments.ts';
import type { Context, Place } from './context.ts';
import { asAxis } from './convert.ts';
import { claim } from './layers.ts';
import { originNotes } from './shape-errors.ts';
import { printAxes, sizes } from './tensors.ts';
import { describeValue, tensor, type Axis, type InitializerTemplate, type Value } from './values.ts';
import { withFans } from './weights.ts';

export function declareWeight(context: Context, entry: ast.WeightDeclaration, place: Place): void {
  const { tensor: declared } = entry;
  const { name } = declared;
  if (!name) return context.fail('E0102', declared.span, 'a weight needs a name');
  if (declared.dtype && declared.dtype.text !== 'f32') {
    context.fail('E0209', declared.dtype.span, `weights are f32, not ${declared.dtype.text}`);
  }
  const axes = declared.dims.map((dim) => {
    if (dim.kind === 'rest') context.fail('E0213', dim.span, 'the shape of a weight is written out');
    return weightAxis(context, dim.value, place);
  });
  const path = place.naming.below(name.text);
  if (path === null) {
    context.fail('E0222', declared.span, 'weights live in a model: this layer is used outside of one', {
      help: 'a `fn` and a step have no weights; make the layer in a `layer` or `model`',
    });
  }
  claim(context, place.naming, name.text, name.span);
  const template = entry.value
    ? asInitializer(context, context.evaluate(entry.value, place), blame(context, entry.value, place), place)
    : undefined;
  if (!template) {
    return context.fail('E0212', declared.span, `the weight \`${name.text}\` needs an initializer`, {
      help: `for example \`= zeros()\` or \`= glorot()\``,
    });
  }
  const id = weightNode(context, path, axes, template, declared.span);
  context.current = declared.span;
  const value = context.frozen ? context.tensors(declared.span).unary('detach', id) : id;
  place.scope.bind(name.text, tensor(value), name.span);
}

export function weightAxis(
  context: Context,
  expression: ast.Expression,
  place: Place,
  what = 'a weight',
): Axis {
  const span = blame(context, expression, place);
  const axis = asAxis(context, context.evaluate(expression, place), span);
  if (typeof axis.size !== 'number' || axis.origin?.symbol === 'B') {
    context.fail('E0217', span, `the shape of ${what} cannot depend on the batch`, {
      related: originNotes([axis]),
    });
  }
  return axis;
}

/** An initializer, or a function that gives one without arguments (`init = glorot`). */
export function asInitializer(context: Context, value: Value, span: Span, place: Place): InitializerTemplate {
  if (value.kind === 'initializer') return value.initializer;
  if (value.kind === 'number') return { kind: 'constant', value: value.value };
  if (value.kind === 'builtin') {
    const made = context.session.machine.call(context, value, { span, given: [], piped: false, place });
    if (made.kind === 'initializer') return made.initializer;
  }
  return context.fail('E0213', span, `${describeValue(value)} where an initializer is due`, {
    help: 'for example `zeros()`, `normal(0.02)` or `glorot()`',
  });
}

function weightNode(
  context: Context,
  name: string,
  axes: readonly Axis[],
  template: InitializerTemplate,
  span: Span,
): number {
  const state = context.graph(span);
  const shape = axes.map((axis) => axis.size as number);
  const known = context.session.weights.get(name);
  if (known && !equalShapes(known.shape, shape)) {
    const differs = known.axes.findIndex((axis, i) => axis.size !== shape[i]);
    context.fail(
      'E0207',
      span,
      `the weight \`${name}\` is ${printAxes(known.axes)}, this call needs ${printAxes(axes)}`,
      { related: originNotes([known.axes[differs], axes[differs]]) },
    );
  }
  if (!known) {
    const source = context.source()[0] ?? span;
    // The size is known by the weight from here on; where it came from stays in the note.
    context.session.weights.add({ name, axes, shape, initializer: withFans(template, shape), span: source });
  }
  const before = state.weights.get(name);
  if (before !== undefined) return before;
  const id = state.tensors.parameter(name, weightAxes(context, name, axes));
  if (!equalShapes(sizes(axes), shape)) throw new Error('internal: a weight of another shape');
  state.weights.set(name, id);
  return id;
}

/** Axes of a weight keep the origin of their sizes; one without names the weight itself. */
function weightAxes(context: Context, name: string, axes: readonly Axis[]): Axis[] {
  const user = context.source()[0];
  return axes.map((axis, i) => ({
    size: axis.size,
    origin: axis.origin ?? (user ? { text: `axis ${i} of the weight \`${name}\``, span: user } : undefined),
  }));
}
