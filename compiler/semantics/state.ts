/**
 * `state` and `update` statements. A state is a tensor of a layer that outlives the step and that no gradient
 * moves: running statistics, a counter. In: a declaration or an update, the place of the layer's body. Out: the
 * name bound to the newest value. Updates happen in training mode alone, in the order of the calls: what is
 * called later in the same step reads what the earlier call left. A loop carries them (`carried-states.ts`).
 */
import type { Span } from '../../runtime/plan-format.ts';
import { equalShapes } from '../graph/dimension.ts';
import type * as ast from '../syntax/ast.ts';
import { blame } from './arguments.ts';
import type { Context, NamedStatement, Place } from './context.ts';
import { asTensor } from './convert.ts';
import { claim } from './layers.ts';
import { didYouMean } from './nearest.ts';
import { asInitializer, weightAxis } from './param.ts';
import { originNotes } from './shape-errors.ts';
import { broadcastAxes, printAxes, sizes } from './tensors.ts';
import { newestState } from './carried-states.ts';
import { tensor, type Axis, type InitializerTemplate } from './values.ts';
import { withFans } from './weights.ts';

export function declareState(context: Context, entry: ast.WeightDeclaration, place: Place): void {
  const { tensor: declared } = entry;
  const { name } = declared;
  if (!name) return context.fail('E0102', declared.span, 'a state needs a name');
  if (declared.dtype && declared.dtype.text !== 'f32') {
    context.fail('E0209', declared.dtype.span, `states are f32, not ${declared.dtype.text}`);
  }
  const axes = declared.dims.map((dim) => {
    if (dim.kind === 'rest') context.fail('E0213', dim.span, 'the shape of a state is written out');
    return weightAxis(context, dim.value, place, 'a state');
  });
  const path = place.naming.below(name.text);
  if (path === null || !place.states) {
    context.fail('E0222', declared.span, 'states live in a model: this layer is used outside of one', {
      help: 'a `fn` and a step have no state; make the layer in a `layer` or `model`',
    });
  }
  claim(context, place.naming, name.text, name.span);
  const id = stateNode(context, path, axes, initializerOf(context, entry, place), declared.span);
  place.states.set(name.text, path);
  place.scope.bind(name.text, tensor(id), name.span);
}

/** As a weight starts: with a number, or at random by the run's seed. */
function initializerOf(context: Context, entry: ast.WeightDeclaration, place: Place): InitializerTemplate {
  const { value } = entry;
  if (!value) {
    return context.fail('E0212', entry.tensor.span, 'a state needs a value to start with', {
      help: 'for example `= zeros()` or `= ones()`',
    });
  }
  const span = blame(context, value, place);
  return asInitializer(context, context.evaluate(value, place), span, place);
}

/** The newest value of the state in this graph; its leaf at the first use. */
function stateNode(
  context: Context,
  name: string,
  axes: readonly Axis[],
  template: InitializerTemplate,
  span: Span,
): number {
  const graph = context.graph(span);
  const shape = axes.map((axis) => axis.size as number);
  const known = context.session.states.get(name);
  if (known && !equalShapes(known.shape, shape)) {
    const differs = known.axes.findIndex((axis, i) => axis.size !== shape[i]);
    context.fail(
      'E0207',
      span,
      `the state \`${name}\` is ${printAxes(known.axes)}, this call needs ${printAxes(axes)}`,
      { related: originNotes([known.axes[differs], axes[differs]]) },
    );
  }
  if (!known) {
    const initializer = withFans(template, shape);
    context.session.states.set(name, { name, axes, shape, initializer, span: context.source()[0] ?? span });
  }
  context.current = span;
  if (!graph.states.has(name)) {
    const leaf = graph.tensors.state(name, axes);
    graph.states.set(name, { leaf, newest: leaf });
  }
  return newestState(context, name, span) as number;
}

/** `update mean = …`: nothing in evaluation mode, where states stay as they are. */
export function updateState(context: Context, statement: NamedStatement, place: Place): void {
  const { name, value: expression } = statement;
  const path = place.states?.get(name.text);
  if (path === undefined) {
    const names = [...(place.states?.keys() ?? [])];
    const known = place.scope.local(name.text);
    context.fail(known ? 'E0213' : 'E0201', name.span, `\`${name.text}\` is no state of this layer`, {
      help:
        didYouMean(name.text, names) ??
        (names.length > 0
          ? `its states are ${names.map((each) => `\`${each}\``).join(', ')}`
          : 'declare it: `state name[…] = zeros()`'),
    });
  }
  // In a loop the state is a carry, in evaluation too: there it keeps its value.
  newestState(context, path, name.span);
  if (!context.training || context.frozen) return;
  const { tensors, states } = context.graph(name.span);
  const state = states.get(path);
  if (!state) throw new Error(`internal: no node of the state ${path}`);
  const span = blame(context, expression, place);
  const given = asTensor(context, context.evaluate(expression, place), span);
  const [from, due] = [tensors.axes(given), tensors.axes(state.leaf)];
  if (tensors.dtype(given) !== 'f32') {
    context.fail('E0209', span, `a state is f32, this is ${tensors.dtype(given)}`, {
      help: 'cast it: `f32(…)`',
    });
  }
  const together = broadcastAxes(from, due);
  if (!together || !equalShapes(sizes(together), sizes(due))) {
    const notes = originNotes([...from, ...due]);
    context.fail(
      'E0204',
      span,
      `the state \`${name.text}\` is ${printAxes(due)}, this is ${printAxes(from)}`,
      {
        related: notes,
      },
    );
  }
  context.current = span;
  // A later call of the step reads the new value; no gradient flows back through the calls before it.
  state.newest = tensors.unary('detach', tensors.broadcast(given, due));
  place.scope.bind(name.text, tensor(state.newest), name.span);
}

/** Outputs of a training graph: the states it leaves changed, each written over what it was. */
export function outputStates(context: Context, span: Span): void {
  const { states, tensors } = context.graph(span);
  for (const [name, { leaf, newest }] of states) {
    if (newest !== leaf) tensors.builder.output(name, newest, 'state');
  }
}
