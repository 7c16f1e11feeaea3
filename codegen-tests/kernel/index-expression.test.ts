/** Index arithmetic: what simplifies, what ranges show, and that every simplification keeps the value. */
import { describe, expect, it } from 'vitest';
import { BATCH } from '../../compiler/graph/dimension.ts';
import { isAtLeast, isBelow } from '../../compiler/kernel/index-bounds.ts';
import { minimum, quotient, remainder, substitute } from '../../compiler/kernel/index-division.ts';
import {
  ZERO,
  coefficientOf,
  constant,
  difference,
  fromDimension,
  indexVariable,
  isMultiple,
  product,
  scaled,
  sum,
  type Atom,
  type Index,
} from '../../compiler/kernel/index-expression.ts';
import { flatten, reshaped, unflatten } from '../../compiler/kernel/shapes.ts';
import { uniforms } from '../ops/sample.ts';

/** The value of an index; every variable counts as given, the batch as `B`. */
function evaluate(index: Index, values: ReadonlyMap<string, number>): number {
  return index.terms.reduce(
    (total, t) => total + t.atoms.reduce((p, atom) => p * evaluateAtom(atom, values), t.coefficient),
    index.constant,
  );
}

function evaluateAtom(atom: Atom, values: ReadonlyMap<string, number>): number {
  const at = (index: Index) => evaluate(index, values);
  switch (atom.kind) {
    case 'variable':
      return values.get(atom.name) ?? NaN;
    case 'batch':
      return values.get('B') ?? NaN;
    case 'quotient':
      return Math.floor(at(atom.dividend) / at(atom.divisor));
    case 'remainder':
      return at(atom.dividend) % at(atom.divisor);
    case 'minimum':
      return Math.min(at(atom.left) >>> 0, at(atom.right));
  }
}

const n = (value: number) => constant(value);
const x = indexVariable('x', n(24));
const lane = indexVariable('lane', n(4));
const B = fromDimension(BATCH, 128);

describe('simplification', () => {
  it('divides what is a multiple and drops what stays below the divisor', () => {
    const j = indexVariable('j', n(5));
    const position = sum(scaled(x, 5), j);
    expect(quotient(position, n(5)).key).toBe(x.key);
    expect(remainder(position, n(5)).key).toBe(j.key);
  });

  it('takes common factors out', () => {
    const wide = sum(scaled(x, 4), lane);
    expect(remainder(wide, n(12)).key).toBe(sum(scaled(remainder(x, n(3)), 4), lane).key);
    expect(quotient(wide, n(12)).key).toBe(quotient(x, n(3)).key);
  });

  it('joins quotients and remainders again', () => {
    const sizes = [n(2), n(3), n(4)];
    expect(flatten(unflatten(x, sizes), sizes).key).toBe(x.key);
    const dynamic = [B, n(3), fromDimension({ times: 1, plus: 2 }, 128)];
    const thread = indexVariable('t', dynamic.reduce(product));
    expect(flatten(unflatten(thread, dynamic), dynamic).key).toBe(thread.key);
  });

  it('leaves axes alone that a reshape does not touch', () => {
    const i = indexVariable('i', B);
    const [r, c] = [indexVariable('r', n(28)), indexVariable('c', n(28))];
    const [records, pixels] = reshaped([i, r, c], [B, n(28), n(28)], [B, n(784)]);
    expect(records?.key).toBe(i.key);
    expect(pixels?.key).toBe(sum(scaled(r, 28), c).key);
    const back = reshaped([records ?? ZERO, pixels ?? ZERO], [B, n(784)], [B, n(28), n(28)]);
    expect(back.map((index) => index.key)).toEqual([i.key, r.key, c.key]);
  });

  it('divides by the batch', () => {
    const [i, j] = [indexVariable('i', n(10)), indexVariable('j', B)];
    const position = sum(product(i, B), j);
    expect(quotient(position, B).key).toBe(i.key);
    expect(remainder(position, B).key).toBe(j.key);
  });

  it('clamps only what may lie outside', () => {
    expect(minimum(x, n(23)).key).toBe(x.key);
    expect(minimum(x, n(22)).key).not.toBe(x.key);
    expect(minimum(sum(x, n(-1)), n(23)).key).not.toBe(sum(x, n(-1)).key);
  });
});

describe('questions', () => {
  it('knows strides and multiples', () => {
    const position = sum(scaled(x, 8), lane, n(4));
    expect(coefficientOf(position, 'lane')).toBe(1);
    expect(coefficientOf(position, 'x')).toBe(8);
    expect(coefficientOf(quotient(position, n(3)), 'x')).toBeUndefined();
    expect(isMultiple(substitute(position, 'lane', ZERO), 4)).toBe(true);
    expect(isMultiple(position, 4)).toBe(false);
    expect([...remainder(position, n(7)).variables].sort()).toEqual(['lane', 'x']);
  });

  it('proves bounds with the batch as a symbol', () => {
    const i = indexVariable('i', B);
    expect(isBelow(i, B)).toBe(true);
    expect(isAtLeast(difference(sum(B, n(-1)), i), ZERO)).toBe(true);
    expect(isBelow(sum(i, n(1)), B)).toBe(false);
    expect(isBelow(quotient(sum(scaled(i, 3), n(2)), n(3)), B)).toBe(true);
  });
});

describe('random expressions', () => {
  interface Pair {
    readonly index: Index;
    /** The same by plain arithmetic, >= 0. */
    readonly plain: (values: ReadonlyMap<string, number>) => number;
  }
  const sizes: Readonly<Record<string, number>> = { p: 3, q: 8, r: 5 };

  function grow(next: (n: number) => number, depth: number): Pair {
    if (depth === 0) {
      const name = ['p', 'q', 'r', 'B'][next(4)] as string;
      const index = name === 'B' ? fromDimension(BATCH, 4) : indexVariable(name, n(sizes[name] as number));
      return { index, plain: (values) => values.get(name) as number };
    }
    const a = grow(next, depth - 1);
    const k = 1 + next(12);
    switch (next(6)) {
      case 0:
        return { index: quotient(a.index, n(k)), plain: (v) => Math.floor(a.plain(v) / k) };
      case 1:
        return { index: remainder(a.index, n(k)), plain: (v) => a.plain(v) % k };
      case 2:
        return { index: minimum(a.index, n(k)), plain: (v) => Math.min(a.plain(v), k) };
      case 3: {
        const offset = next(5);
        return { index: sum(scaled(a.index, k), n(offset)), plain: (v) => k * a.plain(v) + offset };
      }
      default: {
        const b = grow(next, depth - 1);
        const index = sum(scaled(a.index, k), b.index);
        return { index, plain: (v) => k * a.plain(v) + b.plain(v) };
      }
    }
  }

  it.each(Array.from({ length: 60 }, (_, i) => i))('keep their value, round %i', (round) => {
    const numbers = uniforms(300, 900 + round);
    let at = 0;
    const next = (limit: number) => Math.floor((numbers[at++ % 300] as number) * limit);
    const { index, plain } = grow(next, 4);
    let compared = 0;
    for (let p = 0; p < 3; p++) {
      for (let q = 0; q < 8; q++) {
        for (let r = 0; r < 5; r++) {
          for (const batch of [1, 3, 4]) {
            const values = new Map([['p', p], ['q', q], ['r', r], ['B', batch]]); // prettier-ignore
            expect(evaluate(index, values)).toBe(plain(values));
            compared++;
          }
        }
      }
    }
    expect(compared).toBe(360);
  });
});
