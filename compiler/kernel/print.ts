/**
 * Kernels as text, for `inspect` and snapshots. Stable: the same kernel gives the same bytes. Bindings are
 * `b0`, `b1` …; `b0[i]` is an element, or a vec4 where the binding's width is 4; scratch arrays are `s0`, `s1` …
 */
import { printShape } from '../graph/dimension.ts';
import type {
  BindingTarget,
  Expression,
  Kernel,
  KernelBinding,
  ScratchArray,
  Statement,
  ValueType,
} from './ir.ts';

export function printKernel(kernel: Kernel): string {
  const { threads, workgroup } = kernel;
  const lines = [
    `kernel ${kernel.name} (${kernel.kind}, ${kernel.phase})`,
    `  ops ${kernel.ops.join(' ')}`,
    ...kernel.bindings.map((binding, i) => `  b${i} ${printBinding(binding)}`),
    ...(kernel.scratch ?? []).map((array, i) => `  s${i} ${printScratch(array)}`),
    `  threads ${threads.map(printShape).join(' x ')} in workgroups of ${workgroup.join(' x ')}`,
    ...printStatements(kernel.body, '  '),
  ];
  return lines.join('\n') + '\n';
}

export const printTarget = (target: BindingTarget): string =>
  target.kind === 'named'
    ? `'${target.name}'`
    : `%${target.value}${target.part === undefined ? '' : `.${target.part}`}`;

function printBinding({ tensor, storage, width, reads, writes, window }: KernelBinding): string {
  const access = reads && writes ? 'read and written' : reads ? 'read' : 'written';
  const part = window ? ` from byte ${window.from}` : '';
  return `${printTarget(tensor)}${part}: ${width === 4 ? `vec4<${storage}>` : storage}, ${access}`;
}

const printScratch = ({ name, scalar, width, length }: ScratchArray): string =>
  `${name}: ${length} ${width === 4 ? `vec4<${scalar}>` : scalar} of scratch`;

function printStatements(list: readonly Statement[], indent: string): string[] {
  return list.flatMap((statement) => printStatement(statement, indent));
}

function printStatement(s: Statement, indent: string): string[] {
  const deeper = `${indent}  `;
  switch (s.kind) {
    case 'let':
    case 'var':
      return [`${indent}${s.kind} ${s.name}: ${printType(s.value.type)} = ${printExpression(s.value)}`];
    case 'assign':
      return [`${indent}${s.name} = ${printExpression(s.value)}`];
    case 'for': {
      const range = `${printExpression(s.from)} to ${printExpression(s.to)}`;
      const step = s.step === 1 ? '' : ` by ${s.step}`;
      return [`${indent}for ${s.variable} from ${range}${step}`, ...printStatements(s.body, deeper)];
    }
    case 'if':
      return [
        `${indent}if ${printExpression(s.condition)}`,
        ...printStatements(s.then, deeper),
        ...(s.else ? [`${indent}else`, ...printStatements(s.else, deeper)] : []),
      ];
    case 'store':
      return [`${indent}b${s.binding}[${printExpression(s.index)}] = ${printExpression(s.value)}`];
    case 'barrier':
      return [`${indent}barrier`];
    case 'scratch_store':
      return [`${indent}s${s.array}[${printExpression(s.index)}] = ${printExpression(s.value)}`];
    default:
      return s satisfies never;
  }
}

const printType = ({ scalar, lanes }: ValueType): string => (lanes === 4 ? `vec4<${scalar}>` : scalar);

const SYMBOLS: Partial<Record<string, string>> = {
  add: '+', sub: '-', mul: '*', div: '/', mod: '%', and: 'and', or: 'or',
  eq: '==', ne: '!=', lt: '<', le: '<=', gt: '>', ge: '>=',
}; // prettier-ignore

export function printExpression(e: Expression): string {
  switch (e.kind) {
    case 'literal':
      return e.type.scalar === 'bool' ? (e.value === 0 ? 'false' : 'true') : printNumber(e.value);
    case 'variable':
      return e.name;
    case 'batch':
      return 'B';
    case 'turn':
      return `turn${e.depth}`;
    case 'scalar':
      return `$${e.name}`;
    case 'load':
      return `b${e.binding}[${printExpression(e.index)}]`;
    case 'scratch_load':
      return `s${e.array}[${printExpression(e.index)}]`;
    case 'unary':
      return `${e.function}(${printExpression(e.operand)})`;
    case 'binary': {
      const symbol = SYMBOLS[e.function];
      const [left, right] = [e.left, e.right];
      if (symbol === undefined) return `${e.function}(${printExpression(left)}, ${printExpression(right)})`;
      return `${nested(left)} ${symbol} ${nested(right)}`;
    }
    case 'fma':
      return `fma(${[e.a, e.b, e.c].map(printExpression).join(', ')})`;
    case 'select':
      return `select(${[e.condition, e.whenTrue, e.whenFalse].map(printExpression).join(', ')})`;
    case 'cast':
      return `${e.type.scalar}(${printExpression(e.operand)})`;
    case 'splat':
      return `splat(${printExpression(e.operand)})`;
    case 'vector':
      return `[${e.lanes.map(printExpression).join(', ')}]`;
    case 'lane':
      return `${nested(e.operand)}.${e.lane}`;
    case 'random_bits':
      return `random_bits(${e.stream}, ${printExpression(e.element)})`;
    default:
      return e satisfies never;
  }
}

const nested = (e: Expression): string =>
  e.kind === 'binary' && SYMBOLS[e.function] !== undefined ? `(${printExpression(e)})` : printExpression(e);

function printNumber(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  return Object.is(value, -0) ? '-0' : String(value);
}
