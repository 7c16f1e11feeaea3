/**
 * Settings of a block: `name = value` lines with fixed names. In: the block's bindings. Out: the expression of
 * each name given; a name unknown, given twice or without a value of its kind is an error.
 */
import type * as ast from '../syntax/ast.ts';
import type { Context } from './context.ts';
import { didYouMean } from './nearest.ts';

export interface Setting {
  readonly name: ast.Identifier;
  readonly value: ast.Expression;
}

/** `block` is `data` or `train`, for messages; `notYet` are settings of the language that are refused by name. */
export function readSettings(
  context: Context,
  block: string,
  entries: readonly ast.Binding[],
  known: readonly string[],
  notYet: readonly string[],
): Map<string, Setting> {
  const found = new Map<string, Setting>();
  for (const { target, value } of entries) {
    context.session.diagnostics.guard(() => {
      if (target.kind === 'tuple')
        return context.fail('E0206', target.span, `a setting of \`${block}\` has one name`);
      const { text, span } = target.name;
      if (notYet.includes(text))
        return context.fail('E0901', span, `the setting \`${text}\` is not supported yet`);
      if (!known.includes(text)) {
        return context.fail('E0206', span, `\`${block}\` has no setting \`${text}\``, {
          help: didYouMean(text, [...known, ...notYet]) ?? `its settings are ${known.join(', ')}`,
        });
      }
      const before = found.get(text);
      if (before) {
        return context.fail('E0218', span, `\`${text}\` is set twice`, {
          related: [{ message: 'first set here', span: before.name.span }],
        });
      }
      found.set(text, { name: target.name, value });
      return undefined;
    });
  }
  return found;
}
