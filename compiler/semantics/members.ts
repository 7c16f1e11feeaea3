/** `x.T`, `x.shape`, parts of models (`ae.W`, `gpt.tok`), functions of a namespace (`random.normal`). */
import type { Span } from '../../runtime/plan-format.ts';
import type * as ast from '../syntax/ast.ts';
import type { Context } from './context.ts';
import { axisValue } from './convert.ts';
import { didYouMean } from './nearest.ts';
import { isBelow } from './weights.ts';
import { printAxes } from './tensors.ts';
import { describeValue, tensor, tuple, type InstanceValue, type Value } from './values.ts';

/** Functions reached by a member. */
export const NAMESPACES: Readonly<Record<string, readonly string[]>> = {
  random: ['normal', 'uniform', 'bernoulli'],
};

export function memberOf(
  context: Context,
  base: { readonly value: Value; readonly span: Span },
  name: ast.Identifier,
  span: Span,
): Value {
  const { value } = base;
  switch (value.kind) {
    case 'tensor':
      return tensorMember(context, value.id, name, span);
    case 'instance':
      return partOf(context, value, name, base.span);
    case 'weights':
      return belowPath(context, value.path, name, false) ?? unknownMember(context, value, name, []);
    case 'namespace': {
      const known = NAMESPACES[value.name] ?? [];
      if (known.includes(name.text)) return { kind: 'builtin', name: `${value.name}.${name.text}` };
      return unknownMember(context, value, name, known);
    }
    default:
      return unknownMember(context, value, name, []);
  }
}

function unknownMember(
  context: Context,
  value: Value,
  name: ast.Identifier,
  known: readonly string[],
): never {
  const all = known.map((each) => `\`${each}\``).join(', ');
  context.fail('E0226', name.span, `${describeValue(value)} has no member \`${name.text}\``, {
    help: didYouMean(name.text, known) ?? (all === '' ? undefined : `it has ${all}`),
  });
}

function tensorMember(context: Context, id: number, name: ast.Identifier, span: Span): Value {
  const tensors = context.tensors(span);
  const axes = tensors.axes(id);
  if (name.text === 'shape') return tuple(axes.map(axisValue));
  if (name.text !== 'T') return unknownMember(context, tensor(id), name, ['T', 'shape']);
  if (axes.length < 2) {
    context.fail('E0215', name.span, `\`.T\` swaps the last two axes, ${printAxes(axes)} has ${axes.length}`);
  }
  context.current = span;
  const order = axes.map((_, i) => i);
  const last = order.length - 1;
  return tensor(tensors.transpose(id, [...order.slice(0, -2), last, last - 1]));
}

/** A weight, an instance or a group of weights below a path, as far as this graph has met it. */
function belowPath(context: Context, path: string, name: ast.Identifier, frozen: boolean): Value | undefined {
  const state = context.graph(name.span);
  const full = `${path}.${name.text}`;
  const weight = state.weights.get(full);
  if (weight !== undefined) {
    context.current = name.span;
    return tensor(frozen ? state.tensors.unary('detach', weight) : weight);
  }
  const layerState = state.states.get(full);
  if (layerState) return tensor(layerState.newest);
  const instance = state.instances.get(full);
  if (instance) return { kind: 'instance', instance, frozen };
  const group = [...state.weights.keys()].some((key) => isBelow(full, key));
  return group ? { kind: 'weights', path: full } : undefined;
}

function partOf(context: Context, value: InstanceValue, name: ast.Identifier, span: Span): Value {
  const { path } = value.instance;
  const state = context.graph(name.span);
  if (typeof path === 'string') {
    const part = belowPath(context, path, name, value.frozen);
    if (part) return part;
  }
  if (typeof path !== 'string' || !state.instances.has(path)) {
    const called = value.instance.declaration.name.text;
    context.fail(
      'E0203',
      span,
      `\`${name.text}\` of ${describeValue(value)} does not exist before its first call`,
      {
        help: `its weights are made when it is first called: \`x -> ${value.instance.declaration.kind === 'model' ? called : '…'}\``,
      },
    );
  }
  const parts = [...state.weights.keys(), ...state.states.keys(), ...state.instances.keys()]
    .filter((key) => key.startsWith(`${path}.`))
    .map((key) => key.slice(path.length + 1).split('.')[0] ?? '');
  return unknownMember(context, value, name, [...new Set(parts)]);
}
