/**
 * Writes a WGSL module as text. In: the tree. Out: text, the same for the same tree. Holds: the text parses to
 * that tree again: operands are parenthesized wherever WGSL refuses to mix operators or would take a
 * comparison for a template list (`a < b, c > (d)`).
 */
import { typeName, type WgslExpression, type WgslModule, type WgslStatement } from './ast.ts';
import { printLiteral } from './literals.ts';
import { turnVariable } from './names.ts';

export function printModule(module: WgslModule): string {
  const parts: string[] = [];
  if (module.uniform) {
    const fields = module.uniform.fields.map((field) => `  ${field.name}: ${field.type},`);
    parts.push(['struct Uniforms {', ...fields, '}'].join('\n'));
  }
  const turns = module.turns ?? [];
  if (turns.length > 0) parts.push('struct Turn {\n  number: u32,\n}');
  const variables = module.bindings.map(
    (binding, i) =>
      `@group(0) @binding(${i}) var<storage, ${binding.access}> ${binding.name}: array<${typeName(binding.element)}>;`,
  );
  if (module.uniform) {
    variables.push(
      `@group(0) @binding(${module.bindings.length}) var<uniform> ${module.uniform.name}: Uniforms;`,
    );
  }
  for (const { name, element, length } of module.scratch)
    variables.push(`var<workgroup> ${name}: array<${typeName(element)}, ${length}>;`);
  const behind = module.bindings.length + (module.uniform ? 1 : 0);
  for (const [i, depth] of turns.entries())
    variables.push(`@group(0) @binding(${behind + i}) var<uniform> ${turnVariable(depth)}: Turn;`);
  if (variables.length > 0) parts.push(variables.join('\n'));
  parts.push(...module.functions);
  const builtins = module.builtins.map((b) => `@builtin(${b.builtin}) ${b.name}: ${b.type}`).join(', ');
  parts.push(
    [
      `@compute @workgroup_size(${module.workgroup.join(', ')})`,
      `fn main(${builtins}) {`,
      ...printStatements(module.body, '  '),
      '}',
    ].join('\n'),
  );
  const header = module.header.map((line) => `// ${line}\n`).join('');
  const enables = module.enables.map((extension) => `enable ${extension};\n\n`).join('');
  return `${header}${enables}${parts.join('\n\n')}\n`;
}

export function printStatements(statements: readonly WgslStatement[], indent = ''): string[] {
  return statements.flatMap((statement) => printStatement(statement, indent));
}

function printStatement(statement: WgslStatement, indent: string): string[] {
  const inner = `${indent}  `;
  switch (statement.kind) {
    case 'let':
    case 'var':
      return [`${indent}${statement.kind} ${statement.name} = ${printExpression(statement.value)};`];
    case 'assign':
      return [`${indent}${printExpression(statement.target)} = ${printExpression(statement.value)};`];
    case 'for': {
      const { variable, step } = statement;
      const head = [
        `var ${variable} = ${printExpression(statement.from)}`,
        `${variable} < ${printOperand(statement.to)}`,
        `${variable} += ${step >>> 0}u`,
      ].join('; ');
      return [`${indent}for (${head}) {`, ...printStatements(statement.body, inner), `${indent}}`];
    }
    case 'if': {
      const lines = [
        `${indent}if (${printExpression(statement.condition)}) {`,
        ...printStatements(statement.then, inner),
      ];
      if (statement.else.length > 0)
        lines.push(`${indent}} else {`, ...printStatements(statement.else, inner));
      return [...lines, `${indent}}`];
    }
    case 'return':
      return [`${indent}return;`];
    case 'barrier':
      return [`${indent}workgroupBarrier();`];
    default:
      return statement satisfies never;
  }
}

const COMPARISONS: readonly string[] = ['==', '!=', '<', '<=', '>', '>='];
const PRODUCTS: readonly string[] = ['*', '/', '%'];
const SUMS: readonly string[] = ['+', '-'];

export function printExpression(expression: WgslExpression): string {
  switch (expression.kind) {
    case 'literal':
      return printLiteral(expression.value, expression.scalar);
    case 'name':
      return expression.name;
    case 'unary': {
      const operand = printOperand(expression.operand);
      // `--` is a token of its own.
      return `${expression.operator}${operand.startsWith('-') ? `(${operand})` : operand}`;
    }
    case 'binary':
      return `${printLeft(expression)} ${expression.operator} ${printRight(expression)}`;
    case 'call':
      return `${expression.callee}(${expression.arguments.map(printArgument).join(', ')})`;
    case 'index':
      return `${printOperand(expression.base)}[${printArgument(expression.index)}]`;
    case 'member':
      return `${printOperand(expression.base)}.${expression.member}`;
    default:
      return expression satisfies never;
  }
}

/** As an operand of anything: in parentheses unless it is one word. */
function printOperand(expression: WgslExpression): string {
  const text = printExpression(expression);
  const isNegative = expression.kind === 'literal' && text.startsWith('-');
  return expression.kind === 'binary' || expression.kind === 'unary' || isNegative ? `(${text})` : text;
}

/** Arguments stand between commas, where a bare comparison could begin a template list. */
function printArgument(expression: WgslExpression): string {
  const text = printExpression(expression);
  return expression.kind === 'binary' && COMPARISONS.includes(expression.operator) ? `(${text})` : text;
}

type Binary = Extract<WgslExpression, { kind: 'binary' }>;

/** Products bind tighter than sums, and both group to the left; every other mixture gets parentheses. */
function printLeft({ operator, left }: Binary): string {
  if (left.kind === 'unary' || left.kind === 'literal') return printExpression(left);
  if (left.kind !== 'binary') return printOperand(left);
  const inner = left.operator;
  const bare =
    (SUMS.includes(operator) && (SUMS.includes(inner) || PRODUCTS.includes(inner))) ||
    (PRODUCTS.includes(operator) && PRODUCTS.includes(inner)) ||
    (inner === operator && ['||', '&&', '|', '&', '^'].includes(operator));
  return bare ? printExpression(left) : printOperand(left);
}

function printRight({ operator, right }: Binary): string {
  if (right.kind !== 'binary') return printOperand(right);
  return SUMS.includes(operator) && PRODUCTS.includes(right.operator)
    ? printExpression(right)
    : printOperand(right);
}
