/**
 * Bodies that no step or model reaches: their sizes are open, but their names must resolve. In: declarations
 * of functions, layers and models. Out: errors for names nothing declares.
 */
import type * as ast from '../syntax/ast.ts';
import { boundNames } from './announce.ts';
import type { Context } from './context.ts';
import { visitNames } from './names-in.ts';
import { unknownName } from './names.ts';
import type { Scope } from './scope.ts';

type Body = Extract<ast.Declaration, { kind: 'fn' }> | ast.LayerDeclaration;

export function checkNames(context: Context, body: Body, file: Scope): void {
  const known = new Set(['B']);
  const learn = (names: Iterable<string>): void => {
    for (const name of names) known.add(name);
  };
  learn(body.parameters.map((parameter) => parameter.name.text));
  const tensors = body.kind === 'fn' ? [] : [...body.inputs, ...body.outputs];
  for (const { name, dims } of tensors) {
    if (name) known.add(name.text);
    for (const dim of dims) if (dim.kind === 'dim' && dim.value.kind === 'name') known.add(dim.value.name);
  }
  if ('statements' in body.body) {
    learn(boundNames(body.body).map((name) => name.text));
    learn(scanNames(body.body));
  }
  const names = {
    laterBinding: () => undefined,
    names: () => [...known, ...file.names()],
  };
  const check = (expression: ast.Expression | undefined): void => {
    if (!expression) return;
    visitNames(expression, (name, called) => {
      if (known.has(name.name) || file.lookup(name.name) || WORDS.has(name.name)) return;
      context.session.diagnostics.guard(() => unknownName(context, name, names, called));
    });
  };
  body.parameters.forEach((parameter) => check(parameter.default));
  if ('statements' in body.body) expressionsIn(body.body).forEach(check);
  else check(body.body);
}

/** Bare words that stand for themselves as arguments: `pad = same`, `mode = nearest`. */
const WORDS = new Set(['same', 'constant', 'reflect', 'edge', 'nearest', 'bilinear', 'mean', 'sum']);

/** Sequences, carries and their sizes inside `scan`s. */
function scanNames(block: ast.Block): string[] {
  return block.statements.flatMap((statement): string[] => {
    switch (statement.kind) {
      case 'scan':
        return [
          ...statement.sequences.map(({ name }) => name.text),
          ...statement.carries.flatMap(({ tensor }) => (tensor.name ? [tensor.name.text] : [])),
          ...boundNames(statement.body).map(({ text }) => text),
          ...scanNames(statement.body),
        ];
      case 'repeat':
        return scanNames(statement.body);
      case 'if':
        return [...scanNames(statement.then), ...(statement.else ? scanNames(statement.else) : [])];
      default:
        return [];
    }
  });
}

function expressionsIn(block: ast.Block): ast.Expression[] {
  return block.statements.flatMap((statement): ast.Expression[] => {
    switch (statement.kind) {
      case 'binding':
        return statement.entries.map((entry) => entry.value);
      case 'param':
      case 'state':
        return statement.entries.flatMap(({ tensor, value }) => [
          ...tensor.dims.flatMap((dim) => (dim.kind === 'dim' ? [dim.value] : [])),
          ...(value ? [value] : []),
        ]);
      case 'return':
      case 'emit':
        return [statement.value];
      case 'repeat':
        return [statement.count, ...expressionsIn(statement.body)];
      case 'if':
        return [
          statement.condition,
          ...expressionsIn(statement.then),
          ...(statement.else ? expressionsIn(statement.else) : []),
        ];
      case 'scan':
        return [
          ...statement.sequences.map((sequence) => sequence.value),
          ...statement.carries.map((carry) => carry.value),
          ...expressionsIn(statement.body),
        ];
      case 'update':
        return [statement.value];
      default:
        return [];
    }
  });
}
