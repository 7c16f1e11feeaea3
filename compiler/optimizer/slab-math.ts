/**
 * Element-wise arithmetic over one segment: numbers and scalars are broadcast to the segment's size.
 * In and out: values of one graph under construction.
 */
import type { GraphBuilder } from '../graph/builder.ts';
import type { BinaryOp } from '../graph/ir.ts';

export class SlabMath {
  readonly #builder: GraphBuilder;
  readonly #elements: number;

  constructor(builder: GraphBuilder, elements: number) {
    this.#builder = builder;
    this.#elements = elements;
  }

  /** A number, shape []. */
  number(value: number): number {
    return this.#builder.add('constant', [], { value }, { dtype: 'f32' });
  }

  add = (a: number, b: number): number => this.#binary('add', a, b);
  sub = (a: number, b: number): number => this.#binary('sub', a, b);
  mul = (a: number, b: number): number => this.#binary('mul', a, b);
  div = (a: number, b: number): number => this.#binary('div', a, b);
  min = (a: number, b: number): number => this.#binary('min', a, b);
  max = (a: number, b: number): number => this.#binary('max', a, b);
  sqrt = (a: number): number => this.#builder.add('sqrt', [a], {});
  sign = (a: number): number => this.#builder.add('sign', [a], {});

  /** Sum of squares of a segment, shape []. */
  squaredNorm(a: number): number {
    return this.#builder.add('reduce_sum', [this.mul(a, a)], { axes: [0] });
  }

  /** 1 inside the element ranges, 0 elsewhere. */
  mask(ranges: readonly (readonly [number, number])[]): number {
    const b = this.#builder;
    const index = b.add('iota', [], { axis: 0 }, { shape: [this.#elements], dtype: 'u32' });
    const bound = (value: number): number => this.wide(b.add('constant', [], { value }, { dtype: 'u32' }));
    let inside: number | undefined;
    for (const [start, end] of ranges) {
      let here: number | undefined = start === 0 ? undefined : b.add('ge', [index, bound(start)], {});
      if (end < this.#elements || here === undefined) {
        const below: number = b.add('lt', [index, bound(end)], {});
        here = here === undefined ? below : b.add('and', [here, below], {});
      }
      inside = inside === undefined ? here : b.add('or', [inside, here], {});
    }
    const [one, zero] = [this.wide(this.number(1)), this.wide(this.number(0))];
    return inside === undefined ? zero : b.add('select', [inside, one, zero], {});
  }

  /** A scalar in every element; a segment stays itself. */
  wide(value: number): number {
    if (this.#builder.type(value).shape.length > 0) return value;
    const one = this.#builder.add('reshape', [value], {}, { shape: [1] });
    return this.#builder.add('broadcast', [one], {}, { shape: [this.#elements] });
  }

  #binary(op: BinaryOp, a: number, b: number): number {
    const scalars = [a, b].every((v) => this.#builder.type(v).shape.length === 0);
    return this.#builder.add(op, scalars ? [a, b] : [this.wide(a), this.wide(b)], {});
  }
}
