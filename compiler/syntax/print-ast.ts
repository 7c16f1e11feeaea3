/**
 * The syntax tree as text. In: a tree. Out: one line a declaration or statement, indented, with line and column
 * at the left; expressions with the parentheses of every operation inside another, so that what binds is seen.
 */
import type {
  Argument,
  Block,
  Declaration,
  Expression,
  Range,
  SourceFile,
  Statement,
  Tensor,
} from './ast.ts';
import type { Span } from '../diagnostics.ts';

type Line = [Span, number, string];

export function printAst(tree: SourceFile): string {
  const lines: Line[] = [];
  for (const declaration of tree.declarations) printDeclaration(declaration, lines);
  const places = lines.map(([span]) => `${span.line}:${span.column}`);
  const width = Math.max(0, ...places.map((place) => place.length));
  return lines
    .map(
      ([, depth, text], index) => `${(places[index] ?? '').padStart(width)}  ${'  '.repeat(depth)}${text}\n`,
    )
    .join('');
}

function printDeclaration(declaration: Declaration, lines: Line[]): void {
  const { span } = declaration;
  const line = (text: string): number => lines.push([span, 0, text]);
  switch (declaration.kind) {
    case 'use':
      line(`use ${JSON.stringify(declaration.path)}`);
      return;
    case 'let':
      line(`let ${declaration.name.text} = ${printExpression(declaration.value)}`);
      return;
    case 'fn': {
      const head = `fn ${declaration.name.text}(${printParameters(declaration)})`;
      if ('statements' in declaration.body) {
        line(head);
        printBlock(declaration.body, 1, lines);
      } else {
        line(`${head} = ${printExpression(declaration.body)}`);
      }
      return;
    }
    case 'layer':
    case 'model':
      line(`${declaration.kind} ${declaration.name.text}(${printParameters(declaration)})`);
      for (const tensor of declaration.inputs) lines.push([tensor.span, 1, `input ${printTensor(tensor)}`]);
      for (const tensor of declaration.outputs) lines.push([tensor.span, 1, `output ${printTensor(tensor)}`]);
      printBlock(declaration.body, 1, lines);
      return;
    case 'data':
      line(`data ${declaration.name.text}`);
      printBlock(declaration.body, 1, lines);
      return;
    case 'train':
      line(`train ${declaration.name ? `${declaration.name.text} ` : ''}on ${declaration.data.text}`);
      printBlock(declaration.body, 1, lines);
      return;
    default:
      declaration satisfies never;
  }
}

function printParameters({ parameters }: Declaration & { kind: 'fn' | 'layer' | 'model' }): string {
  return parameters
    .map(({ name, type, default: value }) => {
      const typed = type ? `: ${type.text}` : '';
      return `${name.text}${typed}${value ? ` = ${printExpression(value)}` : ''}`;
    })
    .join(', ');
}

function printTensor({ name, dims, dtype }: Tensor): string {
  const sizes = dims.map((dim) => (dim.kind === 'rest' ? '...' : printExpression(dim.value)));
  return `${name?.text ?? ''}[${sizes.join(', ')}]${dtype ? ` ${dtype.text}` : ''}`;
}

function printBlock(block: Block, depth: number, lines: Line[]): void {
  for (const statement of block.statements) printStatement(statement, depth, lines);
}

function valued(tensor: Tensor, value: Expression | undefined): string {
  return `${printTensor(tensor)}${value ? ` = ${printExpression(value)}` : ''}`;
}

function printStatement(statement: Statement, depth: number, lines: Line[]): void {
  const line = (text: string, span = statement.span): number => lines.push([span, depth, text]);
  switch (statement.kind) {
    case 'binding':
      for (const { target, value, span } of statement.entries) {
        const names =
          target.kind === 'name' ? target.name.text : `(${target.names.map(({ text }) => text).join(', ')})`;
        line(`${names} = ${printExpression(value)}`, span);
      }
      return;
    case 'column':
      line(`column ${valued(statement.tensor, statement.value)}`);
      return;
    case 'param':
    case 'state':
      for (const { tensor, value, span } of statement.entries)
        line(`${statement.kind} ${valued(tensor, value)}`, span);
      return;
    case 'return':
    case 'emit':
      line(`${statement.kind} ${printExpression(statement.value)}`);
      return;
    case 'repeat': {
      const variable = statement.variable ? ` as ${statement.variable.text}` : '';
      line(
        `${statement.label ? `${statement.label.text}: ` : ''}repeat ${printExpression(statement.count)}${variable}`,
      );
      printBlock(statement.body, depth + 1, lines);
      return;
    }
    case 'scan': {
      const sequences = statement.sequences.map(
        ({ name, value }) => `${name.text} in ${printExpression(value)}`,
      );
      const carries = statement.carries.map(({ tensor, value }) => `, ${valued(tensor, value)}`);
      line(`scan ${sequences.join(', ')} along ${statement.along.text}${carries.join('')}`);
      printBlock(statement.body, depth + 1, lines);
      return;
    }
    case 'if':
      line(`if ${printExpression(statement.condition)}`);
      printBlock(statement.then, depth + 1, lines);
      if (!statement.else) return;
      line('else', statement.else.span);
      printBlock(statement.else, depth + 1, lines);
      return;
    case 'from':
    case 'augment':
    case 'metric':
    case 'update':
      line(`${statement.kind} ${statement.name.text} = ${printExpression(statement.value)}`);
      return;
    case 'split':
      for (const { name, share, span } of statement.entries)
        line(`split ${name.text} = ${printExpression(share)}`, span);
      return;
    case 'step':
      line(`step${statement.name ? ` ${statement.name.text}` : ''}${printArguments(statement.arguments)}`);
      printBlock(statement.body, depth + 1, lines);
      return;
    case 'minimize': {
      const over = statement.over.map(printExpression).join(', ');
      const loss = printExpression(statement.loss);
      line(`minimize ${loss}${over ? ` over ${over}` : ''} with ${printExpression(statement.with)}`);
      return;
    }
    default:
      statement satisfies never;
  }
}

function printArguments(list: readonly Argument[]): string {
  const printed = list.map(({ name, value }) => `${name ? `${name.text} = ` : ''}${printExpression(value)}`);
  return list.length > 0 ? `(${printed.join(', ')})` : '';
}

function printRange(range: Range): string {
  if (range.kind === 'rest') return '...';
  if (range.kind === 'at') return printExpression(range.index);
  const { from, to, step } = range;
  const ends = `${from ? printOperand(from) : ''}:${to ? printOperand(to) : ''}`;
  return `${ends}${step ? `:${printOperand(step)}` : ''}`;
}

/** An expression with parentheses around every operation inside another. */
export function printExpression(expression: Expression): string {
  switch (expression.kind) {
    case 'number':
      return expression.unit ? `${expression.text} ${expression.unit}` : expression.text;
    case 'string':
      return JSON.stringify(expression.value);
    case 'name':
      return expression.name;
    case 'tuple':
      return `(${expression.items.map(printExpression).join(', ')})`;
    case 'binary':
      return `${printOperand(expression.left)} ${expression.operator} ${printOperand(expression.right)}`;
    case 'unary':
      return `${expression.operator === 'not' ? 'not ' : '-'}${printOperand(expression.operand)}`;
    case 'call':
      return `${printOperand(expression.callee)}${printArguments(expression.arguments) || '()'}`;
    case 'index':
      return `${printOperand(expression.base)}[${expression.ranges.map(printRange).join(', ')}]`;
    case 'member':
      return `${printOperand(expression.base)}.${expression.name.text}`;
    case 'pipe': {
      const label = expression.label ? `${expression.label.text}: ` : '';
      return `${printOperand(expression.left)} -> ${label}${printOperand(expression.target)}`;
    }
    default:
      return expression satisfies never;
  }
}

function printOperand(expression: Expression): string {
  const { kind } = expression;
  const printed = printExpression(expression);
  return kind === 'binary' || kind === 'unary' || kind === 'pipe' ? `(${printed})` : printed;
}
