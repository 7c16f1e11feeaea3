/**
 * Layers and models: making an instance, naming it, feeding it. The body is elaborated at every call; the
 * instance's path makes the second call find the weights of the first.
 */
import type { Span } from '../../runtime/plan-format.ts';
import type * as ast from '../syntax/ast.ts';
import { announceNames } from './announce.ts';
import { matchArguments } from './arguments.ts';
import type { CallSite, Context, Place, Returned } from './context.ts';
import { asTensor } from './convert.ts';
import { bindParameters, evaluateGiven, refuseRecursion } from './functions.ts';
import { NamingScope } from './naming-scope.ts';
import { Poisoned, Scope } from './scope.ts';
import { requireDtype, unifyTensor, unifyTensors, type BoundDimensions } from './signature.ts';
import { printAxes } from './tensors.ts';
import {
  describeValue,
  tensor,
  tuple,
  type Instance,
  type InstanceValue,
  type LayerValue,
  type TensorValue,
  type Value,
} from './values.ts';

/** An instance of a layer with these arguments, not yet named. */
export function makeInstance(context: Context, layer: LayerValue, site: CallSite): InstanceValue {
  const { declaration } = layer;
  const name = declaration.name.text;
  const scope = new Scope(layer.scope);
  for (const argument of site.given) {
    if (argument.name !== undefined) continue;
    // `dense(x, 10)`: the tensor belongs in front of the pipe.
    const value = evaluateGiven(context, argument, site.place);
    if (value.kind === 'tensor') {
      context.fail('E0222', argument.span, `\`${name}\` is a layer: its arguments are not tensors`, {
        help: `feed it with a pipe: \`x -> ${name}${site.given.length > 1 ? '(…)' : ''}\``,
      });
    }
    break;
  }
  const bound = bindParameters(context, name, declaration.parameters, site, scope);
  const instance: Instance = {
    declaration,
    scope: layer.scope,
    arguments: bound,
    home: site.place.naming,
    span: site.span,
    path: undefined,
  };
  return { kind: 'instance', instance, frozen: false };
}

/** Gives an instance its name in the body that made it. An instance that has one keeps it. */
export function nameInstance(context: Context, instance: Instance, name: ast.Identifier): void {
  if (instance.path !== undefined) return;
  claim(context, instance.home, name.text, name.span);
  instance.path = instance.home.below(name.text);
}

/** Takes a path component; two parts of one body cannot share it. */
export function claim(context: Context, naming: NamingScope, name: string, span: Span): void {
  const before = naming.claim(name, span);
  if (before === undefined || naming.path === null) return;
  context.fail('E0202', span, `two parts of \`${naming.path}\` are named \`${name}\``, {
    help: 'names and labels are the keys of the checkpoint: choose another one',
    related: [{ message: `\`${name}\` is first named here`, span: before }],
  });
}

function pathOf(context: Context, instance: Instance, site: CallSite): string | null {
  if (site.label) {
    if (instance.path !== undefined) {
      context.fail('E0222', site.label.span, `this instance is named already: \`${instance.path ?? ''}\``);
    }
    nameInstance(context, instance, site.label);
  }
  if (instance.path === undefined) {
    const counted = instance.home.count(instance.declaration.name.text);
    claim(context, instance.home, counted, site.span);
    instance.path = instance.home.below(counted);
  }
  return instance.path;
}

/** Calls an instance with tensors: a call of the same weights wherever it stands. */
export function feed(context: Context, value: InstanceValue, site: CallSite): Value {
  const { instance } = value;
  const { declaration } = instance;
  const name = declaration.name.text;
  refuseRecursion(context, declaration, name, site.span);
  const path = pathOf(context, instance, site);
  const scope = new Scope(instance.scope);
  for (const [key, argument] of instance.arguments) {
    scope.bind(key, argument.value, undefined, argument.span);
  }
  const place: Place = { scope, naming: new NamingScope(path), states: new Map(), tail: true };
  const bound: BoundDimensions = new Map();
  context.current = site.span;
  bindInputs(context, declaration, site, place, bound);
  if (path !== null) context.graph(site.span).instances.set(path, instance);
  context.session.reached.add(declaration);
  announceNames(declaration.body, scope);
  const standard = context.isStandard(declaration.span);
  const shown = declaration.kind === 'model' ? name : (path ?? name);
  const frame = { name: standard ? name : shown, span: site.span, declaration, standard, path };
  const frozenBefore = context.frozen;
  context.frozen ||= value.frozen;
  try {
    return context.within(frame, () => {
      const errors = context.session.diagnostics.size;
      const result = context.session.machine.run(context, declaration.body, place);
      if (!result) {
        if (context.session.diagnostics.size > errors) throw new Poisoned();
        context.fail('E0227', declaration.name.span, `\`${name}\` returns nothing`, {
          help: 'end its block with `return …`',
        });
      }
      return checkOutputs(context, declaration, result, place, bound);
    });
  } finally {
    context.frozen = frozenBefore;
  }
}

const inputName = (declared: ast.Tensor, index: number): string =>
  declared.name?.text ?? `input_${index + 1}`;

function bindInputs(
  context: Context,
  declaration: ast.LayerDeclaration,
  site: CallSite,
  place: Place,
  bound: BoundDimensions,
): void {
  const name = declaration.name.text;
  const shapes = declaration.inputs.map((declared, i) => ({ name: inputName(declared, i), required: true }));
  const { single } = matchArguments(context, name, shapes, site);
  const given = declaration.inputs.map((declared, i) => {
    const argument = single.get(inputName(declared, i));
    if (!argument) throw new Error('internal: an input was not matched');
    const value = evaluateGiven(context, argument, site.place);
    return {
      declared,
      name: inputName(declared, i),
      span: argument.span,
      id: asTensor(context, value, argument.span),
    };
  });
  const tensors = context.tensors(site.span);
  const pairings = given.map((input) => ({
    declared: { tensor: input.declared, what: `\`${input.name}\` of \`${name}\`` },
    given: tensors.axes(input.id),
    mismatch: { code: 'E0204', span: input.span } as const,
    dtype: tensors.dtype(input.id),
  }));
  unifyTensors(context, pairings, place, bound);
  for (const { declared, dtype, mismatch } of pairings) requireDtype(context, declared, dtype, mismatch.span);
  const { calls } = context.session;
  if (typeof context.batch === 'object' && declaration.kind === 'model' && !calls.has(declaration)) {
    const tensors = context.tensors(site.span);
    calls.set(
      declaration,
      given.map(({ id }) => tensors.axes(id)),
    );
  }
  for (const input of given) {
    place.scope.bind(input.name, tensor(input.id), input.declared.span, input.span);
  }
}

function checkOutputs(
  context: Context,
  declaration: ast.LayerDeclaration,
  { value: result, span }: Returned,
  place: Place,
  bound: BoundDimensions,
): Value {
  const { outputs } = declaration;
  const name = declaration.name.text;
  const items = result.kind === 'tuple' ? result.items : [result];
  if (items.length !== outputs.length) {
    const count = (n: number) => `${n} tensor${n === 1 ? '' : 's'}`;
    context.fail(
      'E0208',
      span,
      `\`${name}\` declares ${count(outputs.length)}, this is ${result.kind === 'tuple' ? count(items.length) : describeValue(result)}`,
      { related: outputs.map((declared) => ({ message: 'declared here', span: declared.span })) },
    );
  }
  const checked = items.map((item, i): TensorValue => {
    const declared = outputs[i] as ast.Tensor;
    const what = declared.name ? `\`${declared.name.text}\` of \`${name}\`` : `the result of \`${name}\``;
    const id = asTensor(context, item, span);
    const tensors = context.tensors(span);
    unifyTensor(context, { tensor: declared, what }, tensors.axes(id), place, bound, { code: 'E0208', span });
    requireDtype(context, { tensor: declared, what }, tensors.dtype(id), span, 'E0208');
    return tensor(id);
  });
  return result.kind === 'tuple' ? tuple(checked) : (checked[0] as TensorValue);
}

export const shapeText = (context: Context, id: number, span: Span): string =>
  printAxes(context.tensors(span).axes(id));
