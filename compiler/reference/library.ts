/** The functions and layers of std.net, each with the comment that stands above it. */
import { STANDARD_LIBRARY } from '../std/standard-library.generated.ts';
import type { Block, Declaration, Expression, LayerDeclaration, Parameter, Tensor } from '../syntax/ast.ts';
import { parse } from '../syntax/parse.ts';
import { printExpression } from '../syntax/print-ast.ts';

export interface LibraryEntry {
  kind: 'fn' | 'layer';
  /** `dense(units, bias = true)` */
  call: string;
  /** Of a layer: `x[..., N] -> [..., units]`. */
  shapes: string;
  weights: string[];
  comment: string;
}

export function libraryEntries(): LibraryEntry[] {
  const { tree, diagnostics } = parse(STANDARD_LIBRARY, 'std.net');
  if (diagnostics.length > 0) throw new Error('internal: the standard library has errors');
  const lines = STANDARD_LIBRARY.split('\n');
  return tree.declarations.flatMap((declaration) => entryOf(declaration, lines));
}

function entryOf(declaration: Declaration, lines: readonly string[]): LibraryEntry[] {
  if (declaration.kind !== 'fn' && declaration.kind !== 'layer') return [];
  const { name, parameters, span } = declaration;
  const list = parameters.map(parameterText).join(', ');
  return [
    {
      kind: declaration.kind,
      call: declaration.kind === 'layer' && list === '' ? name.text : `${name.text}(${list})`,
      shapes: declaration.kind === 'layer' ? signature(declaration) : '',
      weights: declaration.kind === 'layer' ? weightsIn(declaration.body) : [],
      comment: commentAbove(lines, span.line - 1),
    },
  ];
}

const parameterText = ({ name, default: value }: Parameter): string =>
  value ? `${name.text} = ${printExpression(value)}` : name.text;

function signature({ inputs, outputs }: LayerDeclaration): string {
  return `${inputs.map(tensorText).join(', ')} -> ${outputs.map(tensorText).join(', ')}`;
}

function tensorText({ name, dims, dtype }: Tensor): string {
  const sizes = dims.map((dim) => (dim.kind === 'rest' ? '...' : printExpression(dim.value)));
  return `${name?.text ?? ''}[${sizes.join(', ')}]${dtype ? ` ${dtype.text}` : ''}`;
}

/** Parameters, states and labelled layers (`qkv: dense(…)`), also of blocks inside. */
function weightsIn({ statements }: Block): string[] {
  return statements.flatMap((statement): string[] => {
    switch (statement.kind) {
      case 'param':
      case 'state':
        return statement.entries.map(
          ({ tensor }) => `${statement.kind === 'state' ? 'state ' : ''}${tensorText(tensor)}`,
        );
      case 'if':
        return [...weightsIn(statement.then), ...(statement.else ? weightsIn(statement.else) : [])];
      case 'repeat':
      case 'scan':
        return weightsIn(statement.body);
      case 'return':
        return labelledIn(statement.value);
      case 'binding':
        return statement.entries.flatMap(({ value }) => labelledIn(value));
      default:
        return [];
    }
  });
}

/** The layers that an expression labels: their weights are `label.…`. */
function labelledIn(expression: Expression): string[] {
  switch (expression.kind) {
    case 'pipe': {
      const { left, label, target } = expression;
      return [
        ...labelledIn(left),
        ...(label ? [`${label.text}: ${printExpression(target)}`] : labelledIn(target)),
      ];
    }
    case 'call':
      return expression.arguments.flatMap(({ value }) => labelledIn(value));
    case 'binary':
      return [...labelledIn(expression.left), ...labelledIn(expression.right)];
    case 'unary':
      return labelledIn(expression.operand);
    case 'tuple':
      return expression.items.flatMap(labelledIn);
    case 'index':
    case 'member':
      return labelledIn(expression.base);
    case 'number':
    case 'string':
    case 'name':
      return [];
    default:
      return expression satisfies never;
  }
}

/** The lines of comment that end right above a line, without those that divide sections. */
function commentAbove(lines: readonly string[], line: number): string {
  const found: string[] = [];
  for (let at = line - 1; lines[at]?.startsWith('#') && !lines[at]?.startsWith('# ---'); at--)
    found.unshift((lines[at] ?? '').replace(/^# ?/, ''));
  return found.join(' ');
}
