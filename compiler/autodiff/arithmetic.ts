/** The builder in the short words that formulas are written in. Operands have equal shapes and dtypes. */
import type { GraphBuilder } from '../graph/builder.ts';
import { binary, constantLike, unary, withNumber } from '../graph/convenience.ts';
import type { BinaryOp, UnaryOp } from '../graph/ir.ts';

export class Arithmetic {
  readonly b: GraphBuilder;

  constructor(b: GraphBuilder) {
    this.b = b;
  }

  /** f(x) for an element-wise primitive of one operand. */
  apply(op: UnaryOp, x: number): number {
    return unary(this.b, op, x);
  }

  neg(x: number): number {
    return unary(this.b, 'neg', x);
  }

  add(x: number, y: number): number {
    return binary(this.b, 'add', x, y);
  }

  sub(x: number, y: number): number {
    return binary(this.b, 'sub', x, y);
  }

  mul(x: number, y: number): number {
    return binary(this.b, 'mul', x, y);
  }

  div(x: number, y: number): number {
    return binary(this.b, 'div', x, y);
  }

  pow(x: number, y: number): number {
    return binary(this.b, 'pow', x, y);
  }

  square(x: number): number {
    return this.mul(x, x);
  }

  /** A number in the shape and dtype of x. */
  like(x: number, value: number): number {
    return constantLike(this.b, x, value);
  }

  scale(x: number, value: number): number {
    return withNumber(this.b, 'mul', x, value);
  }

  /** value - x */
  from(value: number, x: number): number {
    return this.sub(this.like(x, value), x);
  }

  /** value + x */
  plus(value: number, x: number): number {
    return this.add(this.like(x, value), x);
  }

  compare(op: Extract<BinaryOp, 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge'>, x: number, y: number): number {
    return binary(this.b, op, x, y);
  }

  select(condition: number, whenTrue: number, whenFalse: number): number {
    return this.b.add('select', [condition, whenTrue, whenFalse], {});
  }
}
