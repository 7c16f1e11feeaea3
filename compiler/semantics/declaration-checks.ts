/**
 * What a declaration says by itself, before anything calls it: names declared twice, types of parameters.
 * In: a function, layer or model. Out: errors.
 */
import type * as ast from '../syntax/ast.ts';
import type { Context } from './context.ts';
import { dtypeOf } from './dtypes.ts';
import { didYouMean } from './nearest.ts';

export type Body = Extract<ast.Declaration, { kind: 'fn' }> | ast.LayerDeclaration;

const PARAMETER_TYPES = ['int', 'float', 'bool'];

export function checkDeclaration(context: Context, body: Body): void {
  const list = context.session.diagnostics;
  const tensors = body.kind === 'fn' ? [] : [...body.inputs, ...body.outputs];
  const inputs = body.kind === 'fn' ? [] : body.inputs;
  const names = [
    ...body.parameters.map((parameter) => parameter.name),
    ...inputs.flatMap(({ name }) => (name ? [name] : [])),
  ];
  list.guard(() => refuseTwice(context, names, body.name.text));
  if (body.kind !== 'fn') {
    const outputs = body.outputs.flatMap(({ name }) => (name ? [name] : []));
    list.guard(() => refuseTwice(context, outputs, body.name.text));
  }
  for (const { type } of body.parameters) {
    if (!type || PARAMETER_TYPES.includes(type.text)) continue;
    list.guard(() =>
      context.fail('E0201', type.span, `unknown type \`${type.text}\` of a parameter`, {
        help: didYouMean(type.text, PARAMETER_TYPES) ?? 'the types of parameters are int, float and bool',
      }),
    );
  }
  for (const { dtype } of tensors) list.guard(() => dtypeOf(context, dtype));
}

function refuseTwice(context: Context, names: readonly ast.Identifier[], owner: string): void {
  const first = new Map<string, ast.Identifier>();
  for (const name of names) {
    const before = first.get(name.text);
    first.set(name.text, before ?? name);
    if (!before) continue;
    context.fail('E0202', name.span, `\`${name.text}\` is declared twice in \`${owner}\``, {
      related: [{ message: 'first declared here', span: before.span }],
    });
  }
}
