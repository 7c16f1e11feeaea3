/** Calls, by what is called: a builtin, a `fn`, a layer (which makes an instance), an instance (which is fed). */
import type { CallSite, Context } from './context.ts';
import { callBuiltin } from './call-builtin.ts';
import { callFunction } from './functions.ts';
import { feed, makeInstance } from './layers.ts';
import { describeValue, type Value } from './values.ts';

export function call(context: Context, callee: Value, site: CallSite): Value {
  switch (callee.kind) {
    case 'builtin':
      return labelled(context, callBuiltin(context, callee.name, site), site);
    case 'function':
      return labelled(context, callFunction(context, callee, site), site);
    case 'layer': {
      const [fed, ...given] = site.given;
      if (!site.piped || !fed) return makeInstance(context, callee, site);
      const instance = makeInstance(context, callee, { ...site, given });
      return feed(context, instance, { ...site, given: [fed] });
    }
    case 'instance':
      return feed(context, callee, site);
    default:
      return context.fail('E0222', site.callee ?? site.span, `${describeValue(callee)} cannot be called`);
  }
}

/** A label on a function names its result for readers; there are no weights to name. */
function labelled(context: Context, value: Value, site: CallSite): Value {
  if (!site.label) return value;
  if (value.kind !== 'tensor') {
    context.fail('E0222', site.label.span, `the label \`${site.label.text}\` names an instance of a layer`);
  }
  context.tensors(site.span).label(value.id, site.label.text);
  return value;
}
