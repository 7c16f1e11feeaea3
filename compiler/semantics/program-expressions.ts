/** Every expression of a declaration, wherever it stands in it. */
import type * as ast from '../syntax/ast.ts';

export function expressionsOf(declaration: ast.Declaration): ast.Expression[] {
  switch (declaration.kind) {
    case 'use':
      return [];
    case 'let':
      return [declaration.value];
    case 'fn': {
      const { body } = declaration;
      return [...defaults(declaration.parameters), ...('statements' in body ? ofBlock(body) : [body])];
    }
    case 'layer':
    case 'model': {
      const { parameters, inputs, outputs, body } = declaration;
      return [...defaults(parameters), ...[...inputs, ...outputs].flatMap(ofTensor), ...ofBlock(body)];
    }
    case 'data':
    case 'train':
      return ofBlock(declaration.body);
    default:
      return declaration satisfies never;
  }
}

const defaults = (parameters: readonly ast.Parameter[]): ast.Expression[] =>
  parameters.flatMap((parameter) => parameter.default ?? []);

const ofTensor = ({ dims }: ast.Tensor): ast.Expression[] =>
  dims.flatMap((dim) => (dim.kind === 'dim' ? [dim.value] : []));

const ofBlock = (block: ast.Block): ast.Expression[] => block.statements.flatMap(ofStatement);

function ofStatement(statement: ast.Statement): ast.Expression[] {
  switch (statement.kind) {
    case 'binding':
      return statement.entries.map(({ value }) => value);
    case 'column':
      return [...ofTensor(statement.tensor), ...(statement.value ? [statement.value] : [])];
    case 'param':
    case 'state':
      return statement.entries.flatMap(({ tensor, value }) => [
        ...ofTensor(tensor),
        ...(value ? [value] : []),
      ]);
    case 'return':
    case 'emit':
    case 'from':
    case 'augment':
    case 'metric':
    case 'update':
      return [statement.value];
    case 'repeat':
      return [statement.count, ...ofBlock(statement.body)];
    case 'scan':
      return [
        ...statement.sequences.map(({ value }) => value),
        ...statement.carries.flatMap(({ tensor, value }) => [...ofTensor(tensor), value]),
        ...ofBlock(statement.body),
      ];
    case 'if':
      return [
        statement.condition,
        ...ofBlock(statement.then),
        ...(statement.else ? ofBlock(statement.else) : []),
      ];
    case 'split':
      return statement.entries.map(({ share }) => share);
    case 'step':
      return [...statement.arguments.map(({ value }) => value), ...ofBlock(statement.body)];
    case 'minimize':
      return [statement.loss, ...statement.over, statement.with];
    default:
      return statement satisfies never;
  }
}
