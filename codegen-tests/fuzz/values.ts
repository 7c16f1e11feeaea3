/**
 * What a random program is made of. A program is a list of statements over leaves (weights, columns), each with the
 * shape and dtype of its value and a bound of its magnitude, so that whatever is drawn next stays tame.
 */
import type { Draw } from '../support/draws.ts';

export type ValueType = 'f32' | 'u32' | 'i32' | 'bool';

export interface Value {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: ValueType;
  /** Magnitudes stay about below this. */
  readonly bound: number;
}

/** A statement `name = text`; `models` are the declarations it needs. */
export interface Statement extends Value {
  readonly text: string;
  /** Names of the values that the text reads. */
  readonly uses: readonly string[];
  readonly model?: string;
}

/** What a row makes: the text with the names of values in it. */
export type Made = Omit<Statement, 'name' | 'bound'> & { readonly bound?: number };

export const LARGEST_BOUND = 4;
export const MOST_ELEMENTS = 700;

export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

export const sameShape = (a: readonly number[], b: readonly number[]): boolean => a.join() === b.join();

/** The values at hand while a program is made. */
export class Pool {
  readonly draw: Draw;
  readonly batch: number;
  readonly values: Value[] = [];
  readonly statements: Statement[] = [];
  readonly weights: Value[] = [];
  readonly columns: Value[] = [];

  constructor(draw: Draw, batch: number) {
    this.draw = draw;
    this.batch = batch;
  }

  /** An odd size, mostly small. */
  size(): number {
    return this.draw.chance(0.03) ? 127 : this.draw.pick([1, 3, 5, 5, 3, 4]);
  }

  shape(rank: number): number[] {
    const shape = Array.from({ length: rank }, () => this.size());
    return sizeOf(shape) <= MOST_ELEMENTS ? shape : this.shape(rank);
  }

  /** A new weight, in [-1, 1). */
  weight(shape: readonly number[]): Value {
    const value: Value = { name: `w${this.weights.length}`, shape, dtype: 'f32', bound: 1 };
    this.weights.push(value);
    this.values.push(value);
    return value;
  }

  /** The first record of a new column: the batch has any size in evaluation, so no shape goes by it. */
  column(shape: readonly number[], dtype: 'f32' | 'u32'): Value {
    const name = `${dtype === 'u32' ? 'i' : 'x'}${this.columns.length}`;
    const value: Value = { name, shape, dtype, bound: dtype === 'u32' ? 8 : 1 };
    this.columns.push(value);
    this.values.push(value);
    return value;
  }

  /** A value of at least `rank` axes, the newer the likelier; made where there is none. */
  float(rank = 0, fits: (value: Value) => boolean = () => true): Value {
    return (
      this.pick((value) => value.dtype === 'f32' && value.shape.length >= rank && fits(value)) ??
      this.weight(this.shape(Math.max(rank, 1 + this.draw.below(3))))
    );
  }

  integer(): Value {
    return (
      this.pick(({ dtype }) => dtype === 'u32' || dtype === 'i32') ??
      this.column([this.draw.pick([1, 3, 5])], 'u32')
    );
  }

  truth(): Value | undefined {
    return this.pick(({ dtype }) => dtype === 'bool');
  }

  pick(fits: (value: Value) => boolean): Value | undefined {
    const found = this.values.filter(fits);
    if (found.length === 0) return undefined;
    return this.draw.chance(0.6)
      ? found.at(-1 - this.draw.below(Math.min(2, found.length)))
      : this.draw.pick(found);
  }

  axis(value: Value): number {
    return this.draw.below(value.shape.length);
  }

  /** Names a made value; one that may grow too large is scaled down. */
  add(made: Made): Statement {
    const bound = made.bound ?? LARGEST_BOUND;
    const scale =
      made.dtype === 'f32' && bound > LARGEST_BOUND ? ` * ${(LARGEST_BOUND / bound).toPrecision(2)}` : '';
    const text = scale === '' ? made.text : `(${made.text})${scale}`;
    const statement: Statement = {
      ...made,
      name: `a${this.statements.length}`,
      text,
      bound: Math.min(bound, LARGEST_BOUND),
    };
    this.statements.push(statement);
    this.values.push(statement);
    return statement;
  }
}

/** A row of the table: one builtin, or one way of using it. */
export interface Row {
  /** The names of the language that it is about. */
  readonly of: readonly string[];
  /** Undefined where what is at hand does not fit. */
  make(pool: Pool): Made | undefined;
}
