/**
 * Declarations: concrete to abstract syntax. In: the grammar's `file` node. Out: the types of ast.ts. Holds: a
 * declaration in whose head parsing failed yields nothing, but what its block holds is still looked at.
 */
import type { CstNode } from 'chevrotain';
import type { Declaration, Parameter, Statement, Tensor } from './ast.ts';
import { buildExpression, identifier } from './build-expressions.ts';
import { buildBlock, buildStatement, failed, spanOf } from './build-statements.ts';
import { buildTensor } from './build-tensors.ts';
import { maybeNode, maybeToken, node, nodes, token } from './cst.ts';
import { stringValue } from './lex.ts';
import { placeOf } from './misfit.ts';
import type { Context } from './operators.ts';

type DeclarationRule =
  | 'useDeclaration'
  | 'letDeclaration'
  | 'functionDeclaration'
  | 'layerDeclaration'
  | 'dataDeclaration'
  | 'trainDeclaration';

const BUILDERS: { readonly [R in DeclarationRule]: (node: CstNode, context: Context) => Declaration } = {
  useDeclaration: (declaration, context) => {
    const path = token(declaration, 'String');
    const { start, end } = placeOf(path);
    const pathSpan = context.source.span(start, end);
    return { kind: 'use', path: stringValue(path), pathSpan, span: spanOf(declaration, context) };
  },
  letDeclaration: (declaration, context) => ({
    kind: 'let',
    name: identifier(token(declaration, 'Name'), context),
    value: buildExpression(node(declaration, 'expression'), context),
    span: spanOf(declaration, context),
  }),
  functionDeclaration: (declaration, context) => {
    const block = maybeNode(declaration, 'block');
    const head = block ? node(declaration, 'functionHead') : declaration;
    return {
      kind: 'fn',
      name: identifier(token(head, 'Name'), context),
      parameters: buildParameters(head, context),
      body: block ? buildBlock(block, context) : buildExpression(node(declaration, 'expression'), context),
      span: spanOf(declaration, context),
    };
  },
  layerDeclaration: (declaration, context) => {
    const head = node(declaration, 'layerHead');
    const [inputs, outputs] = nodes(head, 'tensors');
    if (!inputs || !outputs) throw new Error('internal: a signature without tensors');
    return {
      kind: maybeToken(head, 'Layer') ? 'layer' : 'model',
      name: identifier(token(head, 'Name'), context),
      parameters: buildParameters(head, context),
      inputs: buildTensors(inputs, context, 'refused'),
      outputs: buildTensors(outputs, context, 'allowed'),
      body: buildBlock(node(declaration, 'block'), context),
      span: spanOf(declaration, context),
    };
  },
  dataDeclaration: (declaration, context) => ({
    kind: 'data',
    name: identifier(token(node(declaration, 'dataHead'), 'Name'), context),
    body: buildBlock(node(declaration, 'block'), context),
    span: spanOf(declaration, context),
  }),
  trainDeclaration: (declaration, context) => {
    const head = node(declaration, 'trainHead');
    const own = maybeToken(head, 'own');
    return {
      kind: 'train',
      ...(own ? { name: identifier(own, context) } : {}),
      data: identifier(token(head, 'data'), context),
      body: buildBlock(node(declaration, 'block'), context),
      span: spanOf(declaration, context),
    };
  },
};

export interface BuiltFile {
  declarations: Declaration[];
  /** Statements outside of any block, which is an error that placement.ts words. */
  strays: Statement[];
}

export function buildFile(file: CstNode, context: Context): BuiltFile {
  const built: BuiltFile = { declarations: [], strays: [] };
  for (const statement of nodes(file, 'statement')) {
    const rule = Object.keys(statement.children)[0] ?? '';
    const child = maybeNode(statement, rule);
    if (!child) continue;
    if (!(rule in BUILDERS)) {
      const stray = buildStatement(statement, context);
      if (stray) built.strays.push(stray);
    } else if (failed(statement, child, context)) {
      for (const block of nodes(child, 'block')) buildBlock(block, context);
    } else {
      built.declarations.push(BUILDERS[rule as DeclarationRule](child, context));
    }
  }
  return built;
}

function buildTensors(list: CstNode, context: Context, nameless: 'allowed' | 'refused'): Tensor[] {
  return nodes(list, 'tensor').map((tensor) => buildTensor(tensor, context, nameless));
}

function buildParameters(head: CstNode, context: Context): Parameter[] {
  const list = maybeNode(head, 'parameters');
  return (list ? nodes(list, 'parameter') : []).map((parameter): Parameter => {
    const type = maybeToken(parameter, 'type');
    const value = maybeNode(parameter, 'expression');
    return {
      name: identifier(token(parameter, 'Name'), context),
      ...(type ? { type: identifier(type, context) } : {}),
      ...(value ? { default: buildExpression(value, context) } : {}),
      span: spanOf(parameter, context),
    };
  });
}
