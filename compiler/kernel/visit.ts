/**
 * What statements and expressions are made of, and a walk over a kernel's expressions. In: statements. Out: each
 * expression once, before its operands. Expressions are shared between statements and within them, so a walk that
 * followed every use would meet the same ones many times.
 */
import type { Expression, Statement } from './ir.ts';

export function visitExpressions(body: readonly Statement[], visit: (e: Expression) => void): void {
  const seen = new Set<Expression>();
  const expression = (e: Expression): void => {
    if (seen.has(e)) return;
    seen.add(e);
    visit(e);
    for (const operand of operandsOf(e)) expression(operand);
  };
  const statements = (list: readonly Statement[]): void => {
    for (const s of list) {
      for (const e of expressionsOf(s)) expression(e);
      for (const inner of bodiesOf(s)) statements(inner);
    }
  };
  statements(body);
}

/** Directly in a statement, not in the bodies it holds. */
export function expressionsOf(s: Statement): readonly Expression[] {
  switch (s.kind) {
    case 'let':
    case 'var':
    case 'assign':
      return [s.value];
    case 'for':
      return [s.from, s.to];
    case 'if':
      return [s.condition];
    case 'store':
    case 'scratch_store':
      return [s.index, s.value];
    case 'barrier':
      return [];
    default:
      return s satisfies never;
  }
}

export function bodiesOf(s: Statement): readonly (readonly Statement[])[] {
  switch (s.kind) {
    case 'for':
      return [s.body];
    case 'if':
      return s.else ? [s.then, s.else] : [s.then];
    case 'let':
    case 'var':
    case 'assign':
    case 'store':
    case 'scratch_store':
    case 'barrier':
      return [];
    default:
      return s satisfies never;
  }
}

export function operandsOf(e: Expression): readonly Expression[] {
  switch (e.kind) {
    case 'literal':
    case 'variable':
    case 'batch':
    case 'turn':
    case 'scalar':
      return [];
    case 'load':
    case 'scratch_load':
      return [e.index];
    case 'unary':
    case 'cast':
    case 'splat':
    case 'lane':
      return [e.operand];
    case 'binary':
      return [e.left, e.right];
    case 'fma':
      return [e.a, e.b, e.c];
    case 'select':
      return [e.condition, e.whenTrue, e.whenFalse];
    case 'vector':
      return e.lanes;
    case 'random_bits':
      return [e.element];
    default:
      return e satisfies never;
  }
}
