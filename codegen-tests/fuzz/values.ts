/**
 * What a random program is made of. A program is a list of statements over leaves (weights, columns), each with the
 * shape and dtype of its values and a bound of their magnitude, so that whatever is drawn next stays tame. A value may
 * be batched: then its shape is that of one record, and the batch is an axis before it, of any size in evaluation.
 */
import type { Draw } from '../support/draws.ts';

export type ValueType = 'f32' | 'u32' | 'i32' | 'bool';

export interface Value {
  readonly name: string;
  /** Of one record where the value is batched. */
  readonly shape: readonly number[];
  readonly dtype: ValueType;
  /** Magnitudes stay about below this. */
  readonly bound: number;
  readonly batched: boolean;
}

/** A statement `name = text` or `(name, …) = text`; `model` is the declaration it needs. */
export interface Statement {
  readonly text: string;
  /** Names of the values that the text reads. */
  readonly uses: readonly string[];
  readonly model?: string;
  readonly values: readonly Value[];
}

interface MadeValue {
  readonly shape: readonly number[];
  /** f32 unless it is given. */
  readonly dtype?: ValueType;
  readonly bound?: number;
  /** Unless it is given: whether something used is. */
  readonly batched?: boolean;
}

/** What a row makes: the text with the names of values in it. `more`: a tuple's further values. */
export interface Made extends MadeValue {
  readonly text: string;
  readonly uses: readonly Value[];
  readonly model?: string;
  readonly more?: readonly MadeValue[];
}

export const LARGEST_BOUND = 4;

export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

export const sameShape = (a: readonly number[], b: readonly number[]): boolean => a.join() === b.join();

export const replaced = (shape: readonly number[], axis: number, size: number): number[] =>
  shape.map((old, index) => (index === axis ? size : old));

export const without = (shape: readonly number[], axis: number): number[] =>
  shape.filter((_, index) => index !== axis);

interface PoolOptions {
  readonly batch: number;
  /** Columns are whole batches, not their first records. */
  readonly batched: boolean;
  /** Sizes beyond a tile of any kernel. */
  readonly large: boolean;
}

/** The values at hand while a program is made. */
export class Pool {
  readonly draw: Draw;
  readonly batch: number;
  readonly batched: boolean;
  readonly large: boolean;
  readonly values: Value[] = [];
  readonly statements: Statement[] = [];
  readonly weights: Value[] = [];
  readonly columns: Value[] = [];

  constructor(draw: Draw, { batch, batched, large }: PoolOptions) {
    this.draw = draw;
    this.batch = batch;
    this.batched = batched;
    this.large = large;
  }

  /** An odd size, mostly small. */
  size(): number {
    if (this.large && this.draw.chance(0.5)) return this.draw.pick([17, 31, 64, 67, 127]);
    if (this.draw.chance(0.04)) return this.draw.pick([127, 31, 13]);
    return this.draw.pick([1, 3, 5, 5, 3, 4, 2, 7, 8]);
  }

  shape(rank: number, batched = false): number[] {
    const shape = Array.from({ length: rank }, () => this.size());
    return this.fits(shape, batched) ? shape : this.shape(rank, batched);
  }

  /** Whether a tensor is small enough. */
  fits(shape: readonly number[], batched = false): boolean {
    const records = batched ? this.batch : 1;
    return sizeOf(shape) * records <= (this.large ? 10_000 : 600) && shape.length + (batched ? 1 : 0) <= 5;
  }

  /** A new weight, in [-1, 1). */
  weight(shape: readonly number[], name = `w${this.weights.length}`): Value {
    return keep({ name, shape, dtype: 'f32', bound: 1, batched: false }, this.weights, this.values);
  }

  /** A new column: of records where the program is batched, else its first record. */
  column(shape: readonly number[], dtype: 'f32' | 'u32'): Value {
    const name = `${dtype === 'u32' ? 'i' : 'x'}${this.columns.length}`;
    const bound = dtype === 'u32' ? 8 : 1;
    return keep({ name, shape, dtype, bound, batched: this.batched }, this.columns, this.values);
  }

  /** A leaf of this shape in all, the batch counted. */
  leaf(full: readonly number[]): Value {
    return this.batched ? this.column(full.slice(1), 'f32') : this.weight(full);
  }

  /** A float of at least `rank` axes, the newer the likelier; made where there is none. */
  float(rank = 0, fits: (value: Value) => boolean = () => true): Value {
    return (
      this.pick((value) => value.dtype === 'f32' && value.shape.length >= rank && fits(value)) ??
      this.weight(this.shape(Math.max(rank, 1 + this.draw.below(3))))
    );
  }

  /** Whole numbers, with an axis at least where `rank` says so. */
  integer(rank = 0, fits: (value: Value) => boolean = () => true): Value {
    return (
      this.pick(
        (value) =>
          (value.dtype === 'u32' || value.dtype === 'i32') && value.shape.length >= rank && fits(value),
      ) ?? this.column(rank === 0 && this.batched ? [] : [this.draw.pick([1, 3, 5])], 'u32')
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

  /** Names made values; one that may grow too large is scaled down. */
  add(made: Made): readonly Value[] {
    const { text, uses, model, more = [] } = made;
    const first = `a${this.statements.length}`;
    const bound = made.bound ?? LARGEST_BOUND;
    const isScaled = (made.dtype ?? 'f32') === 'f32' && bound > LARGEST_BOUND && more.length === 0;
    const values = [made, ...more].map((value, index): Value => ({
      name: index === 0 ? first : `${first}_${index}`,
      shape: value.shape,
      dtype: value.dtype ?? 'f32',
      bound: Math.min(value.bound ?? LARGEST_BOUND, LARGEST_BOUND),
      batched: value.batched ?? uses.some(({ batched }) => batched),
    }));
    this.statements.push({
      text: isScaled ? `(${text}) * ${(LARGEST_BOUND / bound).toPrecision(2)}` : text,
      uses: uses.map(({ name }) => name),
      ...(model === undefined ? {} : { model }),
      values,
    });
    this.values.push(...values);
    return values;
  }
}

function keep(value: Value, ...lists: Value[][]): Value {
  for (const list of lists) list.push(value);
  return value;
}

/** A row of the table: one builtin, or one way of using it. */
export interface Row {
  /** The names of the language that it is about. */
  readonly of: readonly string[];
  /** It is about the records of a batch: gradients alone have none. */
  readonly ofBatches?: true;
  /** Undefined where what is at hand does not fit. */
  make(pool: Pool): Made | undefined;
}
