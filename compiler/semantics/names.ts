/** Resolves names: the newest binding in view, else an error that knows what was probably meant. */
import type * as ast from '../syntax/ast.ts';
import type { Context, Place } from './context.ts';
import { didYouMean } from './nearest.ts';
import { notYet } from './not-yet.ts';
import type { Value } from './values.ts';
import { wordHere } from './words-elsewhere.ts';

/** `called`: the name stands where a layer or function is due. */
export function resolveName(
  context: Context,
  name: Extract<ast.Expression, { kind: 'name' }>,
  place: Place,
  called: boolean,
): Value {
  const binding = place.scope.lookup(name.name);
  if (binding) return binding.get();
  return unknownName(context, name, place.scope, called);
}

interface NamesInView {
  laterBinding(name: string): ast.Identifier['span'] | undefined;
  names(): string[];
}

export function unknownName(
  context: Context,
  { name, span }: { name: string; span: ast.Identifier['span'] },
  scope: NamesInView,
  called: boolean,
): never {
  const feature = notYet(name);
  if (feature !== undefined) context.fail('E0901', span, `${feature} is not supported yet`);
  const later = scope.laterBinding(name);
  if (later) {
    context.fail('E0203', span, `\`${name}\` is used before it is bound`, {
      related: [{ message: `\`${name}\` is bound here`, span: later }],
    });
  }
  const help = wordHere(name) ?? didYouMean(name, scope.names());
  if (called) context.fail('E0205', span, `unknown layer or function \`${name}\``, { help });
  context.fail('E0201', span, `unknown name \`${name}\``, { help });
}
