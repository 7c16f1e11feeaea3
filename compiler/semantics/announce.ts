/** The names that a body binds somewhere, so that a use before the binding is told from a misspelling. */
import type * as ast from '../syntax/ast.ts';

export interface Announced {
  announce(name: string, span: ast.Identifier['span']): void;
}

export function announceNames(block: ast.Block, scope: Announced): void {
  for (const name of boundNames(block)) scope.announce(name.text, name.span);
}

/** Names bound by the statements of a block and of the blocks in it, in order. */
export function boundNames(block: ast.Block): ast.Identifier[] {
  return block.statements.flatMap((statement): ast.Identifier[] => {
    switch (statement.kind) {
      case 'binding':
        return statement.entries.flatMap(({ target }) =>
          target.kind === 'name' ? [target.name] : target.names,
        );
      case 'param':
      case 'state':
        return statement.entries.flatMap(({ tensor }) => (tensor.name ? [tensor.name] : []));
      case 'repeat':
        return [...(statement.variable ? [statement.variable] : []), ...boundNames(statement.body)];
      case 'scan':
        // What the body binds is seen in it alone, the carries afterwards as well.
        return statement.carries.flatMap(({ tensor }) => (tensor.name ? [tensor.name] : []));
      case 'if':
        return [...boundNames(statement.then), ...(statement.else ? boundNames(statement.else) : [])];
      default:
        return [];
    }
  });
}
